// Where calls wait, without a thread, until the view has reached the positions that they ask for.
#ifndef BELLWETHER_SERVICES_QUERY_GATE_H_
#define BELLWETHER_SERVICES_QUERY_GATE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "services/query/answering.h"
#include "services/query/view.h"
#include "services/query/worker.h"

namespace bellwether::query {

// Thread-safe. The view, the worker and the answering must outlive what waits: call EndAll, then stop the answering and
// destroy the worker first.
class Gate {
 public:
  enum class Passage { kReached, kTooLate, kViewDropped, kEnding, kCancelled };
  using Resume = std::function<void(Passage)>;

  // One that waits. Kept alive by the gate as long as it does.
  class Ticket {
   public:
    explicit Ticket(Resume resume) : resume_(std::move(resume)) {}
    // Resumes it, unless that was done already. What it was resumed with is then let go.
    void Settle(Passage passage) {
      if (settled_.exchange(true)) return;
      const Resume resume = std::move(resume_);
      resume(passage);
    }
    bool settled() const { return settled_; }

   private:
    std::atomic<bool> settled_{false};
    Resume resume_;  // Of who settles it.
  };

  Gate(const View* view, Worker* worker, Answering* answering) : view_(view), worker_(worker), answering_(answering) {}

  // Resumes once: at once and on this thread where the view is there already, else on one where an answer may be begun.
  // To cancel, settle the ticket. The positions are of the view's epoch and of partitions that it has.
  std::shared_ptr<Ticket> Wait(const std::vector<codec::Position>& positions, core::SteadyTime deadline, Resume resume);
  // The view has moved on.
  void Advanced();
  // What waits is resumed with kViewDropped: the log that its positions are of is gone. Who comes later waits anew.
  void ViewDropped();
  // Everything that waits, or will, is resumed with kEnding.
  void EndAll();
  // How many wait, of whom it is known. For tests.
  size_t parked() const;

 private:
  // The highest offset of each partition that is asked for, however many positions a call names.
  using Wanted = std::map<int32_t, int64_t>;
  struct Parked {
    Wanted wanted;
    std::shared_ptr<Ticket> ticket;
  };
  using ParkedCalls = std::multimap<core::SteadyTime, Parked>;  // By deadline.

  static bool Reaches(const std::vector<int64_t>& next, const Wanted& wanted);
  void Check();
  // Has the worker look when the first deadline is over.
  void Arm() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const View* const view_;
  Worker* const worker_;
  Answering* const answering_;
  std::atomic<bool> anyone_{false};
  std::atomic<bool> posted_{false};
  mutable core::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  ParkedCalls parked_ ABSL_GUARDED_BY(mutex_);
  size_t sweep_at_ ABSL_GUARDED_BY(mutex_) = 0;  // So many, and those that are settled are forgotten.
  core::SteadyTime armed_ ABSL_GUARDED_BY(mutex_) = core::SteadyTime::InfiniteFuture();
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_GATE_H_
