// What ends a stream on which nothing comes.
#ifndef BELLWETHER_SERVICES_CLI_WATCHDOG_H_
#define BELLWETHER_SERVICES_CLI_WATCHDOG_H_

#include <grpcpp/grpcpp.h>

#include <thread>

#include "absl/time/time.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::cli {

// A stream may take as long as it goes on, so it has no deadline: it is cancelled once nothing was heard for
// `patience`, from the beginning on, until Rest. Thread-safe; outlived by the context.
class Watchdog {
 public:
  Watchdog(grpc::ClientContext& context, absl::Duration patience);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  // Something came: it has as long again.
  void Heard();
  // From now on it may be silent.
  void Rest();
  // Whether it was this that cancelled the stream.
  bool bit() const;

 private:
  void Watch(grpc::ClientContext& context);

  const absl::Duration patience_;
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  core::SteadyTime limit_ ABSL_GUARDED_BY(mutex_);
  bool resting_ ABSL_GUARDED_BY(mutex_) = false;
  bool bit_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_WATCHDOG_H_
