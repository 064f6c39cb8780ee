#include "last_resort.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <iostream>
#include <utility>

#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::service {

LastResort::LastResort(absl::Duration limit, std::function<void()> end)
    : thread_([this, by = core::SteadyTime::Now() + limit, end = std::move(end)] {
        const core::MutexLock lock(mutex_);
        const auto in_time = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return in_time_; };
        if (!changed_.WaitUntil(mutex_, by, in_time)) end();
      }) {}

LastResort::~LastResort() {
  {
    const core::MutexLock lock(mutex_);
    in_time_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void EndProcess(int code) {
  spdlog::default_logger()->flush();
  std::cout.flush();
  _exit(code);
}

}  // namespace bellwether::service
