// What is read in order, handed on, and may be committed once all that it led to is delivered.
#ifndef BELLWETHER_BUS_OUTSTANDING_H_
#define BELLWETHER_BUS_OUTSTANDING_H_

#include <cstdint>
#include <deque>
#include <map>

namespace bellwether::bus {

// The offsets of each partition whose records are on their way. An assignment of partitions has a generation: what
// belongs to an earlier one is not ours any more, and the same offset may be outstanding anew. Not thread-safe.
class Outstanding {
 public:
  // Forgets everything. The generation of what comes now.
  uint64_t BeginAssignment();
  uint64_t generation() const { return generation_; }

  // One more record that `offset` led to is on its way; offsets of a partition never fall.
  void Add(int32_t partition, int64_t offset);
  // One of them is delivered. Of an earlier generation: nothing.
  void Delivered(uint64_t generation, int32_t partition, int64_t offset);
  // Up to where a partition that was read up to `next` may be committed.
  int64_t CommittableUpTo(int32_t partition, int64_t next) const;

 private:
  // Counts by offset, from that of the first that is outstanding.
  struct Partition {
    int64_t first = 0;
    std::deque<uint8_t> counts;
  };

  uint64_t generation_ = 0;
  std::map<int32_t, Partition> partitions_;
};

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_OUTSTANDING_H_
