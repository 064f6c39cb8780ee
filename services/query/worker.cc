#include "services/query/worker.h"

#include <utility>

#include "absl/time/clock.h"

namespace bellwether::query {

Worker::Worker() : thread_([this] { Run(); }) {}

Worker::~Worker() {
  {
    const absl::MutexLock lock(&mutex_);
    stop_ = true;
    changed_.Signal();
  }
  thread_.join();
}

void Worker::PostAt(absl::Time when, std::function<void()> task) {
  const absl::MutexLock lock(&mutex_);
  const auto added = tasks_.emplace(when, std::move(task));
  if (added == tasks_.begin()) changed_.Signal();
}

void Worker::Run() {
  while (true) {
    std::function<void()> task;
    {
      const absl::MutexLock lock(&mutex_);
      while (!stop_ && (tasks_.empty() || tasks_.begin()->first > absl::Now())) {
        changed_.WaitWithDeadline(&mutex_, tasks_.empty() ? absl::InfiniteFuture() : tasks_.begin()->first);
      }
      if (stop_) return;
      task = std::move(tasks_.begin()->second);
      tasks_.erase(tasks_.begin());
    }
    task();
  }
}

}  // namespace bellwether::query
