// Where records are read from: partitions chosen by the reader, from offsets chosen by the reader.
#ifndef BELLWETHER_BUS_SOURCE_H_
#define BELLWETHER_BUS_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/record.h"

namespace bellwether::bus {

// What a source answers when no more can be read from it. Trouble that passes (a broker down, a leader moving) is no
// error: Poll then just returns nothing, and the client connects again by itself.
// - DataLoss: the log does not hold the offset that is to be read. Names topic, partition, offset.
// - Aborted: the brokers now belong to another cluster. Drop everything and begin again.
// - NotFound: a topic or partition does not exist.
// - PermissionDenied: no right to read the topic or the group.
// - FailedPrecondition: the client is fenced, or had another fatal error.
// A record with an offset other than the next one is not reported here: the reader compares offsets itself.

// One thread owns a source and calls everything but the look-ups of offsets, which are safe from any thread.
class RecordSource {
 public:
  virtual ~RecordSource() = default;

  // Reads these partitions, each from `offset` on (0 or more; the next offset to be read). Replaces an earlier
  // assignment.
  virtual absl::Status Assign(const std::vector<PartitionOffset>& starts) = 0;

  // The next record, or nothing after `timeout` (0.2 s later while brokers are away). Records of one partition come in
  // the order of their offsets. After an error the source is spent: make another one.
  virtual absl::StatusOr<std::optional<ConsumedRecord>> Poll(absl::Duration timeout) = 0;

  // The offset that each partition's next record will get (0: empty), by partition number. Asks the broker; waits at
  // most for `timeout` in all. Unavailable or DeadlineExceeded when it does not answer, NotFound without such a topic.
  virtual absl::StatusOr<std::vector<int64_t>> EndOffsets(std::string_view topic, absl::Duration timeout) const = 0;
  // The same for one partition.
  virtual absl::StatusOr<int64_t> EndOffset(std::string_view topic, int32_t partition,
                                            absl::Duration timeout) const = 0;
  // The oldest offset that each partition still holds: 0, unless records were lost.
  virtual absl::StatusOr<std::vector<int64_t>> BeginningOffsets(std::string_view topic,
                                                                absl::Duration timeout) const = 0;

  // How many connections to brokers broke so far.
  virtual int64_t disconnects() const = 0;
};

// A source over Kafka (auto.offset.reset=error, no group, no commits).
absl::StatusOr<std::unique_ptr<RecordSource>> MakeKafkaSource(const ClientOptions& client);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SOURCE_H_
