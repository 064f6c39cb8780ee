// What travels over the bus: a keyed record of a topic's partition, as bytes.
#ifndef BELLWETHER_BUS_RECORD_H_
#define BELLWETHER_BUS_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace bellwether::bus {

// Headers keep their order; a name may stand more than once. A null value of the wire reads as empty.
struct Header {
  std::string name;
  std::string value;

  friend bool operator==(const Header&, const Header&) = default;
};
using Headers = std::vector<Header>;

// The value of the last header of that name, as Kafka's own clients read them; absent when there is none.
// The view lives as long as `headers`.
std::optional<std::string_view> FindHeader(const Headers& headers, std::string_view name);

// A place in a partition. Which place `offset` is, is said where it is used.
struct PartitionOffset {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;

  friend bool operator==(const PartitionOffset&, const PartitionOffset&) = default;
};

// The partition is chosen by the key, as PartitionOfKey says.
inline constexpr int32_t kPartitionByKey = -1;

// A record to be written.
struct OutgoingRecord {
  std::string topic;
  int32_t partition = kPartitionByKey;
  std::string key;
  std::string value;
  Headers headers{};
};

// A record as it was read.
struct ConsumedRecord {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  std::optional<std::string> key;    // Absent: a null key, which nothing of ours writes.
  std::optional<std::string> value;  // Absent: a null value (a tombstone), which nothing of ours writes.
  Headers headers{};
  // The broker's time of appending (message.timestamp.type=LogAppendTime), or the producer's where the topic or the
  // embedded broker keeps that. Milliseconds. InfinitePast where the record has none.
  absl::Time timestamp = absl::InfinitePast();
};

// The partition that `murmur2_random` gives a key among `partition_count` (1 or more): the same as Java's default
// partitioner for every key that is not null. Pure; safe from any thread.
int32_t PartitionOfKey(std::string_view key, int32_t partition_count);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_RECORD_H_
