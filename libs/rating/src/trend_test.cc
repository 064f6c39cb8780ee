#include "bellwether/rating/trend.h"

#include <gmock/gmock.h>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

class TrendTest : public ::testing::Test {
 protected:
  std::optional<Trend> Line(std::string_view from = "2021-04", std::string_view to = "2022-03") const {
    return TrendOf(definition_, slots_, P(from), P(to));
  }

  Definition definition_ = IndicatorOf(Polarity::kHigher);
  Slots slots_;
};

TEST_F(TrendTest, NeedsTwoFigures) {
  EXPECT_FALSE(Line());
  Put(slots_, "2021-05", "80");
  EXPECT_FALSE(Line());
  Put(slots_, "2021-06", "82");
  EXPECT_TRUE(Line());
}

TEST_F(TrendTest, IsTheExactLeastSquaresLine) {
  Put(slots_, "2021-05", "1");
  Put(slots_, "2021-06", "2");
  Put(slots_, "2021-07", "4");
  const auto line = Line();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->from, P("2021-05"));
  EXPECT_EQ(line->slope.ToFraction(), "3/2");
  EXPECT_EQ(line->start.ToFraction(), "5/6");
}

TEST_F(TrendTest, BeginsWithTheLastFigureThatItsSourceCallsABreak) {
  for (const auto& [month, figure] :
       {std::pair("2021-05", "90"), {"2021-06", "10"}, {"2021-07", "20"}, {"2021-08", "30"}})
    Put(slots_, month, figure);
  Change(slots_, "2021-06").observation_status = 'B';
  const auto line = Line();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->from, P("2021-06"));
  EXPECT_EQ(line->slope.ToFraction(), "10");
}

TEST_F(TrendTest, OfARunningFigureIsOfOneYear) {
  definition_.year_to_date_rule = RollUpRule::kCumulative;
  for (const auto& [period, figure] : {std::pair("2022-02", "160"), {"2022-03", "185"}, {"2022-04", "14"}}) {
    Put(slots_, period, figure);
  }
  EXPECT_FALSE(Line("2022-01", "2022-04"));
  Put(slots_, "2022-05", "27");
  const auto line = Line("2022-01", "2022-05");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->from, P("2022-04"));
  EXPECT_EQ(line->slope.ToFraction(), "13");
  EXPECT_EQ(Line("2022-01", "2022-03")->slope.ToFraction(), "25");
}

TEST_F(TrendTest, LeavesGapsOut) {
  Put(slots_, "2021-05", "10");
  Put(slots_, "2021-06", "?");
  Put(slots_, "2021-07", "0/0");
  Put(slots_, "2021-08", "99");
  Withdraw(slots_, "2021-08");
  Put(slots_, "2021-09", "18");
  const auto line = Line();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->start.ToFraction(), "10");
  EXPECT_EQ(line->slope.ToFraction(), "2");
}

TEST_F(TrendTest, TakesOnlyPeriodsAskedForAndOfItsFrequency) {
  Put(slots_, "2021-03", "1000");
  Put(slots_, "2021-04", "1");
  Put(slots_, "2021-05", "2");
  Put(slots_, "2021-06", "1000");
  Put(slots_, "2021-22-Q1", "1000");
  Put(slots_, "2021-05-YTD", "1000");
  EXPECT_EQ(Line("2021-04", "2021-05")->slope.ToFraction(), "1");
  EXPECT_FALSE(Line("2021-06", "2021-05"));
}

TEST_F(TrendTest, BeginsAfterTheLastBreak) {
  definition_.breaks = {M("2021-06"), M("2021-08"), M("2022-04")};
  Put(slots_, "2021-05", "1000");
  Put(slots_, "2021-07", "500");
  Put(slots_, "2021-08", "3");
  Put(slots_, "2021-09", "2");
  const auto line = Line();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->from, P("2021-08"));
  EXPECT_EQ(line->slope.ToFraction(), "-1");
}

TEST_F(TrendTest, CountsQuartersOfAQuarterlyIndicator) {
  definition_.frequency = Frequency::kQuarterly;
  Put(slots_, "2020-21-Q4", "1");
  Put(slots_, "2021-22-Q2", "5");
  const auto line = Line("2020-21-Q1", "2021-22-Q4");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->slope.ToFraction(), "2");
}

TEST_F(TrendTest, BeginsWhereFiguresBecameOrCeasedToBeTheYearSoFar) {
  Definition sum = definition_;
  sum.year_to_date_rule = RollUpRule::kSum;
  Definition running = definition_;
  running.year_to_date_rule = RollUpRule::kCumulative;
  for (const char* month : {"2021-04", "2021-05", "2021-06", "2021-07"}) Put(slots_, month, "80");
  for (const bool runs : {false, true}) {
    Definition now = runs ? running : sum;
    now.effective_from = M("2021-06");
    definition_ = Amended(runs ? sum : running, now);
    EXPECT_EQ(Line("2021-04", "2021-07")->from, P("2021-06"));
    EXPECT_EQ(Line("2021-04", "2021-05")->from, P("2021-04"));
  }
}

}  // namespace
}  // namespace bellwether::rating::testing
