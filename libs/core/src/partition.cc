#include "bellwether/core/partition.h"

#include <cstddef>

namespace bellwether::core {
namespace {

// Murmur2 in 32 bits, with the seed of Kafka's own clients: a wire format, which no key may ever leave.
uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  uint32_t hash = kSeed ^ static_cast<uint32_t>(bytes.size());
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    uint32_t word = at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
    word *= kMultiplier;
    word ^= word >> kShift;
    hash = hash * kMultiplier ^ word * kMultiplier;
  }
  if (i < bytes.size()) {
    for (size_t last = bytes.size(); last-- > i;) hash ^= at(last) << (8 * (last - i));
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ hash >> 15;
}

}  // namespace

int32_t PartitionOf(std::string_view key, int32_t count) {
  constexpr uint32_t kPositive = 0x7fffffff;
  return static_cast<int32_t>(Murmur2(key.substr(0, key.find('/'))) & kPositive) % count;
}

}  // namespace bellwether::core
