#include "last_resort.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <iostream>
#include <utility>

#include "bellwether/core/steady_time.h"

namespace bellwether::rpc {

LastResort::LastResort(absl::Duration limit, std::function<void()> end)
    : thread_([this, by = core::SteadyTime::Now() + limit, end = std::move(end)] {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!core::WaitUntil(changed_, lock, by, [this] { return in_time_; })) end();
      }) {}

LastResort::~LastResort() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    in_time_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void EndProcess(int code) {
  spdlog::default_logger()->flush();
  std::cout.flush();
  _exit(code);
}

}  // namespace bellwether::rpc
