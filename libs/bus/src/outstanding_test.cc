#include "bellwether/bus/outstanding.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace bellwether::bus {
namespace {

TEST(OutstandingTest, NothingBehindWhatIsOutstandingMayBeCommitted) {
  Outstanding outstanding;
  const uint64_t generation = outstanding.BeginAssignment();
  EXPECT_EQ(outstanding.CommittableUpTo(3, 7), 7);
  outstanding.Add(3, 7);
  outstanding.Add(3, 9);  // 8 led to nothing.
  EXPECT_EQ(outstanding.CommittableUpTo(3, 10), 7);
  outstanding.Delivered(generation, 3, 9);
  EXPECT_EQ(outstanding.CommittableUpTo(3, 10), 7);
  outstanding.Delivered(generation, 3, 7);
  EXPECT_EQ(outstanding.CommittableUpTo(3, 10), 10);
  EXPECT_EQ(outstanding.CommittableUpTo(4, 2), 2) << "another partition";
}

TEST(OutstandingTest, WhatAnEarlierAssignmentSentCountsForNothing) {
  Outstanding outstanding;
  const uint64_t before = outstanding.BeginAssignment();
  outstanding.Add(0, 5);
  const uint64_t now = outstanding.BeginAssignment();
  EXPECT_EQ(outstanding.CommittableUpTo(0, 5), 5);
  outstanding.Add(0, 5);
  outstanding.Delivered(before, 0, 5);
  EXPECT_EQ(outstanding.CommittableUpTo(0, 6), 5);
  outstanding.Delivered(now, 0, 5);
  EXPECT_EQ(outstanding.CommittableUpTo(0, 6), 6);
}

// As a set of what is outstanding would say.
RC_GTEST_PROP(OutstandingTest, IsTheLowestThatIsOutstanding, ()) {
  Outstanding outstanding;
  const uint64_t generation = outstanding.BeginAssignment();
  std::multiset<int64_t> model;
  int64_t next = 0;
  for (int i = *rc::gen::inRange(0, 60); i > 0; --i) {
    if (model.empty() || *rc::gen::arbitrary<bool>()) {
      for (int n = *rc::gen::inRange(0, 3); n > 0; --n) {
        outstanding.Add(0, next);
        model.insert(next);
      }
      ++next;
    } else {
      const auto one = std::next(model.begin(), *rc::gen::inRange<int>(0, static_cast<int>(model.size())));
      outstanding.Delivered(generation, 0, *one);
      model.erase(one);
    }
    RC_ASSERT(outstanding.CommittableUpTo(0, next) == (model.empty() ? next : *model.begin()));
  }
}

}  // namespace
}  // namespace bellwether::bus
