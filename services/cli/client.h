// The command line's side of the two APIs.
#ifndef BELLWETHER_SERVICES_CLI_CLIENT_H_
#define BELLWETHER_SERVICES_CLI_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/program/flags.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/v1/ingestion_service.grpc.pb.h"
#include "bellwether/v1/query_service.grpc.pb.h"

namespace bellwether::cli {

using program::ExitCode, program::kDone, program::kRefused, program::kUnreachable, program::kUsage;

struct ClientOptions {
  std::string ingestion = "127.0.0.1:7401";
  std::string query = "127.0.0.1:7402";
  rpc::ClientTlsOptions tls;
  int timeout_seconds = 30;  // Of one call; of a stream, without a word.
};

// Keeps the newer of two positions of one partition, such as all of a council are: what a read has to wait for.
void KeepNewer(const v1::Position& position, v1::Position* kept);

// Stubs and what every call shares. Connects when first used.
class Client {
 public:
  // Error: InvalidArgument, TLS files that are wrong, or an address off loopback without TLS.
  static absl::StatusOr<std::unique_ptr<Client>> Make(ClientOptions options);

  v1::IngestionService::Stub& ingestion();
  v1::QueryService::Stub& query();
  // A context with the deadline of one call.
  std::unique_ptr<grpc::ClientContext> Context() const;
  // How long a stream may be silent.
  absl::Duration patience() const { return absl::Seconds(options_.timeout_seconds); }
  // What a stream that was silent for longer ends with, instead of its own words.
  grpc::Status Silent(std::string_view what) const;
  // Hands each page of a list to `take` in order; what fails ends it.
  template <typename Request, typename Response, typename Take>
  grpc::Status EveryPage(grpc::Status (v1::QueryService::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                         Request request, const Take& take) {
    do {
      Response page;
      if (grpc::Status s = (query().*call)(Context().get(), request, &page); !s.ok()) return s;
      request.set_page_token(page.next_page_token());
      page.clear_next_page_token();
      take(page);
    } while (!request.page_token().empty());
    return grpc::Status::OK;
  }
  // Waits until the report shows what was written up to the position (epoch 0: nothing was), so that the next command
  // sees it. A note if it does not within the
  // time of one call: what is recorded is safe all the same.
  void AwaitVisible(const std::string& council, const v1::Position& position, std::ostream& err);
  // Tells people what went wrong, all of it, and which address was called. The exit code of the command.
  ExitCode Report(const grpc::Status& status, std::ostream& err) const;

 private:
  using Credentials = std::shared_ptr<grpc::ChannelCredentials>;
  Client(ClientOptions options, Credentials of_ingestion, Credentials of_query)
      : options_(std::move(options)), of_ingestion_(std::move(of_ingestion)), of_query_(std::move(of_query)) {}

  const ClientOptions options_;
  const Credentials of_ingestion_;
  const Credentials of_query_;
  std::unique_ptr<v1::IngestionService::Stub> ingestion_;
  std::unique_ptr<v1::QueryService::Stub> query_;
};

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_CLIENT_H_
