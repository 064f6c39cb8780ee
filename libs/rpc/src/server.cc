#include "bellwether/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "call_observer.h"

namespace bellwether::rpc {
namespace {

// Of each stream. A few full frames of readings.
constexpr int kReadAheadBytes = 256 << 10;
// With TLS. At the end of its age a connection takes no more calls; streams have the grace to end and go on elsewhere.
constexpr int kConnectionAgeMs = 30 * 60 * 1000;
constexpr int kConnectionGraceMs = 5 * 60 * 1000;

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services,
                                                      std::vector<std::string> names) {
  static std::once_flag plugins;
  std::call_once(plugins, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
  std::unique_ptr<ServerCertificate> certificate;
  if (options.tls.enabled()) {
    absl::StatusOr<std::unique_ptr<ServerCertificate>> loaded = ServerCertificate::Load(options.tls);
    if (!loaded.ok()) return loaded.status();
    certificate = *std::move(loaded);
  }
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(
      options.address, certificate != nullptr ? certificate->credentials() : grpc::InsecureServerCredentials(), &port);
  if (certificate != nullptr) {
    // A certificate is looked at when a connection begins: those of callers who lost their right must end some time.
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kConnectionAgeMs);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kConnectionGraceMs);
  }
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> observers;
  observers.push_back(MakeCallObserver());
  for (const std::string& name : names) MakeCallMetrics(name);
  builder.experimental().SetInterceptorCreators(std::move(observers));
  builder.SetMaxReceiveMessageSize(options.max_request_bytes);
  // A message's limit is of what it is once unpacked, which gRPC compares only afterwards: a small one could unpack to
  // more than the machine holds. Who sends one is told that the algorithm is disabled.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // A second server on the port is a mistake, not a helper.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30'000);
  // What a client may send ahead of what is read: else gRPC widens the window with the bandwidth, to many megabytes for
  // each stream that nobody reads.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kReadAheadBytes);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || port == 0)
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options.address, ": is another process on the port?"));
  auto result = std::unique_ptr<Server>(new Server(std::move(certificate), std::move(server), port, std::move(names)));
  result->SetServing(false);
  return result;
}

Server::Server(std::unique_ptr<ServerCertificate> certificate, std::unique_ptr<grpc::Server> server, int port,
               std::vector<std::string> names)
    : certificate_(std::move(certificate)), server_(std::move(server)), port_(port), names_(std::move(names)) {}

Server::~Server() = default;

void Server::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus("", serving);
  for (const std::string& name : names_) health->SetServingStatus(name, serving);
}

void Server::Shutdown(absl::Duration deadline) {
  SetServing(false);
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(deadline));
  server_->Wait();
}

}  // namespace bellwether::rpc
