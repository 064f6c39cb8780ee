// The one thread that answers operators' questions about dead letters: they read topics, which takes its time.
#ifndef BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_DESK_H_
#define BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_DESK_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/mutex.h"
#include "services/ingestion/dead_letters.h"

namespace bellwether::ingestion {

// Thread-safe.
class DeadLetterDesk {
 public:
  using MakeSource = std::function<absl::StatusOr<std::unique_ptr<bus::RecordSource>>()>;
  // Gets a reader that is good for this one task, or why there is none: Unavailable.
  using Task = std::function<void(absl::StatusOr<DeadLetterReader*> reader)>;

  DeadLetterDesk(uint32_t epoch, std::string dead_letter_topic, std::string indicators_topic);
  ~DeadLetterDesk();

  uint32_t epoch() const { return epoch_; }
  // Null: there is no connection to the broker.
  void SetMakeSource(MakeSource make_source);
  // Runs tasks one after another. False: too many wait, and this one is not taken.
  // `cancelled`: whether nobody waits for the task any more; it is then left, also while it reads.
  bool Post(core::SteadyTime deadline, LetterCancelled cancelled, Task task);
  // The task under way ends at its next question to the broker; those that wait are dropped.
  void RequestStop();
  // The same, and waits for the task under way.
  void Stop();

 private:
  struct Waiting {
    core::SteadyTime deadline;
    LetterCancelled cancelled;
    Task task;
  };
  void Run();
  void Answer(const Waiting& waiting, const MakeSource& make_source) const;

  const uint32_t epoch_;
  const std::string dead_letter_topic_;
  const std::string indicators_topic_;
  core::Mutex mutex_;
  core::CondVar changed_;
  std::atomic<bool> stop_{false};
  MakeSource make_source_ ABSL_GUARDED_BY(mutex_);
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_DESK_H_
