#include "bellwether/bus/record.h"

#include <gtest/gtest.h>

namespace bellwether::bus {
namespace {

// Of a topic's 12 partitions. If this changes, every key has moved: Java and Python tools would look in the wrong
// place.
TEST(PartitionOfKeyTest, StaysAsItIs) {
  EXPECT_EQ(PartitionOfKey("E06000061/T21a", 12), 7);
  // Vectors of Java's own Utils.murmur2 tests: the hash's positive part, modulo the largest count.
  constexpr int32_t kLargest = 0x7fffffff;
  EXPECT_EQ(PartitionOfKey("21", kLargest), -973932308 & kLargest);
  EXPECT_EQ(PartitionOfKey("foobar", kLargest), -790332482 & kLargest);
  EXPECT_EQ(PartitionOfKey("a-little-bit-long-string", kLargest), -985981536 & kLargest);
}

TEST(FindHeaderTest, GivesTheLastOfAName) {
  const Headers headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(FindHeader(headers, "a"), "3");
  EXPECT_EQ(FindHeader(headers, "b"), "2");
  EXPECT_EQ(FindHeader(headers, "c"), std::nullopt);
}

}  // namespace
}  // namespace bellwether::bus
