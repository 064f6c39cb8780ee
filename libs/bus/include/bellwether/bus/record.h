// What travels over the bus: a keyed record of a topic's partition, as bytes.
#ifndef BELLWETHER_BUS_RECORD_H_
#define BELLWETHER_BUS_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "bellwether/core/headers.h"

namespace bellwether::bus {

using core::FindHeader;
using core::Header;
using core::Headers;

// A place in a partition. Which place `offset` is, is said where it is used.
struct PartitionOffset {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;

  friend bool operator==(const PartitionOffset&, const PartitionOffset&) = default;
};

// The partition is chosen by the key, as core::PartitionOf says.
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

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_RECORD_H_
