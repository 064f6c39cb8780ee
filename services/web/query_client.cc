#include "services/web/query_client.h"

#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/client_error.h"
#include "bellwether/v1/access.pb.h"

namespace bellwether::web {
namespace {

// grpc.health.v1.HealthCheckResponse of SERVING, on the wire.
constexpr char kServing[] = "\x08\x01";

}  // namespace

absl::StatusOr<std::unique_ptr<QueryClient>> QueryClient::Make(const rpc::ClientTlsOptions& tls,
                                                               const std::string& address) {
  const auto credentials = rpc::ClientCredentials(tls, address);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  // Whoever waits for a page hears soon that there is none, and the page is back soon after the service is.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // One that is gone without a word is found out.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  // Over all the addresses that the name has.
  arguments.SetServiceConfigJSON(
      R"({"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 3,
      "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]})");
  return std::unique_ptr<QueryClient>(
      new QueryClient(address, grpc::CreateCustomChannel(address, *credentials, arguments)));
}

QueryClient::QueryClient(std::string address, std::shared_ptr<grpc::Channel> channel)
    : address_(std::move(address)), channel_(std::move(channel)), stub_(v1::QueryService::NewStub(channel_)) {}

ReaderCalls QueryClient::For(const std::optional<Reader>& reader) { return {this, reader}; }

ReaderCalls::ReaderCalls(QueryClient* client, const std::optional<Reader>& reader) : client_(client) {
  if (!reader.has_value()) return;
  v1::Reader said;
  said.set_name(reader->name);
  for (const std::string& group : reader->groups) said.add_groups(group);
  reader_ = said.SerializeAsString();
}

void ReaderCalls::Name(grpc::ClientContext* context) const {
  if (reader_.has_value()) context->AddMetadata("bellwether-reader-bin", *reader_);
}

std::unique_ptr<grpc::ClientContext> ReaderCalls::Context(absl::Duration patience) const {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(core::TimeOfDayAt(core::SteadyTime::Now() + patience)));
  Name(context.get());
  return context;
}

grpc::Status QueryClient::CallByBytes(const std::string& method, grpc::ClientContext* context,
                                      const std::string& request, std::string* response) {
  const grpc::Slice sent(request);
  const grpc::ByteBuffer bytes(&sent, 1);
  grpc::ByteBuffer answer;
  const grpc::internal::RpcMethod rpc(method.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel_.get(), rpc, context, bytes, &answer);
  std::vector<grpc::Slice> slices;
  if (status.ok() && answer.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices)
      response->append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return status;
}

grpc::Status ReaderCalls::CallByName(const std::string& method, const google::protobuf::Message& request,
                                     google::protobuf::Message* response) const {
  std::string answer;
  const grpc::Status status =
      client_->CallByBytes(method, Context(kPatience).get(), request.SerializeAsString(), &answer);
  if (!status.ok() || response->ParseFromString(answer)) return status;
  return {grpc::StatusCode::INTERNAL, "the answer cannot be read"};
}

std::string QueryClient::NotServing(bool names_readers) {
  // No messages of its own: Debian's gRPC ships none of the health service's. Nothing is asked by name: the whole
  // service.
  std::string answer;
  const auto failed = [this](const grpc::Status& status) {
    return absl::StrCat("query at ", address_, ": ", rpc::DescribeError(status).front());
  };
  if (const grpc::Status s =
          CallByBytes("/grpc.health.v1.Health/Check", For(std::nullopt).Context(absl::Seconds(1)).get(), "", &answer);
      !s.ok())
    return failed(s);
  if (answer != kServing) return absl::StrCat("query at ", address_, " is not ready");
  if (!names_readers) return "";
  // Whom nobody has signed in it need not let in, and this service's word it must take.
  v1::WhoAmIResponse who;
  const grpc::Status s = stub_->WhoAmI(For(Reader()).Context(absl::Seconds(1)).get(), {}, &who);
  // That readers without a name ask too often makes nobody unready.
  return s.ok() || s.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ? "" : failed(s);
}

}  // namespace bellwether::web
