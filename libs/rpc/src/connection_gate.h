// Takes the connections of a gRPC server in its place. gRPC 1.51.1 never accepts again once an accept has failed, such
// as for want of descriptors (CVE-2023-4785), and has no limit on connections. Here an accept that failed is tried
// again, and neither one caller nor all of them can have every descriptor.
#ifndef BELLWETHER_RPC_CONNECTION_GATE_H_
#define BELLWETHER_RPC_CONNECTION_GATE_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rpc/listen.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::rpc {

struct GateLimits {
  int connections;             // In all.
  int connections_an_address;  // An address is one of IPv4, or a /64 of IPv6.
};

// What fits the descriptors that the process may open: a third of them, at most 4,000 (about 20 KB of memory each), of
// which one address has at most three quarters.
GateLimits DefaultGateLimits();

// Thread-safe.
class ConnectionGate {
 public:
  // `take` becomes the owner of a connection; it is called from the gate's thread.
  ConnectionGate(Listening listening, GateLimits limits, std::function<void(int listening, int connection)> take);
  ~ConnectionGate();

  // Listens no more; connections that were taken stay.
  void Stop();
  // A connection from this address and port is taken whatever the limits say: the server's own question to itself.
  void Expect(const sockaddr_storage& own);
  // Whether the connection that was expected last was taken, or one before it is being handed over: the port is busy
  // then, and not deaf. (gRPC does other work, too, on the thread that hands it a connection.)
  bool IsAtWork();

 private:
  // Whose connection it is, and by what to see whether it is still the same.
  struct Open {
    std::string address;
    dev_t device;
    ino_t inode;
  };

  void Run();
  // False: no descriptor, or no memory. Tried again after a pause.
  bool AcceptAll(int listening);
  bool Refuses(const std::string& address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsFull(const std::string& address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetClosed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(std::map<int, Open>::iterator open) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Complain(const std::string& what);

  Listening listening_;
  const GateLimits limits_;
  const std::function<void(int, int)> take_;
  OwnedFd wake_;
  std::chrono::steady_clock::time_point complained_{};  // The gate's thread alone.

  core::Mutex mutex_;
  std::map<int, Open> open_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> open_of_ ABSL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point forgot_ ABSL_GUARDED_BY(mutex_){};
  sockaddr_storage own_ ABSL_GUARDED_BY(mutex_){};
  bool took_own_ ABSL_GUARDED_BY(mutex_) = false;
  bool handing_over_ ABSL_GUARDED_BY(mutex_) = false;

  prometheus::Counter& refused_;
  prometheus::Counter& failures_;
  std::thread thread_;
  telemetry::Scraped connections_;
};

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_CONNECTION_GATE_H_
