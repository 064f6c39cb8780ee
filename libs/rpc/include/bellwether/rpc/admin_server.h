// The operator's port: HTTP with /livez, /readyz, /metrics and /log-level (GET; PUT changes it), and what else a
// service shows. Not for the public: it has neither TLS nor callers' names.
#ifndef BELLWETHER_RPC_ADMIN_SERVER_H_
#define BELLWETHER_RPC_ADMIN_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace bellwether::rpc {

// Serves from threads of its own.
class AdminServer {
 public:
  // `not_ready_reason` is asked at each /readyz: empty means ready (200), else it is the body of a 503. /livez is 200
  // while the process answers. Error: Unavailable if the address ("127.0.0.1:7411", port 0: any) cannot be had.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                            std::function<std::string()> not_ready_reason);
  ~AdminServer();

  // Shows the text that `body` gives at `path`. Before anybody can ask for it.
  void Show(const std::string& path, std::function<std::string()> body);
  int port() const;

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_ADMIN_SERVER_H_
