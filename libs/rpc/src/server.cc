#include "bellwether/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <mutex>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/listen.h"
#include "call_observer.h"
#include "connection_gate.h"
#include "grpc/health/v1/health.pb.h"
#include "port_watch.h"

namespace bellwether::rpc {
namespace {

// Of each stream. A few full frames of readings.
constexpr int kReadAheadBytes = 256 << 10;
// At the end of its age a connection takes no more calls; streams have the grace to end and go on elsewhere. A
// certificate is looked at when a connection begins, so those of callers who lost their right must end some time; and
// so must those that never end what they have begun to say.
constexpr int kConnectionAgeMs = 30 * 60 * 1000;
constexpr int kConnectionGraceMs = 5 * 60 * 1000;
// Until a connection must have said how it speaks: the handshake of TLS, the preface and the settings of HTTP/2.
constexpr int kHandshakeMs = 10 * 1000;
// A connection on which nobody calls is ended; a client that calls again makes another one.
constexpr int kIdleMs = 5 * 60 * 1000;
constexpr int kKeepaliveTimeoutMs = 20 * 1000;
constexpr std::chrono::seconds kAskTimeout(5);

// As gRPC does: 0.0.0.0 takes IPv6 as well, where there is any.
absl::StatusOr<Listening> ListenOnEvery(const std::string& address) {
  constexpr std::string_view kEvery = "0.0.0.0:";
  if (address.compare(0, kEvery.size(), kEvery) != 0) return ListenOn(address);
  absl::StatusOr<Listening> both = ListenOn(absl::StrCat("[::]:", address.substr(kEvery.size())));
  return both.ok() ? std::move(both) : ListenOn(address);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services,
                                                      std::vector<std::string> names) {
  static std::once_flag plugins;
  std::call_once(plugins, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    (void)::grpc::health::v1::HealthCheckRequest::descriptor();  // Named, it is linked, and reflection knows it.
  });
  std::unique_ptr<Server> result(new Server(std::move(names)));
  const bool tls = options.tls.enabled();
  if (tls) {
    absl::StatusOr<std::unique_ptr<ServerCertificate>> loaded =
        ServerCertificate::Load(options.tls, options.demand_certificates);
    if (!loaded.ok()) return loaded.status();
    result->certificate_ = *std::move(loaded);
  }
  absl::StatusOr<Listening> listening = ListenOnEvery(options.address);
  if (!listening.ok()) return listening.status();
  result->port_ = listening->port;
  for (const OwnedFd& socket : listening->sockets) {  // As gRPC does; connections inherit it.
    setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kKeepaliveTimeoutMs, sizeof(kKeepaliveTimeoutMs));
  }
  socklen_t length = 0;
  const absl::StatusOr<sockaddr_storage> own = ReachableAt(listening->sockets.front().get(), &length);
  if (!own.ok()) return own.status();
  grpc::ServerBuilder builder;
  std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
          tls ? result->certificate_->credentials() : grpc::InsecureServerCredentials());
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kConnectionAgeMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kConnectionGraceMs);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMs);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> observers;
  observers.push_back(MakeCallObserver());
  for (const std::string& name : result->names_) MakeCallMetrics(name);
  builder.experimental().SetInterceptorCreators(std::move(observers));
  builder.SetMaxReceiveMessageSize(options.max_request_bytes);
  // A message's limit is of what it is once unpacked, which gRPC compares only afterwards: a small one could unpack to
  // more than the machine holds. Who sends one is told that the algorithm is disabled.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30'000);
  // What a client may send ahead of what is read: else gRPC widens the window with the bandwidth, to many megabytes for
  // each stream that nobody reads.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kReadAheadBytes);
  // Clients that keep to it make further connections, or wait. What comes on one all the same, and from many together,
  // is counted when it comes (slots.h).
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, core::limits::kCallsOfConnection);
  builder.SetResourceQuota(grpc::ResourceQuota("bellwether").Resize(options.max_buffered_bytes));
  for (grpc::Service* service : services) builder.RegisterService(service);
  result->server_ = builder.BuildAndStart();
  if (!result->server_) return absl::UnavailableError(absl::StrCat("cannot serve on ", options.address));
  result->SetServing(false);
  result->gate_ = std::make_unique<ConnectionGate>(
      *std::move(listening), DefaultGateLimits(), [acceptor](int socket, int connection) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters taken;
        taken.listener_fd = socket;
        taken.fd = connection;
        acceptor->HandleNewConnection(&taken);
      });
  result->watch_ = std::make_unique<PortWatch>(
      [gate = result->gate_.get(), own = *own, length, tls] {
        gate->Expect({});  // Where there is no descriptor to ask with, nothing comes.
        const absl::Status s =
            AskPort(own, length, tls, kAskTimeout, [gate](const sockaddr_storage& end) { gate->Expect(end); });
        return !s.ok() && gate->IsAtWork() ? absl::DeadlineExceededError(s.message()) : s;
      },
      PortPatience(),
      [on_deaf = options.on_deaf, port = result->port_](const std::string& reason) {
        spdlog::error("nobody can call: port {} is served, but {}; the process should be started again", port, reason);
        on_deaf();
      });
  return result;
}

Server::Server(std::vector<std::string> names) : names_(std::move(names)) {}

Server::~Server() = default;

std::string Server::NotLiveReason() const {
  const std::string reason = watch_->NotLiveReason();
  return reason.empty() ? reason : absl::StrCat("nobody can call port ", port_, ": ", reason);
}

void Server::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus("", serving);
  for (const std::string& name : names_) health->SetServingStatus(name, serving);
}

void Server::Shutdown(absl::Duration deadline) {
  SetServing(false);
  watch_->Stop();
  gate_->Stop();
  server_->Shutdown(absl::ToChronoTime(core::TimeOfDayAt(core::SteadyTime::Now() + deadline)));
  server_->Wait();
}

}  // namespace bellwether::rpc
