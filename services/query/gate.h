// Where calls wait, without a thread, until the view has reached the positions that they ask for.
#ifndef BELLWETHER_SERVICES_QUERY_GATE_H_
#define BELLWETHER_SERVICES_QUERY_GATE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/steady_time.h"
#include "services/query/view.h"
#include "services/query/worker.h"

namespace bellwether::query {

// Thread-safe. The view and the worker must outlive what waits: call EndAll, then destroy the worker first.
class Gate {
 public:
  enum class Passage { kReached, kTooLate, kViewDropped, kEnding, kCancelled };
  using Resume = std::function<void(Passage)>;

  // One that waits. Kept alive by the gate as long as it does.
  class Ticket {
   public:
    explicit Ticket(Resume resume) : resume_(std::move(resume)) {}
    // Resumes it, unless that was done already.
    void Settle(Passage passage) {
      if (!settled_.exchange(true)) resume_(passage);
    }
    bool settled() const { return settled_; }

   private:
    std::atomic<bool> settled_{false};
    const Resume resume_;
  };

  Gate(const View* view, Worker* worker) : view_(view), worker_(worker) {}

  // Resumes once: at once and on this thread where the view is there already, else on the worker's. To cancel, settle
  // the ticket. The positions are of the view's epoch and of partitions that it has.
  std::shared_ptr<Ticket> Wait(const std::vector<codec::Position>& positions, core::SteadyTime deadline, Resume resume);
  // The view has moved on.
  void Advanced();
  // What waits is resumed with kViewDropped: the log that its positions are of is gone. Who comes later waits anew.
  void ViewDropped();
  // Everything that waits, or will, is resumed with kEnding.
  void EndAll();

 private:
  struct Parked {
    std::vector<codec::Position> positions;
    std::shared_ptr<Ticket> ticket;
  };

  bool IsReached(const std::vector<codec::Position>& positions) const;
  void Check();

  const View* const view_;
  Worker* const worker_;
  std::atomic<bool> anyone_{false};
  std::atomic<bool> posted_{false};
  absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Parked> parked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_GATE_H_
