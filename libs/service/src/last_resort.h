// The end of a process whose end does not come.
#ifndef BELLWETHER_SERVICE_LAST_RESORT_H_
#define BELLWETHER_SERVICE_LAST_RESORT_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "bellwether/core/mutex.h"

namespace bellwether::service {

// While it lives: after `limit` it calls `end`, from a thread of its own. In a service that ends the process, with the
// log written and no more: nothing that was acknowledged is lost by it, since no offset is committed before what it
// stands for is delivered.
class LastResort {
 public:
  LastResort(absl::Duration limit, std::function<void()> end);
  ~LastResort();

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  bool in_time_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Writes the log and standard output out, and ends the process here and now: no destructor runs.
[[noreturn]] void EndProcess(int code);

}  // namespace bellwether::service

#endif  // BELLWETHER_SERVICE_LAST_RESORT_H_
