// One thread for what must not be done on the threads of gRPC or of the fold: waiting, timing, waking.
#ifndef BELLWETHER_SERVICES_QUERY_WORKER_H_
#define BELLWETHER_SERVICES_QUERY_WORKER_H_

#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::query {

// Thread-safe. Tasks run one at a time, in the order of their times; they must be quick: what takes its time belongs to
// Answering.
class Worker {
 public:
  Worker();
  // Tasks that are not due yet are dropped.
  ~Worker();

  void Post(std::function<void()> task) { PostAt(core::SteadyTime::InfinitePast(), std::move(task)); }
  void PostAt(core::SteadyTime when, std::function<void()> task);

 private:
  void Run();

  core::Mutex mutex_;
  core::CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::multimap<core::SteadyTime, std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_WORKER_H_
