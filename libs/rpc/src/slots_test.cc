#include "bellwether/rpc/slots.h"

#include <gmock/gmock.h>

#include <optional>
#include <vector>

namespace bellwether::rpc {
namespace {

TEST(SlotsTest, AHostIsAPeerWithoutItsPort) {
  EXPECT_EQ(HostOf("ipv4:10.0.0.7:51234"), "ipv4:10.0.0.7");
  EXPECT_EQ(HostOf("ipv6:%5B::1%5D:51234"), "ipv6:%5B::1%5D");
  EXPECT_EQ(HostOf("unix"), "unix");
}

TEST(SlotsTest, OneShareIsNotAllOfThem) {
  Slots slots(8);
  std::vector<std::optional<Slots::Taken>> first;
  for (int i = 0; i < 6; ++i) first.push_back(slots.Take("first"));
  for (const auto& taken : first) EXPECT_TRUE(taken.has_value());
  EXPECT_FALSE(slots.Take("first").has_value()) << "three quarters of them";
  std::optional<Slots::Taken> other = slots.Take("other", 2);
  EXPECT_TRUE(other.has_value());
  EXPECT_FALSE(slots.Take("third").has_value()) << "all are taken";
  EXPECT_EQ(slots.taken(), 8);
  first.pop_back();
  EXPECT_TRUE(slots.Take("third").has_value());
  EXPECT_EQ(slots.taken(), 7) << "given back at once";
  other.reset();
  first.clear();
  EXPECT_EQ(slots.taken(), 0);
}

TEST(SlotsTest, AShareMayBeOfAnySize) {
  Slots slots(8);
  const auto first = slots.Take("first", 1, 1);
  EXPECT_TRUE(first.has_value());
  EXPECT_FALSE(slots.Take("first", 1, 1).has_value());
  EXPECT_TRUE(slots.Take("first", 1, 2).has_value()) << "it was made larger";
  EXPECT_TRUE(slots.Take("other", 7, 100).has_value()) << "more than three quarters, where that is said";
  EXPECT_FALSE(slots.Take("other", 8, 100).has_value()) << "but never more than there are";
}

TEST(SlotsTest, WhatIsMovedIsGivenBackOnce) {
  Slots slots(4);
  {
    Slots::Taken taken = *slots.Take("first");
    const Slots::Taken moved = std::move(taken);
    EXPECT_EQ(slots.taken(), 1);
  }
  EXPECT_EQ(slots.taken(), 0);
}

}  // namespace
}  // namespace bellwether::rpc
