#include "bellwether/core/clock.h"

#include <gtest/gtest.h>

#include "bellwether/testing/fake_clock.h"

namespace bellwether::core {
namespace {

absl::Time Utc(int year, int month, int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(year, month, day, hour, minute), absl::UTCTimeZone());
}

TEST(ClockTest, TodayIsLondons) {
  EXPECT_EQ(LondonDate(Utc(2022, 6, 30, 22, 59)), Date(2022, 6, 30));
  EXPECT_EQ(LondonDate(Utc(2022, 6, 30, 23, 0)), Date(2022, 7, 1));  // Summer time.
  EXPECT_EQ(LondonDate(Utc(2022, 1, 31, 23, 59)), Date(2022, 1, 31));
  EXPECT_EQ(LondonDate(Utc(2022, 2, 1, 0, 0)), Date(2022, 2, 1));
}

TEST(ClockTest, SummerTimeBeginsAndEndsAtOneInTheMorning) {
  EXPECT_EQ(LondonDate(Utc(2022, 3, 27, 0, 59)), Date(2022, 3, 27));
  EXPECT_EQ(LondonDate(Utc(2022, 3, 27, 23, 0)), Date(2022, 3, 28));
  EXPECT_EQ(LondonDate(Utc(2022, 10, 29, 23, 0)), Date(2022, 10, 30));
  EXPECT_EQ(LondonDate(Utc(2022, 10, 30, 23, 59)), Date(2022, 10, 30));
}

TEST(ClockTest, FakeClockStandsWhereItIsPut) {
  testing::FakeClock clock(Date(2022, 3, 31));
  EXPECT_EQ(clock.Today(), Date(2022, 3, 31));
  clock.SetToday(Date(2022, 4, 1));
  EXPECT_EQ(clock.Today(), Date(2022, 4, 1));
  clock.SetNow(Utc(2022, 6, 30, 23, 30));
  EXPECT_EQ(clock.Now(), Utc(2022, 6, 30, 23, 30));
  EXPECT_EQ(clock.Today(), Date(2022, 7, 1));
}

TEST(ClockTest, RealClockDoesNotGoBack) {
  const RealClock clock;
  const absl::Time before = clock.Now();
  EXPECT_GE(clock.Now(), before);
}

}  // namespace
}  // namespace bellwether::core
