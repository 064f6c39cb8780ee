#include "services/cli/watchdog.h"

namespace bellwether::cli {

Watchdog::Watchdog(grpc::ClientContext& context, absl::Duration patience)
    : patience_(patience), limit_(core::SteadyTime::Now() + patience), thread_([this, &context] { Watch(context); }) {}

Watchdog::~Watchdog() {
  Rest();
  thread_.join();
}

void Watchdog::Heard() {
  const core::MutexLock lock(mutex_);
  limit_ = core::SteadyTime::Now() + patience_;
}

void Watchdog::Rest() {
  const core::MutexLock lock(mutex_);
  resting_ = true;
  changed_.NotifyAll();
}

bool Watchdog::bit() const {
  const core::MutexLock lock(mutex_);
  return bit_;
}

void Watchdog::Watch(grpc::ClientContext& context) {
  const core::MutexLock lock(mutex_);
  while (!limit_.over()) {
    if (changed_.WaitUntil(mutex_, limit_, [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return resting_; })) return;
  }
  bit_ = true;
  context.TryCancel();
}

}  // namespace bellwether::cli
