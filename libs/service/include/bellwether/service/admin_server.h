// The operator's port: HTTP with /livez, /readyz and /metrics; and, for callers of this machine alone, /log-level (GET;
// PUT changes it) and what else a service shows. Not for the public: it has neither TLS nor callers' names. But
// whatever callers do there, /livez answers and the service goes on.
#ifndef BELLWETHER_SERVICE_ADMIN_SERVER_H_
#define BELLWETHER_SERVICE_ADMIN_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace bellwether::service {

// What is shown. All functions are called from threads of the server's own.
struct AdminPages {
  // Asked at each /livez: empty means that it lives (200), else it is the body of a 503. Must not wait for anything.
  std::function<std::string()> not_live_reason = [] { return std::string(); };
  // Asked at each /readyz: empty means ready (200), else it is the body of a 503.
  std::function<std::string()> not_ready_reason = [] { return std::string(); };
  // Path and what gives the text. Given to one caller at a time: it may be large.
  std::vector<std::pair<std::string, std::function<std::string()>>> more;
};

class AdminServer {
 public:
  // Error: Unavailable if the address ("127.0.0.1:7411", port 0: any) cannot be had.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address, AdminPages pages);
  ~AdminServer();

  int port() const;

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bellwether::service

#endif  // BELLWETHER_SERVICE_ADMIN_SERVER_H_
