// Rows of the February 2022 report that do not add up, and rows that look so and do.
#include "bellwether/rating/findings.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

auto IsFinding(FindingKind kind, std::string_view period, CellKind cell, const std::string& published,
               const std::string& computed, const std::string& difference) {
  return AllOf(Field("kind", &Finding::kind, kind), Field("period", &Finding::period, P(period)),
               Field("cell", &Finding::cell, cell), Field("published", &Finding::published, published),
               Field("computed", &Finding::computed, computed), Field("difference", &Finding::difference, difference));
}

class FindingsTest : public ::testing::Test {
 protected:
  struct Indicator {
    Definition definition;
    Slots slots;
  };

  Indicator& Add(const std::string& ref, RollUpRule rule) {
    Indicator& added = indicators_[ref];
    added.definition = IndicatorOf(Polarity::kHigher);
    added.definition.ref = ref;
    added.definition.quarter_rule = rule;
    added.definition.year_to_date_rule = rule;
    return added;
  }

  Subject Find(std::string_view ref) const {
    const auto found = indicators_.find(std::string(ref));
    if (found == indicators_.end()) return {};
    return {&found->second.definition, {}, &found->second.slots};
  }

  std::vector<Finding> Findings(std::string_view ref, std::string_view period = "2022-02") const {
    return FindingsOf(Find(ref), P(period), [this](std::string_view other) { return Find(other); });
  }

  // The parts and the year to date of a row, in the report's order of columns: Q1, Q2, Q3, year to date, January,
  // February.
  static void PutRow(Slots& slots, const std::vector<std::string>& figures) {
    constexpr const char* kPeriods[] = {"2021-22-Q1", "2021-22-Q2", "2021-22-Q3", "2022-02-YTD", "2022-01", "2022-02"};
    for (size_t i = 0; i < figures.size(); ++i) Put(slots, kPeriods[i], figures[i]);
  }

  std::map<std::string, Indicator> indicators_;
};

constexpr FindingKind kParts = FindingKind::kPartsAndTotal;
constexpr CellKind kYearToDate = CellKind::kYearToDate;

TEST_F(FindingsTest, NumeratorFiveShortIsOneFindingOfTheYearToDate) {
  PutRow(Add("T21a", RollUpRule::kRatio).slots,
         {"83637/95345", "88385/109521", "81298/94717", "310783/365149", "29766/34008", "27702/31558"});
  const auto findings = Findings("T21a");
  EXPECT_THAT(findings,
              ElementsAre(IsFinding(kParts, "2022-02-YTD", kYearToDate, "310783/365149", "310788/365149", "-5/0")));
  EXPECT_THAT(findings[0].explanation, HasSubstr("The numerator is 5 too low and the denominator is right."));
}

TEST_F(FindingsTest, BothPartsOfARatioAreCompared) {
  PutRow(Add("T1", RollUpRule::kRatio).slots, {"19/20", "28/31", "24/25", "82/88", "4/4", "6/6"});
  EXPECT_THAT(Findings("T1"), ElementsAre(IsFinding(kParts, "2022-02-YTD", kYearToDate, "82/88", "81/86", "1/2")));
}

TEST_F(FindingsTest, WhatAWarningSaidIsFound) {
  Indicator& x = Add("X1", RollUpRule::kLatest);
  Put(x.slots, "2022-01", "93");
  Put(x.slots, "2022-02", "0.93");
  const auto findings = Findings("X1");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind, FindingKind::kUnlikely);
  EXPECT_EQ(findings[0].warning, WarningKind::kShareForPercent);
  EXPECT_EQ(findings[0].published, "0.93");
  EXPECT_EQ(findings[0].explanation, "0.93% looks like a share of one, where 93% came before: 93% is meant, if so.");
  x.definition.silenced = {{WarningKind::kShareForPercent, "it is one"}};
  EXPECT_THAT(Findings("X1"), IsEmpty());
}

TEST_F(FindingsTest, OfAQuarterlyIndicatorAFigureIsToldOnce) {
  Indicator& quarterly = Add("Q1", RollUpRule::kRatio);
  quarterly.definition.frequency = Frequency::kQuarterly;
  Put(quarterly.slots, "2021-22-Q3", "41/80");
  Reading& reading = Change(quarterly.slots, "2021-22-Q3");
  std::get<Ratio>(reading.measurement).value = D("52");
  EXPECT_THAT(Findings("Q1", "2021-22-Q3"),
              ElementsAre(IsFinding(kParts, "2021-22-Q3", CellKind::kCurrent, "52", "51.25", "0.75")));
}

TEST_F(FindingsTest, SumThatFailsIsFound) {
  Indicator& t21b = Add("T21b", RollUpRule::kSum);
  t21b.definition.unit = "count";
  PutRow(t21b.slots, {"118580", "116773", "94717", "365149", "34008", "31558"});
  const auto findings = Findings("T21b");
  EXPECT_THAT(findings, ElementsAre(IsFinding(kParts, "2022-02-YTD", kYearToDate, "365149", "395636", "-30487")));
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("its parts give 395,636 (118,580 in quarter 1 of 2021-22, 116,773 in quarter 2 of 2021-22, "));
}

TEST_F(FindingsTest, SumIsComparedAtTheSuppliedPlaces) {
  Indicator& t60b = Add("T60b", RollUpRule::kSum);
  t60b.definition.unit = "tonnes";
  Slots& slots = t60b.slots;
  PutRow(slots, {"990.28", "986.16", "975.96", "3569.42", "332", "285.02"});
  EXPECT_THAT(Findings("T60b"), IsEmpty());
  Put(slots, "2022-02-YTD", "3569.4");
  EXPECT_THAT(Findings("T60b"), IsEmpty());
  Put(slots, "2022-02-YTD", "3569.43");
  EXPECT_THAT(Findings("T60b"),
              ElementsAre(IsFinding(kParts, "2022-02-YTD", kYearToDate, "3569.43", "3569.42", "0.01")));
}

TEST_F(FindingsTest, WeightedMeanMayDifferByItsPartsOwnRounding) {
  Slots& slots = Add("T17", RollUpRule::kWeightedMean).slots;
  PutRow(slots, {"22.74*2827", "20.53*2306", "19.71*2062", "21.08*8460", "20.65*608", "20.55*657"});
  EXPECT_THAT(Findings("T17"), IsEmpty());
  Put(slots, "2022-02-YTD",
      "21.09*8460");  // 21.0788, give or take 0.005 of the parts and 0.005 of its own: to 21.0888.
  EXPECT_THAT(Findings("T17"), ElementsAre(Field(&Finding::published, "21.09")));
  Put(slots, "2022-02-YTD", "21.08*8461");
  EXPECT_THAT(Findings("T17"),
              ElementsAre(IsFinding(kParts, "2022-02-YTD", kYearToDate, "weight 8461", "weight 8460", "1")));
}

TEST_F(FindingsTest, LatestMonthIsHeldAgainstTheYearToDate) {
  Slots& slots = Add("T4", RollUpRule::kLatest).slots;
  PutRow(slots, {"90.00", "91.00", "92.00", "93.95", "93.01", "93.95"});
  EXPECT_THAT(Findings("T4"), IsEmpty());
  Put(slots, "2021-12", "92.5");
  EXPECT_THAT(Findings("T4"),
              ElementsAre(IsFinding(kParts, "2021-22-Q3", CellKind::kQuarter, "92.00", "92.5", "-0.5")));
}

TEST_F(FindingsTest, NothingIsSaidWhereAPartLacks) {
  Slots& slots = Add("T47", RollUpRule::kSum).slots;
  PutRow(slots, {"15", "7", "27", "41", "6", "5"});
  indicators_["T47"].definition.year_basis = core::YearBasis::kAcademic;
  EXPECT_THAT(Findings("T47"), IsEmpty());
  indicators_["T47"].definition.year_basis = core::YearBasis::kFinancial;
  EXPECT_THAT(Findings("T47"), ElementsAre(IsFinding(kParts, "2022-02-YTD", kYearToDate, "41", "60", "-19")));
}

TEST_F(FindingsTest, ArrowOfThePublisherIsHeldAgainstTheKey) {
  Indicator& t45 = Add("T45", RollUpRule::kLatest);
  t45.definition.targets = {ValueTarget("65")};
  Put(t45.slots, "2022-01", "80");
  Put(t45.slots, "2022-02", "75");
  Change(t45.slots, "2022-02").seldom.Edit().published_arrow = "⬇ R";
  const auto findings = Findings("T45");
  EXPECT_THAT(findings, ElementsAre(IsFinding(FindingKind::kArrow, "2022-02", CellKind::kCurrent, "⬇ R", "↓", "")));
  EXPECT_THAT(findings[0].explanation, HasSubstr("75% is down from 80%"));
  Change(t45.slots, "2022-02").seldom.Edit().published_arrow = "⇩\uFE0F";
  EXPECT_THAT(Findings("T45"), IsEmpty());
  // Nothing to compare with is no contradiction.
  Change(t45.slots, "2022-02").seldom.Edit().published_arrow = "↑G";
  t45.slots.erase(P("2022-01"));
  EXPECT_THAT(Findings("T45"), IsEmpty());
}

TEST_F(FindingsTest, StatusOfThePublisherIsHeldAgainstTheScheme) {
  Indicator& t45 = Add("T45", RollUpRule::kLatest);
  t45.definition.targets = {ValueTarget("65")};
  Scheme scheme = *t45.definition.scheme;
  scheme.statuses.front().synonyms = {"On track"};
  const std::string id = scheme.statuses.front().id;
  const std::string label = scheme.statuses.front().label;
  const std::string other = scheme.statuses[1].label;
  t45.definition.scheme = std::make_shared<const Scheme>(scheme);
  Put(t45.slots, "2022-02", "75");
  for (const std::string& same : {id, label, absl::AsciiStrToUpper(label), std::string("on-track"), std::string()}) {
    Change(t45.slots, "2022-02").seldom.Edit().published_status = same;
    EXPECT_THAT(Findings("T45"), IsEmpty()) << same;
  }
  Change(t45.slots, "2022-02").seldom.Edit().published_status = other;
  auto findings = Findings("T45");
  EXPECT_THAT(findings, ElementsAre(IsFinding(FindingKind::kStatus, "2022-02", CellKind::kCurrent, other, label, "")));
  EXPECT_THAT(findings[0].explanation, ::testing::Not(HasSubstr("synonyms")));
  Change(t45.slots, "2022-02").seldom.Edit().published_status = "Doing fine";
  findings = Findings("T45");
  EXPECT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].explanation, HasSubstr("synonyms"));
  // Of a quarter and of the year to date as well.
  Change(t45.slots, "2022-02").seldom.Edit().published_status = "";
  Put(t45.slots, "2022-02-YTD", "75");
  Change(t45.slots, "2022-02-YTD").seldom.Edit().published_status = other;
  EXPECT_THAT(Findings("T45"),
              ElementsAre(IsFinding(FindingKind::kStatus, "2022-02-YTD", kYearToDate, other, label, "")));
}

TEST_F(FindingsTest, AnArrowInOtherWordsIsNoFinding) {
  Indicator& t45 = Add("T45", RollUpRule::kLatest);
  t45.definition.targets = {ValueTarget("65")};
  Put(t45.slots, "2022-01", "80");
  Put(t45.slots, "2022-02", "75");
  Change(t45.slots, "2022-02").seldom.Edit().published_arrow = "Slipping";
  EXPECT_THAT(Findings("T45"), SizeIs(1));
  Scheme scheme = *t45.definition.scheme;
  for (DirectionRule& rule : scheme.directions) {
    if (rule.arrow == "↓") rule.synonyms = {"slipping"};
  }
  t45.definition.scheme = std::make_shared<const Scheme>(scheme);
  EXPECT_THAT(Findings("T45"), IsEmpty());
}

TEST_F(FindingsTest, ArrowVariantsAreFolded) {
  EXPECT_EQ(FoldArrow("⬆\uFE0F G"), "↑G");
  EXPECT_EQ(FoldArrow(" ⇧"), "↑");
  EXPECT_EQ(FoldArrow("➔"), FoldArrow("⇨"));
  EXPECT_EQ(FoldArrow("↓\u00A0A"), "↓A");
  EXPECT_NE(FoldArrow("↓A"), FoldArrow("↓"));
  EXPECT_EQ(FoldArrow(""), "");
}

class RunningTotalTest : public FindingsTest {
 protected:
  RunningTotalTest() {
    Indicator& t15 = Add("T15", RollUpRule::kCumulative);
    t15.definition.checks = {RunningAmount{}};
  }
  void Put15(std::string_view period, std::string_view amount, std::string_view in_period = "") {
    Slots& slots = indicators_["T15"].slots;
    Put(slots, period, "50");
    OtherMeasures& other = Change(slots, period).seldom.Edit().other;
    other.amount = D(amount);
    if (!in_period.empty()) other.amount_in_period = D(in_period);
  }
};

TEST_F(RunningTotalTest, AmountInTheMonthIsTheStepOfTheRunningAmount) {
  Put15("2022-01", "202916527.22");
  Put15("2022-02", "206933536.09", "401700887");
  const auto findings = Findings("T15");
  EXPECT_THAT(findings, ElementsAre(IsFinding(FindingKind::kRunningTotal, "2022-02", CellKind::kCurrent, "401700887",
                                              "4017008.87", "397683878.13")));
  EXPECT_THAT(findings[0].explanation, HasSubstr("given 100 times too large"));
  Put15("2022-02", "206933536.09", "4017008.87");
  EXPECT_THAT(Findings("T15"), IsEmpty());
  Put15("2022-02", "206933536.09", "4017009");
  EXPECT_THAT(Findings("T15"), IsEmpty());
}

TEST_F(RunningTotalTest, SuppliedQuarterStandsForItsLastMonth) {
  Put15("2021-22-Q3", "100");
  Put15("2022-01", "130", "20");
  EXPECT_THAT(Findings("T15", "2022-01"),
              ElementsAre(IsFinding(FindingKind::kRunningTotal, "2022-01", CellKind::kCurrent, "20", "30", "-10")));
  Put15("2021-12", "110");
  EXPECT_THAT(Findings("T15", "2022-01"), IsEmpty());
}

TEST_F(RunningTotalTest, TheYearBeginsFromNothing) {
  Put15("2021-03", "1000");
  Put15("2021-04", "40", "41");
  EXPECT_THAT(Findings("T15", "2021-04"),
              ElementsAre(IsFinding(FindingKind::kRunningTotal, "2021-04", CellKind::kCurrent, "41", "40", "1")));
  Put15("2021-05", "90", "1");  // April is there.
  EXPECT_THAT(Findings("T15", "2021-05"), ElementsAre(Field(&Finding::computed, "50")));
}

TEST_F(RunningTotalTest, SaysNothingWithoutTheAmountBefore) {
  Put15("2022-02", "206933536.09", "401700887");
  EXPECT_THAT(Findings("T15"), IsEmpty());
}

TEST_F(FindingsTest, SamePopulationIsComparedFromItsStartOn) {
  Indicator& t21a = Add("T21a", RollUpRule::kRatio);
  t21a.definition.checks = {SharedPopulation{Figure::kDenominator, "T21b", Figure::kValue, M("2021-08")}};
  Slots& t21b = Add("T21b", RollUpRule::kSum).slots;
  Put(t21a.slots, "2021-22-Q2", "88385/109521");
  Put(t21b, "2021-22-Q2", "116773");
  Put(t21a.slots, "2021-07", "1/2");
  Put(t21b, "2021-07", "3");
  Put(t21a.slots, "2022-02-YTD", "88385/109521");
  Put(t21b, "2022-02-YTD", "365149");
  Put(t21a.slots, "2022-02", "27702/31558");
  Put(t21b, "2022-02", "31558");
  EXPECT_THAT(Findings("T21a", "2021-07"), IsEmpty());
  EXPECT_THAT(Findings("T21a"), IsEmpty());
  Put(t21b, "2022-02", "31559");
  const auto findings = Findings("T21a");
  EXPECT_THAT(findings, ElementsAre(IsFinding(FindingKind::kSamePopulation, "2022-02", CellKind::kCurrent, "31558",
                                              "31559", "-1")));
  EXPECT_THAT(findings[0].explanation, HasSubstr("from August 2021 on"));
}

TEST_F(FindingsTest, UnknownOtherIndicatorIsNotCompared) {
  Indicator& t27 = Add("T27", RollUpRule::kLatest);
  t27.definition.unit = "count";
  t27.definition.checks = {SharedPopulation{Figure::kValue, "T26", Figure::kValue, std::nullopt}};
  Put(t27.slots, "2022-02", "688");
  EXPECT_THAT(Findings("T27"), IsEmpty());
}

TEST_F(FindingsTest, RatioThatNoLongerGivesItsOwnValueIsFound) {
  Indicator& t2 = Add("T2", RollUpRule::kNotShown);
  Put(t2.slots, "2022-02", "31/33");
  std::get<Ratio>(Change(t2.slots, "2022-02").measurement).value = D("93.94");
  EXPECT_THAT(Findings("T2"), IsEmpty());
  t2.definition.unit = "per 1,000";
  t2.definition.ratio_multiplier = D("1000");
  EXPECT_THAT(Findings("T2"), ElementsAre(IsFinding(kParts, "2022-02", CellKind::kCurrent, "93.94", "939.393939...",
                                                    "-845.453939...")));
}

}  // namespace
}  // namespace bellwether::rating::testing
