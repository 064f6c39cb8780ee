#include "bellwether/bus/record.h"

#include <librdkafka/rdkafka.h>

namespace bellwether::bus {

std::optional<std::string_view> FindHeader(const Headers& headers, std::string_view name) {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->name == name) return header->value;
  }
  return std::nullopt;
}

int32_t PartitionOfKey(std::string_view key, int32_t partition_count) {
  // The partitioner looks at nothing but the key and the count.
  return rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(), partition_count, nullptr, nullptr);
}

}  // namespace bellwether::bus
