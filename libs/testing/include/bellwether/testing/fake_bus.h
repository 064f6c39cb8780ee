// The bus in memory, for tests of what reads from it and writes to it: no broker, no sockets, no joining time.
#ifndef BELLWETHER_TESTING_FAKE_BUS_H_
#define BELLWETHER_TESTING_FAKE_BUS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bellwether/bus/group_source.h"
#include "bellwether/bus/record.h"
#include "bellwether/bus/sink.h"
#include "bellwether/bus/source.h"

namespace bellwether::testing {

// Thread-safe. It must outlive its sinks and sources.
class FakeBus {
 public:
  FakeBus();
  ~FakeBus();

  void CreateTopic(const std::string& name, int partitions);

  // Writes to these topics; delivers from a thread of its own, as the real one does.
  std::unique_ptr<bus::RecordSink> MakeSink();
  std::unique_ptr<bus::RecordSource> MakeSource();
  // Members of a group share the topic's partitions by range, and move when one joins or leaves: in their next Poll.
  std::unique_ptr<bus::GroupSource> MakeGroupSource(const bus::GroupOptions& options, bus::GroupListener* listener);

  // Stores a record at once, past all switches.
  bus::DeliveredAt Append(const bus::OutgoingRecord& record);
  // What a partition holds; and all partitions, one after another.
  std::vector<bus::ConsumedRecord> Records(const std::string& topic, int32_t partition) const;
  std::vector<bus::ConsumedRecord> Records(const std::string& topic) const;
  // The committed offset of a group, or -1.
  int64_t Committed(const std::string& group, int32_t partition) const;

  // --- Switches. All are off at first. ---

  // While on, records are neither stored nor reported; then in their order.
  void HoldDeliveries(bool hold);
  // While on, nothing of a group is answered: commits and leaving take as long as they are given.
  void SilenceGroups(bool silent);
  // While not OK, commits are refused with it; and how many were.
  void RefuseCommits(absl::Status status);
  int RefusedCommits() const;
  // While not OK, deliveries fail with it; `stored` says whether the record is stored all the same.
  void FailDeliveries(absl::Status status, bool stored = false);
  // While not OK, Produce answers this at once (ResourceExhausted: the queue is full).
  void RefuseRecords(absl::Status status);
  // All sources made so far end with it.
  void FailSources(absl::Status status);
  // All sinks made so far fail for good: FatalError, outstanding and later records alike.
  void FailSinks();

  // Leaves out the next `count` offsets of a partition: a hole.
  void SkipOffsets(const std::string& topic, int32_t partition, int64_t count);
  // Drops the oldest records, up to and without `offset`: retention.
  void DropBefore(const std::string& topic, int32_t partition, int64_t offset);
  // Empties all topics and groups under a new cluster id: sources made so far answer Aborted.
  void BecomeOtherCluster();
  // Takes the partitions from all members of a group and gives them anew; `lost` as after a session time-out.
  void Rebalance(const std::string& group, bool lost = false);

  // The time that records get. Starts at 2022-03-01 UTC and moves on a millisecond a record.
  void SetTime(absl::Time time);

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace bellwether::testing

#endif  // BELLWETHER_TESTING_FAKE_BUS_H_
