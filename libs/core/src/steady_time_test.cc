#include "bellwether/core/steady_time.h"

#include <gtest/gtest.h>

#include <thread>

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

TEST(SteadyTimeTest, WaitsNoLongerThanItsLimit) {
  absl::Mutex mutex;
  SteadyCondVar changed;
  const SteadyTime limit = SteadyTime::Now() + absl::Milliseconds(20);
  {
    const absl::MutexLock lock(&mutex);
    EXPECT_FALSE(changed.WaitUntil(mutex, limit, [] { return false; }));
  }
  EXPECT_TRUE(limit.over());
  std::mutex own;
  std::condition_variable own_changed;
  std::unique_lock<std::mutex> own_lock(own);
  const SteadyTime own_limit = SteadyTime::Now() + absl::Milliseconds(20);
  EXPECT_FALSE(WaitUntil(own_changed, own_lock, own_limit, [] { return false; }));
  EXPECT_TRUE(own_limit.over());
}

TEST(SteadyTimeTest, WaitsForeverUntilItIsTold) {
  absl::Mutex mutex;
  SteadyCondVar changed;
  bool told = false;
  std::thread teller([&] {
    const absl::MutexLock lock(&mutex);
    told = true;
    changed.NotifyAll();
  });
  {
    const absl::MutexLock lock(&mutex);
    EXPECT_TRUE(changed.WaitUntil(mutex, SteadyTime::InfiniteFuture(), [&] { return told; }));
  }
  teller.join();
}

}  // namespace
}  // namespace bellwether::core
