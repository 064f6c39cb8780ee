#include "services/cli/client.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/core/text.h"
#include "bellwether/rpc/client_error.h"

namespace bellwether::cli {
namespace {

std::shared_ptr<grpc::Channel> Connect(const std::string& address,
                                       const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  // Every write carries ids, so that both codes may be tried again (docs/integrating.md).
  arguments.SetServiceConfigJSON(
      R"({"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.2s",
      "maxBackoff": "2s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"]}}]})");
  arguments.SetInt("grpc.per_rpc_retry_buffer_size", 2 * core::limits::kRequestBytes);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Make(ClientOptions options) {
  const absl::StatusOr<Credentials> of_ingestion = rpc::ClientCredentials(options.tls, options.ingestion);
  if (!of_ingestion.ok()) return of_ingestion.status();
  const absl::StatusOr<Credentials> of_query = rpc::ClientCredentials(options.tls, options.query);
  if (!of_query.ok()) return of_query.status();
  return std::unique_ptr<Client>(new Client(std::move(options), *of_ingestion, *of_query));
}

void KeepNewer(const v1::Position& position, v1::Position* kept) {
  if (kept->epoch() == 0 || kept->offset() < position.offset()) *kept = position;
}

void Client::AwaitVisible(const std::string& council, const v1::Position& position, std::ostream& err) {
  if (position.epoch() == 0) return;
  v1::ListIndicatorsRequest request;
  request.set_council(council);
  request.set_page_size(1);
  *request.mutable_min_position() = position;
  v1::ListIndicatorsResponse response;
  const grpc::Status s = query().ListIndicators(Context().get(), request, &response);
  if (!s.ok())
    err << "bellwether: recorded; the report does not show it yet: " << rpc::DescribeError(s).front() << "\n";
}

v1::IngestionService::Stub& Client::ingestion() {
  if (!ingestion_) ingestion_ = v1::IngestionService::NewStub(Connect(options_.ingestion, of_ingestion_));
  return *ingestion_;
}

v1::QueryService::Stub& Client::query() {
  if (!query_) query_ = v1::QueryService::NewStub(Connect(options_.query, of_query_));
  return *query_;
}

std::unique_ptr<grpc::ClientContext> Client::Context() const {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(core::TimeOfDayAt(core::SteadyTime::Now() + patience())));
  return context;
}

grpc::Status Client::Silent(std::string_view what) const {
  return {grpc::StatusCode::DEADLINE_EXCEEDED,
          absl::StrCat(core::ToAbsl(what), " for ", options_.timeout_seconds, " s (--timeout)")};
}

ExitCode Client::Report(const grpc::Status& status, std::ostream& err) const {
  for (const std::string& line : rpc::DescribeError(status)) err << "bellwether: " << line << "\n";
  const bool unreachable = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                           status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (unreachable) {
    err << "bellwether: called ingestion at " << options_.ingestion << ", query at " << options_.query
        << " (--ingestion, --query; BELLWETHER_INGESTION, BELLWETHER_QUERY)\n";
  }
  return unreachable ? kUnreachable : kRefused;
}

}  // namespace bellwether::cli
