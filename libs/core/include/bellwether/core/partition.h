// Which partition of a topic a key belongs to.
#ifndef BELLWETHER_CORE_PARTITION_H_
#define BELLWETHER_CORE_PARTITION_H_

#include <cstdint>
#include <string_view>

namespace bellwether::core {

// The partition of a key "council/ref", or of a council's code alone, among `count` (1 or more) partitions. It follows
// from the council, what stands before the first "/": a council's whole life has one order, and a report is the log up
// to one offset (docs/adr/2026-11-29-one-partition-a-council.md). The number is the one that Kafka's default
// partitioner gives a record with that code for a key (murmur2). Pure; safe from any thread.
int32_t PartitionOf(std::string_view key, int32_t count);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_PARTITION_H_
