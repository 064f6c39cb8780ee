#include "bellwether/bus/outstanding.h"

#include <cstddef>

namespace bellwether::bus {

uint64_t Outstanding::BeginAssignment() {
  partitions_.clear();
  return ++generation_;
}

void Outstanding::Add(int32_t partition, int64_t offset) {
  Partition& p = partitions_[partition];
  if (p.counts.empty()) p.first = offset;
  p.counts.resize(static_cast<size_t>(offset - p.first) + 1);
  ++p.counts.back();
}

void Outstanding::Delivered(uint64_t generation, int32_t partition, int64_t offset) {
  if (generation != generation_) return;
  Partition& p = partitions_[partition];
  --p.counts[static_cast<size_t>(offset - p.first)];
  while (!p.counts.empty() && p.counts.front() == 0) {
    p.counts.pop_front();
    ++p.first;
  }
}

int64_t Outstanding::CommittableUpTo(int32_t partition, int64_t next) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() || found->second.counts.empty() ? next : found->second.first;
}

}  // namespace bellwether::bus
