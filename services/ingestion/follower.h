// Follows the log for its definitions.
#ifndef BELLWETHER_SERVICES_INGESTION_FOLLOWER_H_
#define BELLWETHER_SERVICES_INGESTION_FOLLOWER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/cursor.h"
#include "bellwether/bus/record.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "services/ingestion/definitions.h"

namespace bellwether::ingestion {

// Reads every partition of the indicators topic from its beginning and keeps the definitions. It outlives the sources
// that it is run with: waiters wait over a change of source, up to their deadlines.
class Follower {
 public:
  // `definitions` must outlive it.
  Follower(std::string topic, Definitions* definitions);
  // Answers who still waits with Unavailable.
  ~Follower();

  // Whether the broker that answers now is of the cluster that was begun with: OK, Aborted if not, else not known.
  using SameCluster = std::function<absl::Status(absl::Duration timeout)>;

  // Begins anew at the beginning of `source`, which has `partitions` of them. Then call Step again and again, all from
  // one thread. What was read before must be there still (Step: DataLoss), unless ForgetWhatWasRead was called. Error:
  // what the source says.
  absl::Status Begin(bus::RecordSource& source, int partitions, SameCluster same_cluster);
  // The log is another one now.
  void ForgetWhatWasRead() { cursor_.Forget(); }
  // Reads for a moment, and answers waiters. Error: what the source says (bus/source.h), Aborted if the log is another
  // one now, or DataLoss where an offset is missing in it.
  absl::Status Step(bus::RecordSource& source);
  // Instead of Step while there is no source: answers waiters whose deadline is over.
  void StepWithoutSource();
  // Answers whoever still waits: the service is ending. Once no thread steps any more.
  void EndWaiters();

  // Asks for the definitions up to the end of the log as it stands now. `done` is called once, from the thread that
  // steps (or, with Unavailable, from the destructor): OK once they are there, Unavailable at the deadline.
  // Thread-safe.
  void WaitForEnd(core::SteadyTime deadline, std::function<void(absl::Status)> done);

  // Whether it has read up to the end as it stood when it began. Thread-safe.
  bool caught_up() const { return caught_up_.load(); }

 private:
  struct Waiter {
    core::SteadyTime deadline;
    std::function<void(absl::Status)> done;
    std::vector<int64_t> until;  // Empty: the end is not known yet.
  };
  absl::Status Take(const bus::ConsumedRecord& record);
  // Asks where the end is, for the waiters that do not know it. Aborted: it is the end of another log.
  absl::Status LookUpEnd(bus::RecordSource& source);
  // The end that `source` tells, if it is that of the log that is read.
  absl::StatusOr<std::vector<int64_t>> EndOfSameLog(bus::RecordSource& source, absl::Duration time);
  void AnswerWaiters();

  const std::string topic_;
  Definitions* const definitions_;
  bus::Cursor cursor_;  // Only the stepping thread.
  SameCluster same_cluster_;
  std::vector<int64_t> first_end_;  // The end as it stood at Begin; empty until it is known.
  std::atomic<bool> caught_up_{false};
  core::Mutex mutex_;
  std::vector<Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_FOLLOWER_H_
