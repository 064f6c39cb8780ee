#include "bellwether/rating/definition.h"

#include <gmock/gmock.h>

#include "bellwether/rating/wordings.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

Definition Of(Frequency frequency, int lag = 0) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.frequency = frequency;
  definition.reporting_lag_periods = lag;
  return definition;
}

TEST(DataPeriodOf, IsTheNewestThatHasEndedLessTheLag) {
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kMonthly), M("2022-02")), P("2022-02"));
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kMonthly, 1), M("2022-02")), P("2022-01"));
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kMonthly, 2), M("2022-01")), P("2021-11"));
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kQuarterly), M("2022-02")), P("2021-22-Q3"));
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kQuarterly), M("2022-03")), P("2021-22-Q4"));
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kQuarterly, 1), M("2022-04")), P("2021-22-Q3"));
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kHalfYearly), M("2022-02")), P("2021-22-H1"));
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kYearly), M("2022-02")), P("2020-21"));
  EXPECT_EQ(DataPeriodOf(Of(Frequency::kYearly), M("2022-03")), P("2021-22"));
}

TEST(TakesReadingsOf, ItsOwnPeriodsAndLonger) {
  const Definition monthly = Of(Frequency::kMonthly);
  for (const char* period : {"2022-02", "2021-22-Q1", "2021-22-H1", "2021-22", "2022-02-YTD"}) {
    EXPECT_TRUE(TakesReadingsOf(monthly, P(period))) << period;
  }
  EXPECT_FALSE(TakesReadingsOf(monthly, P("2022-Q1")));  // Of another year.
  const Definition quarterly = Of(Frequency::kQuarterly);
  EXPECT_FALSE(TakesReadingsOf(quarterly, P("2022-02")));
  EXPECT_TRUE(TakesReadingsOf(quarterly, P("2021-22-Q4")));
  EXPECT_TRUE(TakesReadingsOf(quarterly, P("2022-03-YTD")));
  EXPECT_FALSE(TakesReadingsOf(quarterly, P("2022-02-YTD")));  // Ends within a quarter.
  const Definition yearly = Of(Frequency::kYearly);
  EXPECT_FALSE(TakesReadingsOf(yearly, P("2021-22-H1")));
  EXPECT_TRUE(TakesReadingsOf(yearly, P("2021-22")));
  EXPECT_FALSE(TakesReadingsOf(yearly, P("2022")));
}

TEST(IsActiveIn, FromTheMonthInWhichItBegan) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.active_from = M("2022-07");
  EXPECT_FALSE(IsActiveIn(definition, P("2022-06")));
  EXPECT_TRUE(IsActiveIn(definition, P("2022-07")));
  EXPECT_FALSE(IsActiveIn(definition, P("2022-23-Q1")));
  EXPECT_TRUE(IsActiveIn(definition, P("2022-07-YTD")));
}

TEST(IsActiveIn, UntilTheMonthOfItsRetirement) {
  Definition definition = Of(Frequency::kMonthly);
  EXPECT_TRUE(IsActiveIn(definition, P("2099-12")));
  definition.retired_from = M("2022-04");
  EXPECT_TRUE(IsActiveIn(definition, P("2022-03")));
  EXPECT_FALSE(IsActiveIn(definition, P("2022-04")));
  EXPECT_TRUE(IsActiveIn(definition, P("2022-03-YTD")));
}

TEST(Definition, ComparesSchemesByValue) {
  const Definition a = Of(Frequency::kMonthly);
  Definition b = Of(Frequency::kMonthly);
  EXPECT_NE(a.scheme, b.scheme);
  EXPECT_EQ(a, b);
  Scheme other = CouncilScheme();
  other.statuses[0].label = "Grass";
  b.scheme = std::make_shared<const Scheme>(other);
  EXPECT_FALSE(a == b);
  b = a;
  b.notes.push_back("a note");
  EXPECT_FALSE(a == b);
}

// What holds from April 2022 on, after what held before.
Definition Applied(std::optional<core::Month> from, std::string_view target) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.targets = {ValueTarget(target)};
  definition.effective_from = from;
  return definition;
}
std::string TargetIn(const Definition& definition, std::string_view month) {
  return std::get<core::Decimal>(InForceIn(definition, M(month)).targets[0].kind).ToString();
}

TEST(Amended, WhatWasSaidHoldsUntilTheMonthOfWhatIsSaidNow) {
  const Definition first = Applied(std::nullopt, "80");
  const Definition second = Amended(first, Applied(M("2022-04"), "90"));
  EXPECT_EQ(TargetIn(second, "2022-03"), "80");
  EXPECT_EQ(TargetIn(second, "2022-04"), "90");
  const Definition third = Amended(second, Applied(M("2023-04"), "95"));
  EXPECT_EQ(TargetIn(third, "2022-03"), "80");
  EXPECT_EQ(TargetIn(third, "2023-03"), "90");
  EXPECT_EQ(TargetIn(third, "2023-04"), "95");
  for (const auto& wording : third.earlier) EXPECT_TRUE(wording->earlier.empty());
}

TEST(Amended, FromAMonthOnNothingElseHolds) {
  const Definition three =
      Amended(Amended(Applied(std::nullopt, "80"), Applied(M("2022-04"), "90")), Applied(M("2023-04"), "95"));
  const Definition again = Amended(three, Applied(M("2022-04"), "91"));
  EXPECT_EQ(TargetIn(again, "2022-03"), "80");
  EXPECT_EQ(TargetIn(again, "2023-04"), "91");
  EXPECT_EQ(again.earlier.size(), 1u);
  const Definition always = Amended(three, Applied(M("1990-01"), "70"));
  EXPECT_EQ(TargetIn(always, "2021-01"), "70") << "the first month there is";
}

TEST(Amended, WithoutAMonthItStandsForTheNewestWording) {
  const Definition second = Amended(Applied(std::nullopt, "80"), Applied(M("2022-04"), "90"));
  const Definition corrected = Amended(second, Applied(std::nullopt, "91"));
  EXPECT_EQ(TargetIn(corrected, "2022-03"), "80");
  EXPECT_EQ(TargetIn(corrected, "2022-04"), "91");
  EXPECT_EQ(Amended(second, Applied(std::nullopt, "90")), second);
}

TEST(Amended, TheSameFromLaterOnChangesNothing) {
  const Definition first = Applied(std::nullopt, "80");
  EXPECT_EQ(Amended(first, Applied(M("2022-04"), "80")), first);
  const Definition second = Amended(first, Applied(M("2022-04"), "90"));
  EXPECT_EQ(Amended(second, Applied(M("2022-04"), "90")), second);
  EXPECT_EQ(Amended(second, Applied(M("2022-09"), "90")), second);
  EXPECT_EQ(Amended(second, Applied(M("2022-04"), "80")), first) << "as if it had never changed";
}

TEST(Amended, APlaceHoldsFromAMonthOnAndMovesWithoutOne) {
  const auto placed = [](unsigned place, std::optional<core::Month> from) {
    Definition definition = Applied(from, "80");
    definition.report_position = place;
    return definition;
  };
  const Definition moved = Amended(placed(2, std::nullopt), placed(9, M("2022-04")));
  EXPECT_EQ(InForceIn(moved, M("2022-03")).report_position, 2u);
  EXPECT_EQ(InForceIn(moved, M("2022-04")).report_position, 9u);
  EXPECT_EQ(Amended(moved, placed(9, std::nullopt)), moved);
  EXPECT_EQ(InForceIn(Amended(moved, placed(10, std::nullopt)), M("2022-03")).report_position, 3u);
  EXPECT_EQ(InForceIn(Amended(moved, placed(1, std::nullopt)), M("2022-03")).report_position, 1u)
      << "the first there is";
}

std::vector<std::string> MonthsOf(const std::vector<std::shared_ptr<const Definition>>& wordings) {
  std::vector<std::string> months;
  for (const auto& wording : wordings) months.push_back(wording->effective_from->ToString());
  return months;
}

TEST(Replaced, LaterWordingsGiveWayToADatedOne) {
  const Definition three =
      Amended(Amended(Applied(std::nullopt, "80"), Applied(M("2022-04"), "90")), Applied(M("2023-04"), "95"));
  EXPECT_THAT(MonthsOf(Replaced(three, Applied(M("2022-01"), "70"))), ::testing::ElementsAre("2022-04", "2023-04"));
  EXPECT_THAT(MonthsOf(Replaced(three, Applied(M("2022-04"), "70"))), ::testing::ElementsAre("2023-04"))
      << "the month that it names is meant";
  EXPECT_THAT(Replaced(three, Applied(M("2023-04"), "70")), ::testing::IsEmpty());
  EXPECT_THAT(MonthsOf(Replaced(three, Applied(M("2022-01"), "95"))), ::testing::ElementsAre("2022-04"))
      << "the other says the same";
}

TEST(Replaced, OneWithoutAMonthTakesThePlaceOfTheNewest) {
  const Definition first = Applied(std::nullopt, "80");
  EXPECT_THAT(Replaced(first, Applied(std::nullopt, "81")), ::testing::IsEmpty()) << "no month was named";
  const Definition second = Amended(first, Applied(M("2022-04"), "90"));
  EXPECT_THAT(MonthsOf(Replaced(second, Applied(std::nullopt, "81"))), ::testing::ElementsAre("2022-04"));
  EXPECT_THAT(MonthsOf(Replaced(second, first)), ::testing::ElementsAre("2022-04")) << "as if it had never changed";
  EXPECT_THAT(Replaced(second, Applied(std::nullopt, "90")), ::testing::IsEmpty());
}

TEST(Replaced, NotByWhatHangsOnNoMonth) {
  const Definition second = Amended(Applied(std::nullopt, "80"), Applied(M("2022-04"), "90"));
  Definition owned = Applied(std::nullopt, "90");
  owned.owner = Owner{"Ada", ""};
  owned.retired_from = M("2023-04");
  owned.report_position = 7;  // One was put in before it.
  EXPECT_THAT(Replaced(second, owned), ::testing::IsEmpty());
  Scheme scheme = *owned.scheme;
  scheme.statuses[0].label = "Grass";
  owned.scheme = std::make_shared<const Scheme>(scheme);
  EXPECT_THAT(Replaced(second, owned), ::testing::IsEmpty()) << "put right for all months";
}

TEST(Amended, WhatHangsOnNoMonthIsThatOfTheNewestThroughout) {
  Definition retires = Applied(M("2022-04"), "90");
  retires.retired_from = M("2023-04");
  const Definition second = Amended(Applied(std::nullopt, "80"), retires);
  EXPECT_EQ(second.earlier[0]->retired_from, M("2023-04"));
  EXPECT_EQ(UndatedDifference(*second.earlier[0], second), "");
  Definition other = retires;
  other.unit = "days";
  EXPECT_EQ(UndatedDifference(second, other), "unit");
}

}  // namespace
}  // namespace bellwether::rating::testing
