#include "services/query/worker.h"

#include <utility>

#include "bellwether/core/mutex.h"

namespace bellwether::query {

Worker::Worker() : thread_([this] { Run(); }) {}

Worker::~Worker() {
  {
    const core::MutexLock lock(mutex_);
    stop_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void Worker::PostAt(core::SteadyTime when, std::function<void()> task) {
  const core::MutexLock lock(mutex_);
  const auto added = tasks_.emplace(when, std::move(task));
  if (added == tasks_.begin()) changed_.NotifyAll();
}

void Worker::Run() {
  while (true) {
    std::function<void()> task;
    {
      const core::MutexLock lock(mutex_);
      while (!stop_ && (tasks_.empty() || !tasks_.begin()->first.over())) {
        const core::SteadyTime next = tasks_.empty() ? core::SteadyTime::InfiniteFuture() : tasks_.begin()->first;
        changed_.WaitUntil(mutex_, next, [this, next]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
          return stop_ || (!tasks_.empty() && tasks_.begin()->first < next);
        });
      }
      if (stop_) return;
      task = std::move(tasks_.begin()->second);
      tasks_.erase(tasks_.begin());
    }
    task();
  }
}

}  // namespace bellwether::query
