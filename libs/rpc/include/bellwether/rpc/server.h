// The life of a gRPC server: limits, health, reflection, drain.
#ifndef BELLWETHER_RPC_SERVER_H_
#define BELLWETHER_RPC_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/core/limits.h"
#include "bellwether/rpc/tls.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace bellwether::rpc {

class ConnectionGate;
class PortWatch;

struct ServerOptions {
  std::string address = "127.0.0.1:0";  // Port 0: any.
  int max_request_bytes = 1 << 20;
  // Of all connections: what may have come in of messages that are not whole yet, of which no handler knows. Beyond it
  // gRPC cancels calls and ends connections, in no order.
  size_t max_buffered_bytes = core::limits::kBufferedBytes;
  TlsFiles tls{};                   // None: plaintext.
  bool demand_certificates = true;  // See ServerCertificate::Load.
  // Called once, from any thread, when the port has accepted nobody for about 15 s, or answered nobody for two minutes:
  // the process should end, and be started again. Never after Shutdown has returned.
  std::function<void()> on_deaf = [] {};
};

// Thread-safe.
class Server {
 public:
  // Begins to serve, with health NOT_SERVING for "" and each of `names` (such as "bellwether.v1.QueryService"). The
  // services must outlive it. Error: Unavailable if the address cannot be had, InvalidArgument for wrong TLS files.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services,
                                                       std::vector<std::string> names);
  ~Server();

  int port() const { return port_; }
  // Empty: the port answers those who connect. Else why the server is taken for deaf. Does not wait.
  std::string NotLiveReason() const;
  // What health says.
  void SetServing(bool serving);
  // Takes no more calls and waits for those under way; at the deadline they are cancelled. The services must by then
  // have told their streams to end. Call once.
  void Shutdown(absl::Duration deadline);

 private:
  explicit Server(std::vector<std::string> names);

  const std::vector<std::string> names_;
  int port_ = 0;
  std::unique_ptr<ServerCertificate> certificate_;  // Null: plaintext.
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ConnectionGate> gate_;
  std::unique_ptr<PortWatch> watch_;
};

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_SERVER_H_
