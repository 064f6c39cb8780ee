#include "services/query/turns.h"

#include <utility>

#include "bellwether/core/mutex.h"

namespace bellwether::query {

Turns::Turns(int threads, Limits limits) : limits_(limits) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

bool Turns::Post(const std::string& caller, std::function<void()> task) {
  const core::MutexLock lock(mutex_);
  if (stop_) return true;  // Nobody waits for it any more.
  if (waiting_ >= limits_.waiting) return false;
  const auto found = tasks_.find(caller);
  if (found != tasks_.end() && found->second.size() >= limits_.waiting_of_caller) return false;
  std::deque<std::function<void()>>& own = found != tasks_.end() ? found->second : tasks_[caller];
  if (own.empty()) turn_.push_back(caller);
  own.push_back(std::move(task));
  ++waiting_;
  changed_.NotifyAll();
  return true;
}

void Turns::Stop() {
  std::map<std::string, std::deque<std::function<void()>>> dropped;  // Destroyed outside the lock: they may hold calls.
  {
    const core::MutexLock lock(mutex_);
    stop_ = true;
    dropped.swap(tasks_);
    turn_.clear();
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Turns::Run() {
  while (true) {
    std::function<void()> task;
    {
      const core::MutexLock lock(mutex_);
      const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || !turn_.empty(); };
      changed_.WaitUntil(mutex_, core::SteadyTime::InfiniteFuture(), something);
      if (stop_) return;
      const std::string caller = std::move(turn_.front());
      turn_.pop_front();
      const auto own = tasks_.find(caller);
      task = std::move(own->second.front());
      own->second.pop_front();
      --waiting_;
      if (own->second.empty()) {
        tasks_.erase(own);
      } else {
        turn_.push_back(caller);
      }
    }
    task();
  }
}

}  // namespace bellwether::query
