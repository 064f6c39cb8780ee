// Threads for work that must not hold up others: those who ask take turns.
#ifndef BELLWETHER_SERVICES_QUERY_TURNS_H_
#define BELLWETHER_SERVICES_QUERY_TURNS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "bellwether/core/mutex.h"

namespace bellwether::query {

// Thread-safe. Of each caller the tasks run in their order, and between callers one after another: who has a hundred
// waits longer than who has one.
class Turns {
 public:
  struct Limits {
    size_t waiting = std::numeric_limits<size_t>::max();            // Tasks in all.
    size_t waiting_of_caller = std::numeric_limits<size_t>::max();  // And of one caller.
  };
  explicit Turns(int threads) : Turns(threads, Limits()) {}
  Turns(int threads, Limits limits);
  ~Turns() { Stop(); }

  // False: too many wait, and the task is not taken.
  [[nodiscard]] bool Post(const std::string& caller, std::function<void()> task);
  // Waits for the tasks under way; those that wait are dropped, and so are those that come.
  void Stop();

 private:
  void Run();

  const Limits limits_;
  core::Mutex mutex_;
  core::CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::deque<std::function<void()>>> tasks_ ABSL_GUARDED_BY(mutex_);  // Of who waits.
  std::deque<std::string> turn_ ABSL_GUARDED_BY(mutex_);  // Who waits, the next first.
  std::vector<std::thread> threads_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_TURNS_H_
