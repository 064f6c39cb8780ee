// Figures that cannot be right, each beside one that can.
#include "bellwether/rating/warnings.h"

#include <gmock/gmock.h>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WarningsTest : public ::testing::Test {
 protected:
  // Of a figure for February 2022, after those of the months before it, oldest first.
  std::vector<WarningKind> Kinds(const std::vector<std::string>& before, std::string_view now) {
    warnings_ = Warnings(before, now);
    std::vector<WarningKind> kinds;
    for (const Warning& w : warnings_) kinds.push_back(w.kind);
    return kinds;
  }
  std::vector<Warning> Warnings(const std::vector<std::string>& before, std::string_view now) const {
    Slots slots;
    core::Period period = P(period_);
    for (auto figure = before.rbegin(); figure != before.rend(); ++figure) {
      period = period.Previous();
      Put(slots, period.ToString(), *figure);
    }
    Put(slots, period_, now);
    Reading reading = *slots.at(P(period_)).reading;
    reading.observation_status = observation_status_;
    reading.seldom.Edit().other.amount = amount_;
    return WarningsOf(definition_, reading, slots, came_);
  }
  void Is(const char* unit, RollUpRule rule) {
    definition_ = IndicatorOf(Polarity::kHigher);
    definition_.unit = unit;
    definition_.decimal_places = 0;
    definition_.quarter_rule = definition_.year_to_date_rule = rule;
    if (definition_.unit != "percent") definition_.ratio_multiplier = D("1");
  }

  Definition definition_ = IndicatorOf(Polarity::kHigher);
  std::string period_ = "2022-02";
  core::Date came_ = core::Date(2022, 3, 10);
  char observation_status_ = 'A';
  std::optional<core::Decimal> amount_;
  std::vector<Warning> warnings_;
};

TEST_F(WarningsTest, NumeratorAboveDenominator) {
  EXPECT_THAT(Kinds({}, "96/88"), ElementsAre(WarningKind::kNumeratorAboveDenominator));
  EXPECT_THAT(warnings_[0].message, HasSubstr("the numerator, 96, is above the denominator, 88, which gives 109.09"));
  EXPECT_THAT(Kinds({}, "88/88"), IsEmpty());
  definition_.allowed_values = Range{D("0"), D("150")};
  EXPECT_THAT(Kinds({}, "96/88"), IsEmpty());
  Is("days", RollUpRule::kRatio);
  EXPECT_THAT(Kinds({}, "96/88"), IsEmpty());
}

TEST_F(WarningsTest, OutsidePercent) {
  EXPECT_THAT(Kinds({}, "100.1"), ElementsAre(WarningKind::kOutsidePercent));
  EXPECT_THAT(Kinds({}, "-0.1"), ElementsAre(WarningKind::kOutsidePercent));
  EXPECT_THAT(Kinds({}, "100"), IsEmpty());
  EXPECT_THAT(Kinds({}, "0"), IsEmpty());
  definition_.allowed_values = Range{D("-50"), std::nullopt};
  EXPECT_THAT(Kinds({}, "-0.1"), IsEmpty());
  EXPECT_THAT(Kinds({}, "100.1"), ElementsAre(WarningKind::kOutsidePercent));
}

TEST_F(WarningsTest, CountsAreWholeAndNotNegative) {
  Is("count", RollUpRule::kSum);
  EXPECT_THAT(Kinds({}, "12.5"), ElementsAre(WarningKind::kPartOfACount));
  EXPECT_THAT(Kinds({}, "12.0"), IsEmpty());
  EXPECT_THAT(Kinds({}, "-3"), ElementsAre(WarningKind::kNegativeCount));
  definition_.decimal_places = 1;
  definition_.allowed_values = Range{D("-10"), std::nullopt};
  EXPECT_THAT(Kinds({}, "12.5"), IsEmpty());
  EXPECT_THAT(Kinds({}, "-3"), IsEmpty());
}

TEST_F(WarningsTest, WhatRunsThroughTheYearDoesNotFallInIt) {
  Is("count", RollUpRule::kCumulative);
  EXPECT_THAT(Kinds({"150", "160"}, "155"), ElementsAre(WarningKind::kRunningFell));
  EXPECT_THAT(Kinds({"150", "160"}, "160"), IsEmpty());
  period_ = "2022-04";
  came_ = core::Date(2022, 5, 10);
  EXPECT_THAT(Kinds({"160", "185"}, "14"), IsEmpty()) << "it begins again";
  period_ = "2022-02";
  Is("percent", RollUpRule::kCumulative);
  EXPECT_THAT(Kinds({"93", "95"}, "94"), IsEmpty()) << "a share of what came so far may fall";
  EXPECT_THAT(Kinds({"950/1000"}, "940/1010"), ElementsAre(WarningKind::kRunningFell));
}

TEST_F(WarningsTest, ARunningAmountDoesNotFall) {
  definition_.checks = {RunningAmount{}};
  Slots slots;
  Put(slots, "2022-01", "90");
  Change(slots, "2022-01").seldom.Edit().other.amount = D("5000");
  Reading reading = *SlotOf("2022-02", Figures("91")).reading;
  reading.seldom.Edit().other.amount = D("4900");
  const auto warnings = WarningsOf(definition_, reading, slots, came_);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].kind, WarningKind::kRunningFell);
  reading.seldom.Edit().other.amount = D("5000");
  EXPECT_THAT(WarningsOf(definition_, reading, slots, came_), IsEmpty());
}

TEST_F(WarningsTest, AShareWherePerCentIsMeant) {
  EXPECT_THAT(Kinds({"92", "100"}, "0.93"), ElementsAre(WarningKind::kShareForPercent));
  EXPECT_THAT(Kinds({"92"}, "0.93"), ElementsAre(WarningKind::kShareForPercent));
  EXPECT_THAT(Kinds({"0.91", "0.88"}, "0.93"), IsEmpty());
  EXPECT_THAT(Kinds({}, "0.93"), IsEmpty());
  EXPECT_THAT(Kinds({"4.3", "3.9", "4.6"}, "0.042"), ElementsAre(WarningKind::kShareForPercent));
  EXPECT_THAT(Kinds({"2.3", "1.9", "1.6"}, "0.9"), IsEmpty()) << "small percentages may be that small";
}

TEST_F(WarningsTest, AnotherSize) {
  Is("count", RollUpRule::kSum);
  EXPECT_THAT(Kinds({"1967", "2010", "1890"}, "19500"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(Kinds({"1967", "2010", "1890"}, "195"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(Kinds({"1967", "2010", "1890"}, "3900"), IsEmpty());
  EXPECT_THAT(Kinds({"1967", "2010"}, "2"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(Kinds({"1967"}, "2"), IsEmpty()) << "one figure is no measure";
  EXPECT_THAT(Kinds({"1", "2", "1"}, "10"), IsEmpty()) << "chance alone";
  Is("percent", RollUpRule::kMean);
  EXPECT_THAT(Kinds({"92", "94", "93"}, "9.3"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(Kinds({"92", "94", "93"}, "930"), ElementsAre(WarningKind::kOutsidePercent));
  EXPECT_THAT(Kinds({"80/100", "85/100", "90/100"}, "1/10"), IsEmpty()) << "of ten";
  Is("count", RollUpRule::kCumulative);
  EXPECT_THAT(Kinds({"100", "120", "130"}, "1440"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(Kinds({"100", "120", "130"}, "144"), IsEmpty());
  period_ = "2022-05";
  came_ = core::Date(2022, 6, 10);
  EXPECT_THAT(Kinds({"165", "180", "14"}, "27"), IsEmpty()) << "by the month";
}

TEST_F(WarningsTest, FarFromWhatWasToBeExpected) {
  Is("count", RollUpRule::kSum);
  const std::vector<std::string> steady = {"1010", "985", "1022", "996", "1004", "978", "1015", "990"};
  EXPECT_THAT(Kinds(steady, "1400"), ElementsAre(WarningKind::kOtherSize)) << "1004 with two digits changed";
  EXPECT_THAT(warnings_[0].message, HasSubstr("1,400 is far above what was to be expected, about 1,004; nearly all "
                                              "before came within 26 of it: check its digits"));
  EXPECT_THAT(Kinds(steady, "1070"), IsEmpty());
  EXPECT_THAT(Kinds({"1010", "985", "1022", "996", "1004"}, "1400"), IsEmpty()) << "too few to know";
  EXPECT_THAT(Kinds({"1010", "985", "996", "1022", "1490", "978", "1015", "990"}, "1400"), IsEmpty())
      << "it does happen";
  EXPECT_THAT(Kinds({"4", "4", "5", "4", "5", "4", "4", "5"}, "11"), IsEmpty()) << "chance alone";
  Is("percent", RollUpRule::kLatest);
  EXPECT_THAT(Kinds({"98.7", "98.6", "98.8", "98.7", "98.5", "98.7"}, "89.7"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(Kinds({"98.7", "98.6", "98.8", "98.7", "98.5", "98.7"}, "97.8"), IsEmpty()) << "less than a point";
  EXPECT_THAT(Kinds({"90", "90", "90", "90", "90", "90"}, "92"), IsEmpty()) << "it stayed, and moves for once";
  EXPECT_THAT(Kinds({"9/9", "8/8", "12/12", "10/10", "11/11", "9/9"}, "7/8"), IsEmpty()) << "one of eight";
  EXPECT_THAT(Kinds({"901/903", "899/900", "905/905", "908/910", "911/912", "899/900"}, "790/900"),
              ElementsAre(WarningKind::kOtherSize));
}

TEST_F(WarningsTest, FarFromTheUsualInAPart) {
  Is("days", RollUpRule::kWeightedMean);
  const std::vector<std::string> claims = {"20.5*610", "21.2*640", "20.9*655", "21.4*602", "20.7*630", "21.0*618"};
  EXPECT_THAT(Kinds(claims, "20.8*63"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(warnings_[0].message, HasSubstr("the weight, 63, is far below what was to be expected, about 618"));
  EXPECT_THAT(Kinds(claims, "20.8*631"), IsEmpty());
  Is("percent", RollUpRule::kRatio);
  EXPECT_THAT(Kinds({"65/74", "70/80", "61/70", "66/75", "69/78", "63/72"}, "2972/3275"),
              ElementsAre(WarningKind::kOtherSize))
      << "the share is as ever, of another row's cases";
}

TEST_F(WarningsTest, ASeasonIsNoSurprise) {
  Is("count", RollUpRule::kSum);
  // Of two years from March 2020 to January 2022, high in winter.
  std::vector<std::string> visits;
  for (const int month : {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1}) {
    const bool winter = month == 12 || month <= 2;
    visits.push_back(std::to_string((winter ? 5000 : 2000) + static_cast<int>(visits.size()) * 7 % 40));
  }
  EXPECT_THAT(Kinds(visits, "5010"), IsEmpty());
  visits.pop_back();
  period_ = "2022-01";
  EXPECT_THAT(Kinds(visits, "5020"), IsEmpty());
  EXPECT_THAT(Kinds(visits, "9020"), ElementsAre(WarningKind::kOtherSize));
}

TEST_F(WarningsTest, WhatAMonthAddsToARunningFigure) {
  Is("count", RollUpRule::kCumulative);
  // From April 2020 on about 100 a month.
  std::vector<std::string> lent;
  int sum = 0;
  for (int month = 0; month < 22; ++month) {
    if (month == 12) sum = 0;
    sum += 95 + month * 7 % 10;
    lent.push_back(std::to_string(sum));
  }
  EXPECT_THAT(Kinds(lent, std::to_string(sum + 103)), IsEmpty());
  EXPECT_THAT(Kinds(lent, std::to_string(sum + 230)), ElementsAre(WarningKind::kOtherSize));
  lent.insert(lent.end(), {std::to_string(sum + 100), std::to_string(sum + 200)});
  period_ = "2022-04";
  came_ = core::Date(2022, 5, 10);
  EXPECT_THAT(Kinds(lent, "102"), IsEmpty()) << "it begins again";
  EXPECT_THAT(Kinds(lent, "302"), ElementsAre(WarningKind::kOtherSize));
}

TEST_F(WarningsTest, MorePlacesThanEver) {
  definition_.decimal_places = 1;
  EXPECT_THAT(Kinds({"91.2", "92.4", "91.8", "92.0", "91.1", "92.2"}, "91.881"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(Kinds({"91.2", "92.4", "91.8", "92.0", "91.114", "92.2"}, "91.881"), IsEmpty());
  EXPECT_THAT(Kinds({"91", "92", "91", "92", "91", "92"}, "91.8"), IsEmpty()) << "as its definition says";
}

TEST_F(WarningsTest, AValueWhereCountsCameBefore) {
  Is("percent", RollUpRule::kRatio);
  EXPECT_THAT(Kinds({"900/1000"}, "90.5"), ElementsAre(WarningKind::kCountsLeftOut));
  EXPECT_THAT(Kinds({"900/1000"}, "905/1000"), IsEmpty());
  EXPECT_THAT(Kinds({"90"}, "90.5"), IsEmpty());
  definition_.quarter_rule = definition_.year_to_date_rule = RollUpRule::kLatest;
  EXPECT_THAT(Kinds({"900/1000"}, "90.5"), IsEmpty());
  Is("days", RollUpRule::kWeightedMean);
  EXPECT_THAT(Kinds({"20.5*600"}, "20.6"), ElementsAre(WarningKind::kCountsLeftOut));
}

TEST_F(WarningsTest, TheSameFigureCarriedForward) {
  EXPECT_THAT(Kinds({"91.4", "92.37"}, "92.37"), ElementsAre(WarningKind::kCarriedForward));
  EXPECT_THAT(Kinds({"91.4", "92.3"}, "92.3"), IsEmpty()) << "three digits may be the same by chance";
  EXPECT_THAT(Kinds({"90.2", "91.4", "92.3"}, "92.3"), ElementsAre(WarningKind::kCarriedForward));
  EXPECT_THAT(Kinds({"90.2", "91.4", "92"}, "92"), IsEmpty());
  EXPECT_THAT(Kinds({"91.4", "100.00"}, "100.00"), IsEmpty());
  EXPECT_THAT(Kinds({"92.37", "92.37", "91.4"}, "91.4"), IsEmpty()) << "it has stayed the same before";
  EXPECT_THAT(Kinds({"905/1203"}, "905/1203"), ElementsAre(WarningKind::kCarriedForward));
  EXPECT_THAT(Kinds({"24/25"}, "24/25"), IsEmpty());
  EXPECT_THAT(Kinds({"1203/1203"}, "1203/1203"), IsEmpty());
}

TEST_F(WarningsTest, TheSameFigureAsInAnotherMonth) {
  const std::vector<std::string> before = {"905/1203", "861/1150", "934/1222", "880/1171", "912/1190", "871/1164"};
  EXPECT_THAT(Kinds(before, "934/1222"), ElementsAre(WarningKind::kCarriedForward));
  EXPECT_THAT(warnings_[0].message, HasSubstr("the same figure as that of October 2021"));
  EXPECT_THAT(Kinds(before, "934/1223"), IsEmpty());
  EXPECT_THAT(Kinds({"24/25", "27/29", "22/24", "24/26", "25/27", "26/28"}, "22/24"), IsEmpty()) << "by chance";
  Is("count", RollUpRule::kSum);
  EXPECT_THAT(Kinds({"34008", "31558", "33121", "32870", "34517", "32004"}, "33121"),
              ElementsAre(WarningKind::kCarriedForward));
  EXPECT_THAT(Kinds({"34", "31", "33", "32", "34", "32"}, "32"), IsEmpty());
  EXPECT_THAT(Kinds({"340", "315", "331", "331", "345", "320"}, "320"), ElementsAre(WarningKind::kCarriedForward))
      << "others stayed the same before, and figures move";
  EXPECT_THAT(Kinds({"340", "341", "340", "341", "342", "341"}, "341"), IsEmpty()) << "figures hardly move";
  EXPECT_THAT(Kinds({"340", "0", "331", "0", "345", "0"}, "0"), IsEmpty()) << "nothing is often the same";
}

TEST_F(WarningsTest, APeriodThatIsNotOver) {
  came_ = core::Date(2022, 2, 28);
  EXPECT_THAT(Kinds({}, "90"), ElementsAre(WarningKind::kPeriodNotOver));
  EXPECT_THAT(Kinds({}, "?"), ElementsAre()) << "no figure is said to be that of the period";
  observation_status_ = 'P';
  EXPECT_THAT(Kinds({}, "90"), IsEmpty());
  observation_status_ = 'A';
  came_ = core::Date(2022, 3, 1);
  EXPECT_THAT(Kinds({}, "90"), IsEmpty());
}

TEST_F(WarningsTest, APeriodThatNoReportShows) {
  definition_.frequency = Frequency::kQuarterly;
  for (const auto& [period, shown] : std::initializer_list<std::pair<const char*, bool>>{
           {"2021-22-Q3", true}, {"2021-22-H1", false}, {"2021-22", false}, {"2021-12-YTD", true}}) {
    period_ = period;
    came_ = core::Date(2023, 1, 1);
    EXPECT_EQ(Kinds({}, "90").empty(), shown) << period;
  }
  definition_.year_to_date_rule = RollUpRule::kNotShown;
  EXPECT_THAT(Kinds({}, "90"), ElementsAre(WarningKind::kNotShown));
}

TEST_F(WarningsTest, ALongerPeriodThatEndsAfterItsIndicator) {
  came_ = core::Date(2023, 1, 1);
  definition_.retired_from = M("2022-02");
  for (const auto& [period, shown] : std::initializer_list<std::pair<const char*, bool>>{{"2022-01", true},
                                                                                         {"2021-22-Q3", true},
                                                                                         {"2022-01-YTD", true},
                                                                                         {"2021-22-Q4", false},
                                                                                         {"2022-02-YTD", false}}) {
    period_ = period;
    EXPECT_EQ(Kinds({}, "90").empty(), shown) << period;
  }
  EXPECT_THAT(warnings_[0].message, HasSubstr("retired from 2022-02"));
}

TEST_F(WarningsTest, WordsThatNoReportShows) {
  const auto kinds = [&](const char* period, const char* text) {
    Comment comment;
    comment.period = P(period);
    comment.text = text;
    return WarningsOf(definition_, comment).size();
  };
  EXPECT_EQ(kinds("2022-02", "words"), 0u);
  EXPECT_EQ(kinds("2021-22-Q4", "words"), 1u);
  EXPECT_EQ(kinds("2022-02-YTD", "words"), 1u);
  EXPECT_EQ(kinds("2021-22-Q4", ""), 0u) << "they are taken back";
  definition_.frequency = Frequency::kQuarterly;
  EXPECT_EQ(kinds("2021-22-Q4", "words"), 0u);
}

TEST_F(WarningsTest, ASourceThatWasReadTooEarly) {
  const auto kinds = [&](const char* as_at, char status) {
    Reading reading = *SlotOf("2022-02", Figures("90")).reading;
    reading.seldom.Edit().as_at = as_at;
    reading.observation_status = status;
    return WarningsOf(definition_, reading, {}, came_).size();
  };
  EXPECT_EQ(kinds("2022-02-12", 'A'), 1u);
  EXPECT_EQ(kinds("2022-02-12", 'P'), 0u);
  EXPECT_EQ(kinds("2022-02-28", 'A'), 0u);
  EXPECT_EQ(kinds("2022-03-02", 'A'), 0u);
  EXPECT_EQ(kinds("", 'A'), 0u);
}

TEST_F(WarningsTest, OnlyWhatCameBeforeCounts) {
  Slots slots;
  for (const char* period : {"2021-11", "2021-12", "2022-01"}) Put(slots, period, "92");
  const Reading reading = *SlotOf("2022-02", Figures("9.2")).reading;
  EXPECT_EQ(WarningsOf(definition_, reading, slots, came_).size(), 1u);
  Put(slots, "2022-03", "9.2");
  Put(slots, "2022-02-YTD", "9.2");
  EXPECT_EQ(WarningsOf(definition_, reading, slots, came_).size(), 1u);
  definition_.breaks = {M("2022-02")};
  EXPECT_THAT(WarningsOf(definition_, reading, slots, came_), IsEmpty()) << "nothing before a break";
  definition_.breaks.clear();
  Reading begins = reading;
  begins.observation_status = 'B';
  EXPECT_THAT(WarningsOf(definition_, begins, slots, came_), IsEmpty()) << "its source says that it is one";
  Change(slots, "2022-01").observation_status = 'B';
  Put(slots, "2021-12", "9.2");
  EXPECT_THAT(WarningsOf(definition_, reading, slots, came_), IsEmpty()) << "one figure is no usual";
}

TEST_F(WarningsTest, AYearSoFarSaysNothingOfAMonth) {
  Is("count", RollUpRule::kCumulative);
  Definition now = definition_;
  now.quarter_rule = now.year_to_date_rule = RollUpRule::kSum;
  now.effective_from = M("2022-02");
  EXPECT_THAT(Kinds({"80", "90", "100", "110"}, "11"), ElementsAre(WarningKind::kRunningFell));
  definition_ = Amended(definition_, now);
  EXPECT_THAT(Kinds({"80", "90", "100", "110"}, "11"), IsEmpty());
  period_ = "2022-02-YTD";  // A year to date runs by either rule.
  EXPECT_THAT(Kinds({"100"}, "91"), ElementsAre(WarningKind::kRunningFell));
}

TEST_F(WarningsTest, APairInThePlaceOfTheOtherLeavesTheCountsOut) {
  Is("percent", RollUpRule::kRatio);
  EXPECT_THAT(Kinds({}, "92*1000"), ElementsAre(WarningKind::kCountsLeftOut)) << "by itself, when it comes";
  EXPECT_EQ(
      warnings_[0].message,
      "a mean and its weight, where numerator and denominator are rolled up: from these no quarter and no year to "
      "date can be computed; send those, each in its own column");
  EXPECT_THAT(Kinds({"910/1000", "915/1002"}, "92*1000"), ElementsAre(WarningKind::kCountsLeftOut));
  EXPECT_THAT(Kinds({}, "920/1000"), IsEmpty());
  Is("days", RollUpRule::kWeightedMean);
  EXPECT_THAT(Kinds({}, "22000/1000"), ElementsAre(WarningKind::kCountsLeftOut));
  EXPECT_THAT(warnings_[0].message, HasSubstr("numerator and denominator, where a mean and its weight are rolled up"));
  EXPECT_THAT(Kinds({}, "22*1000"), IsEmpty());
  definition_.quarter_rule = RollUpRule::kRatio;  // Either is wanted.
  EXPECT_THAT(Kinds({}, "22000/1000"), IsEmpty());
  Is("days", RollUpRule::kLatest);
  EXPECT_THAT(Kinds({}, "22000/1000"), IsEmpty()) << "any pair has a figure";
}

TEST_F(WarningsTest, AnotherSizeIsToldOnTheSideWhereItLies) {
  Is("pounds", RollUpRule::kMean);
  const std::vector<std::string> losses = {"-95", "-105", "-115"};
  EXPECT_THAT(Kinds(losses, "10"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(warnings_[0].message, HasSubstr("10 pounds is far above what came before, -115 pounds to -95 pounds"));
  EXPECT_THAT(Kinds(losses, "-10"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(warnings_[0].message, HasSubstr("-10 pounds is far above what came before"));
  EXPECT_THAT(Kinds(losses, "-1050"), ElementsAre(WarningKind::kOtherSize));
  EXPECT_THAT(warnings_[0].message, HasSubstr("-1,050 pounds is far below what came before"));
  EXPECT_THAT(Kinds({"-95", "105", "-115"}, "10"), IsEmpty()) << "it lies between them";
  EXPECT_THAT(Kinds({"-95", "105", "-115"}, "-1050"), ElementsAre(WarningKind::kOtherSize));
}

TEST_F(WarningsTest, KindsCanBeSilenced) {
  definition_.silenced = {{WarningKind::kOutsidePercent, "a rate of change"}};
  EXPECT_THAT(Kinds({}, "130"), IsEmpty());
  EXPECT_THAT(Kinds({}, "96/88"), ElementsAre(WarningKind::kNumeratorAboveDenominator));
}

TEST(DayOf, IsNeverTooEarly) {
  const auto at = [](const char* text) {
    absl::Time time;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr));
    return DayOf({1, time});
  };
  EXPECT_EQ(at("2022-07-31T23:30:00Z"), core::Date(2022, 8, 1));
  EXPECT_EQ(at("2022-07-31T22:30:00Z"), core::Date(2022, 7, 31));
  EXPECT_GT(DayOf({}), core::Date(2099, 1, 1));
}

}  // namespace
}  // namespace bellwether::rating::testing
