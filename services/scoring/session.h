// One membership of the scoring group: reads, folds, publishes, commits, in the order that the guarantee asks for.
#ifndef BELLWETHER_SERVICES_SCORING_SESSION_H_
#define BELLWETHER_SERVICES_SCORING_SESSION_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bellwether/bus/broker_watch.h"
#include "bellwether/bus/group_source.h"
#include "bellwether/bus/outstanding.h"
#include "bellwether/bus/sink.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/telemetry/metrics.h"
#include "services/scoring/fold.h"

namespace bellwether::scoring {

struct SessionOptions {
  std::string client_id = "bellwether-scoring";
  uint32_t epoch = 1;
  int32_t partitions = 1;  // Of the indicators topic.
  std::string indicators_topic;
  std::string scores_topic;
  std::string dead_letter_topic;
  absl::Duration commit_interval = absl::Milliseconds(500);
  absl::Duration revoke_timeout = absl::Seconds(10);     // How long a revoke waits for deliveries.
  size_t max_update_bytes = core::limits::kUpdateBytes;  // A larger update ends the session.
};

// What the session reads and writes through.
struct SessionPorts {
  // Makes the group source, with the listener given.
  std::function<absl::StatusOr<std::unique_ptr<bus::GroupSource>>(bus::GroupListener*)> make_group_source;
  std::unique_ptr<bus::RecordSink> sink;
  // Aborted: the brokers belong to another cluster than the session began with.
  std::function<absl::Status()> same_cluster = [] { return absl::OkStatus(); };
  // The end of each partition of the indicators topic, to know when the folds have caught up.
  std::function<absl::StatusOr<std::vector<int64_t>>(absl::Duration timeout)> end_offsets;
};

// One thread runs it; RequestStop and NotReadyReason may be called from any.
class Session : private bus::GroupListener {
 public:
  Session(SessionOptions options, SessionPorts ports);
  ~Session() override;

  // Reads until RequestStop or an error. OK: stopped, everything delivered is committed and the group left, as far as
  // the broker answered. Aborted: the producer or the cluster is gone for good: drop this session and begin another.
  // DataLoss: the log lacks what was read or committed, or is read from a broker that woke and does not know yet that
  // it no longer leads. Any other error: stop the service.
  absl::Status Run();
  // Run returns well before `by`, whatever the broker does.
  void RequestStop(core::SteadyTime by);

  // Empty: the broker answers, it has its partitions, and their folds reached the end of the log as it stood when they
  // came. Else why not.
  std::string NotReadyReason() const;
  // Whether its folds ever reached the end of the log. Once Run has returned.
  bool caught_up() const;

 private:
  // Where the deliveries of a partition's updates belong. It lives as long as the session.
  struct Lane {
    Session& session;
    uint64_t generation;
    int32_t partition;
  };

  // One partition that is ours.
  struct Owned {
    std::unique_ptr<PartitionFold> fold;
    int64_t silent_until = 0;  // Updates before this offset are published already.
    int64_t committed = 0;     // Next offset, as the broker has it.
    int64_t asked = 0;         // Next offset, as the broker was last asked to commit it; when it refused: as committed.
    std::optional<int64_t> caught_up_at;  // The end of the log, looked up after the partition came. Absent: not yet.
    bool behind = true;                   // The fold has not reached that.
    const Lane* lane = nullptr;
  };

  std::vector<bus::PartitionOffset> OnAssigned(const std::vector<bus::PartitionOffset>& committed) override;
  void OnRevoked() override;
  void OnLost() override;

  // The time that it took goes to the metrics.
  absl::Status Handle(const bus::ConsumedRecord& record);
  absl::Status Publish(const Lane& lane, const bus::ConsumedRecord& record, const Folded& folded);
  // Keeps the offset, and all after it, from being committed until one record that it led to is delivered.
  void MarkUndelivered(const Lane& lane, int64_t offset);
  // Waits for room in the queue; counts the record as outstanding until its delivery.
  absl::Status Produce(const Lane& lane, const bus::OutgoingRecord& record, int64_t offset);
  void OnDelivered(const Lane& lane, int64_t offset, const absl::StatusOr<bus::DeliveredAt>& at);
  // What may be committed: behind every update that is delivered, partition by partition, past what is committed, or
  // asked for, already.
  std::vector<bus::PartitionOffset> Committable(int64_t Owned::*already);
  void CommitIfDue(core::SteadyTime now);
  void TakeAnswer(uint64_t generation, const std::vector<bus::PartitionOffset>& asked, const absl::Status& answer);
  // Of partitions whose end is not known. DataLoss: it is below what is committed.
  absl::Status LookUpEnds(core::SteadyTime now, absl::Duration timeout);
  void NoteProgress(Owned& owned);
  void KeepFolds();
  // How long to wait for the broker: `usual`, or half of what is left where a stop was asked for.
  absl::Duration Patience(absl::Duration usual) const;
  bool stopping() const;
  uint64_t generation() const;  // Of the assignment.

  const SessionOptions options_;
  SessionPorts ports_;
  std::unique_ptr<bus::GroupSource> source_;
  bus::BrokerWatch watch_;
  std::map<int32_t, Owned> owned_;                          // Of the thread that runs.
  telemetry::Tally rating_seconds_;                         // The same.
  bus::OutgoingRecord update_;                              // The same: keeps its memory from record to record.
  std::deque<Lane> lanes_;                                  // The same; deliveries point into it.
  std::map<int32_t, std::unique_ptr<PartitionFold>> kept_;  // Folds of partitions that went to others.
  core::SteadyTime last_commit_;
  core::SteadyTime last_look_up_;

  mutable core::Mutex mutex_;
  core::CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  core::SteadyTime stop_by_ ABSL_GUARDED_BY(mutex_) = core::SteadyTime::InfiniteFuture();
  bool assigned_ ABSL_GUARDED_BY(mutex_) = false;
  bool caught_up_ ABSL_GUARDED_BY(mutex_) = false;
  int behind_ ABSL_GUARDED_BY(mutex_) = 0;  // Partitions that have not caught up.
  bus::Outstanding outstanding_ ABSL_GUARDED_BY(mutex_);
  uint64_t deliveries_ ABSL_GUARDED_BY(mutex_) = 0;      // Counts them, and failures.
  uint64_t enough_room_at_ ABSL_GUARDED_BY(mutex_) = 0;  // Of these, for whom the queue was too full.
  absl::Status delivery_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::scoring

#endif  // BELLWETHER_SERVICES_SCORING_SESSION_H_
