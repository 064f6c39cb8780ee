#include "bellwether/core/steady_time.h"

#include <gtest/gtest.h>

namespace bellwether::core {
namespace {

TEST(SteadyTimeTest, CountsOnAndKnowsInfinity) {
  const SteadyTime before = SteadyTime::Now();
  const SteadyTime after = SteadyTime::Now();
  EXPECT_LE(before, after);
  EXPECT_LT(SteadyTime::InfinitePast(), before);
  EXPECT_LT(after, SteadyTime::InfiniteFuture());
  EXPECT_EQ((before + absl::Seconds(2)) - before, absl::Seconds(2));
  EXPECT_EQ((before + absl::Seconds(2)) - absl::Seconds(2), before);
  EXPECT_EQ(SteadyTime::InfiniteFuture().left(), absl::InfiniteDuration());
  EXPECT_EQ(after - SteadyTime::InfinitePast(), absl::InfiniteDuration());
  EXPECT_EQ(after + absl::InfiniteDuration(), SteadyTime::InfiniteFuture());
  EXPECT_TRUE(SteadyTime().over());
  EXPECT_FALSE((after + absl::Hours(1)).over());
}

TEST(SteadyTimeTest, SaysTheTimeOfDayOfAMoment) {
  const absl::Duration away = TimeOfDayAt(SteadyTime::Now() + absl::Hours(2)) - TimeOfDayAt(SteadyTime::Now());
  EXPECT_LT(absl::AbsDuration(away - absl::Hours(2)), absl::Minutes(1));
  EXPECT_EQ(LeftUntil(absl::InfiniteFuture()), absl::InfiniteDuration());
  EXPECT_EQ(LeftUntil(absl::InfinitePast()), absl::ZeroDuration());
  EXPECT_GT(LeftUntil(TimeOfDayAt(SteadyTime::Now() + absl::Hours(2))), absl::Hours(1));
  EXPECT_EQ(TimeOfDayAt(SteadyTime::InfiniteFuture()), absl::InfiniteFuture());
}

}  // namespace
}  // namespace bellwether::core
