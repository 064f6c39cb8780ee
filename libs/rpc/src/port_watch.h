// Whether a port answers those who connect to it, asked again and again by the process that serves it.
#ifndef BELLWETHER_RPC_PORT_WATCH_H_
#define BELLWETHER_RPC_PORT_WATCH_H_

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "bellwether/core/mutex.h"

namespace bellwether::rpc {

// Connects to `address` and waits for the first bytes of an HTTP/2 server, or of a TLS server (whose handshake is not
// brought to its end: that may need a certificate). `before` is told the own end of the connection before it is made.
// Error: Unavailable, what went wrong.
absl::Status AskPort(const sockaddr_storage& address, socklen_t length, bool tls, std::chrono::milliseconds timeout,
                     const std::function<void(const sockaddr_storage& own)>& before);

struct PortPatience {
  std::chrono::milliseconds interval = std::chrono::seconds(3);  // Between an answer and the next question.
  std::chrono::milliseconds patience = std::chrono::seconds(15);
  // Where it is busy (DeadlineExceeded): it lets callers in, and they wait. To end it would be to help who keeps it
  // busy.
  std::chrono::milliseconds busy = std::chrono::minutes(2);
  int failures = 3;  // At least so many in a row: a process that was paused has not been deaf.
};

// Asks from a thread of its own. Thread-safe.
class PortWatch {
 public:
  // `on_deaf` is called once, with the reason, when nothing was answered for the length of the patience. `ask` fails
  // with DeadlineExceeded where the port is busy, with any other code where nobody can connect.
  PortWatch(std::function<absl::Status()> ask, PortPatience patience,
            std::function<void(const std::string& reason)> on_deaf);
  ~PortWatch();
  // Asks no more.
  void Stop();

  // Empty while it answers; else why it is taken for deaf. Does not wait.
  std::string NotLiveReason() const;

 private:
  void Run();

  const std::function<absl::Status()> ask_;
  const PortPatience patience_;
  const std::function<void(const std::string&)> on_deaf_;
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::string reason_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_PORT_WATCH_H_
