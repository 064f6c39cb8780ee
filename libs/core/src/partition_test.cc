#include "bellwether/core/partition.h"

#include <gtest/gtest.h>

namespace bellwether::core {
namespace {

// Of a topic's 12 partitions. If this changes, every council has moved: Java and Python tools would look in the wrong
// place.
TEST(PartitionOfTest, StaysAsItIs) {
  EXPECT_EQ(PartitionOf("E06000061", 12), 5);
  // Vectors of Java's own Utils.murmur2 tests: the hash's positive part, modulo the largest count.
  constexpr int32_t kLargest = 0x7fffffff;
  EXPECT_EQ(PartitionOf("21", kLargest), -973932308 & kLargest);
  EXPECT_EQ(PartitionOf("foobar", kLargest), -790332482 & kLargest);
  EXPECT_EQ(PartitionOf("a-little-bit-long-string", kLargest), -985981536 & kLargest);
  EXPECT_EQ(PartitionOf("a-little-bit-longer-string", kLargest), -1486304829 & kLargest);
  EXPECT_EQ(PartitionOf("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", kLargest), -58897971 & kLargest);
  EXPECT_EQ(PartitionOf("abc", kLargest), 479470107 & kLargest);
}

TEST(PartitionOfTest, FollowsFromTheCouncilAlone) {
  for (int32_t count = 1; count < 40; ++count) {
    const int32_t own = PartitionOf("E06000061", count);
    EXPECT_TRUE(own >= 0 && own < count);
    EXPECT_EQ(PartitionOf("E06000061/T1", count), own);
    EXPECT_EQ(PartitionOf("E06000061/a/b", count), own);
    EXPECT_EQ(PartitionOf("/T1", count), PartitionOf("", count));
  }
}

}  // namespace
}  // namespace bellwether::core
