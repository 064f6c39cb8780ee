// Where records are read from by a group of instances that share a topic's partitions among them.
#ifndef BELLWETHER_BUS_GROUP_SOURCE_H_
#define BELLWETHER_BUS_GROUP_SOURCE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/record.h"

namespace bellwether::bus {

// The owner of a group source. Called from inside Poll and Close, on the thread that called them.
class GroupListener {
 public:
  virtual ~GroupListener() = default;

  // These partitions (maybe none) are this instance's from now on, and are all that it has. `committed` is the next
  // offset to be handled, or -1 where none was ever committed. Returns where to start reading, for each of them: 0 to
  // fold the partition anew, or where a kept fold stands.
  virtual std::vector<PartitionOffset> OnAssigned(const std::vector<PartitionOffset>& committed) = 0;

  // All partitions go to other members after this returns. What was delivered may still be committed (CommitNow).
  virtual void OnRevoked() = 0;

  // All partitions went to other members already (the session timed out): commit nothing.
  virtual void OnLost() = 0;
};

// One thread owns a group source and calls everything but Commit, which is safe from any thread.
class GroupSource {
 public:
  // As Close, within two seconds, if that was not called.
  virtual ~GroupSource() = default;

  // As RecordSource::Poll, and with the same errors; Unavailable in addition when the committed offsets could not be
  // read on assignment. Call it at least every five minutes or the group goes on without this instance.
  virtual absl::StatusOr<std::optional<ConsumedRecord>> Poll(absl::Duration timeout) = 0;

  // All headers of the record that Poll gave last, whatever ClientOptions::headers says.
  virtual Headers AllHeaders() const = 0;

  // Commits, for each partition, the next offset to be handled: everything before it is done. Does not wait; `done`
  // (may be empty) is called once: from a later Poll, from Close or the destructor, or, when the client refuses it, at
  // once. A commit that is lost is harmless: the work is done again.
  virtual void Commit(const std::vector<PartitionOffset>& next, std::function<void(absl::Status)> done) = 0;

  // Commits and waits for the answer, for the way out: OnRevoked and before Close. DeadlineExceeded: it did not come
  // within `timeout`, and the commit may still arrive, or not.
  virtual absl::Status CommitNow(const std::vector<PartitionOffset>& next, absl::Duration timeout) = 0;

  // Leaves the group, so that the others need not wait for a time-out. Calls OnRevoked or OnLost if there were
  // partitions. Nothing else may be called afterwards. DeadlineExceeded: the broker did not answer within `timeout`,
  // or in what the listener took where that is longer: the others wait for the time-out.
  virtual absl::Status Close(absl::Duration timeout) = 0;

  // Asks the broker anything: OK if it answered in time.
  virtual absl::Status Ask(absl::Duration timeout) const = 0;

  // How many connections to brokers broke so far. Safe from any thread.
  virtual int64_t disconnects() const = 0;
};

struct GroupOptions {
  std::string group;  // "bellwether.scoring.e1.r1"
  std::string topic;
  // With a name that outlives a restart, the group keeps this instance's partitions for it (static membership). Empty:
  // none.
  std::string instance_id{};
  // Cluster::id() of the cluster whose log is read. It is kept beside each commit, and a commit of another cluster
  // counts as none: one that was under way when the brokers were replaced may still arrive. Empty: not compared.
  std::string cluster_id{};
};

// A member of a Kafka consumer group (range assignor, nothing committed by itself, auto.offset.reset=error). The
// listener must outlive it.
absl::StatusOr<std::unique_ptr<GroupSource>> MakeKafkaGroupSource(const ClientOptions& client,
                                                                  const GroupOptions& options, GroupListener* listener);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_GROUP_SOURCE_H_
