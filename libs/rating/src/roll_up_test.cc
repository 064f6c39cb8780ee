// Quarters and years to date, on every boundary of docs/rating.md, "Roll-ups".
#include <gmock/gmock.h>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

Definition WithRules(RollUpRule quarter, RollUpRule year_to_date) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.quarter_rule = quarter;
  definition.year_to_date_rule = year_to_date;
  return definition;
}

// April 2021 to the given number of months later.
Slots Months(int count, std::string_view figures, int64_t first_offset = 1) {
  Slots slots;
  for (int i = 0; i < count; ++i) Put(slots, (M("2021-04") + i).ToString(), figures, first_offset + i);
  return slots;
}

std::string Text(const std::optional<core::Decimal>& d) { return d ? d->ToString() : "none"; }

std::vector<std::string> PartNames(const CellEvaluation& e) {
  std::vector<std::string> names;
  for (const Part& part : e.parts) names.push_back(part.period.ToString());
  return names;
}

using ::testing::ElementsAre;

TEST(RollUp, EachPartFitsWhatWasAllowedInIt) {
  const Definition wide = WithRules(RollUpRule::kMean, RollUpRule::kMean);
  Definition narrow = wide;
  narrow.allowed_values = Range{D("0"), D("100")};
  narrow.effective_from = M("2021-05");
  Slots slots = Months(3, "90");
  Put(slots, "2021-04", "120");
  EXPECT_EQ(Text(EvaluateAt(Amended(wide, narrow), slots, "2021-06").quarters[0].cell.value), "100.00");
  narrow.effective_from = M("2021-04");
  EXPECT_EQ(
      EvaluateAt(Amended(wide, narrow), slots, "2021-06").quarters[0].cell.reason,
      "the reading of April 2021 does not fit: the figure 120 is above 100, the highest that the indicator allows");
}

TEST(RollUp, IsRatedNoBetterThanAllItsParts) {
  Definition definition = WithRules(RollUpRule::kMean, RollUpRule::kMean);
  definition.decimal_places = 0;
  definition.targets = {ValueTarget("90")};
  const Evaluation e = EvaluateAt(definition, Months(2, "89.5"), "2021-05");
  EXPECT_EQ(e.current.cell.status, "amber");
  EXPECT_EQ(e.year_to_date.cell.status, "amber");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "89.5");
}

struct RuleCase {
  std::string name;
  RollUpRule rule;
  std::vector<std::string> months;  // From April 2021; empty: none.
  std::string value;
  std::string reason = "";
  CellState state = CellState::kTracking;
};
void PrintTo(const RuleCase& c, std::ostream* os) { *os << c.name; }

class RuleTest : public ::testing::TestWithParam<RuleCase> {};

TEST_P(RuleTest, GivesTheQuarter) {
  const RuleCase& c = GetParam();
  Slots slots;
  for (size_t i = 0; i < c.months.size(); ++i) {
    if (!c.months[i].empty()) Put(slots, (M("2021-04") + static_cast<int>(i)).ToString(), c.months[i]);
  }
  const Cell quarter = EvaluateAt(WithRules(c.rule, RollUpRule::kNotShown), slots, "2021-06").quarters[0].cell;
  EXPECT_EQ(Text(quarter.value), c.value);
  EXPECT_EQ(Text(quarter.computed), c.value);
  EXPECT_EQ(quarter.reason, c.reason);
  EXPECT_EQ(quarter.state, c.state);
}

constexpr CellState kNotComputable = CellState::kNotComputable;

INSTANTIATE_TEST_SUITE_P(
    Rules, RuleTest,
    ::testing::Values(
        RuleCase{"Sum", RollUpRule::kSum, {"1.5", "2", "3"}, "6.50"},
        RuleCase{"SumOfZeros", RollUpRule::kSum, {"0", "0", "0"}, "0.00"},
        RuleCase{
            "SumWithoutAMonth", RollUpRule::kSum, {"1", "", "3"}, "none", "May 2021 has no reading", kNotComputable},
        RuleCase{"SumWithoutAFigure",
                 RollUpRule::kSum,
                 {"1", "?", "3"},
                 "none",
                 "the figure of May 2021 is not available: no data from the supplier",
                 kNotComputable},
        RuleCase{"RatioOfSums", RollUpRule::kRatio, {"1/2", "2/2", "3/3"}, "85.71"},
        RuleCase{"NothingHappenedAddsNothing", RollUpRule::kRatio, {"1/2", "0/0", "3/3"}, "80.00"},
        RuleCase{"NothingHappenedAtAll",
                 RollUpRule::kRatio,
                 {"0/0", "0/0", "0/0"},
                 "none",
                 "every part is 0 out of 0: nothing happened, so there is no rate",
                 kNotComputable},
        RuleCase{"RatioOfABareValue",
                 RollUpRule::kRatio,
                 {"1/2", "50", "3/3"},
                 "none",
                 "May 2021 has no numerator and denominator",
                 kNotComputable},
        RuleCase{"WeightedMean", RollUpRule::kWeightedMean, {"20*1", "21*2", "22*5"}, "21.50"},
        RuleCase{"WeightsOfZero",
                 RollUpRule::kWeightedMean,
                 {"20*0", "21*0", "22*0"},
                 "none",
                 "the weights add up to zero, so there is no mean",
                 kNotComputable},
        RuleCase{"AMeanOfNothingAddsNothing", RollUpRule::kWeightedMean, {"20*1", "0*0", "22*1"}, "21.00"},
        RuleCase{"AMeanLeavesOutAMeanOfNothing", RollUpRule::kMean, {"20*1", "0*0", "22*1"}, "21.00"},
        RuleCase{"LatestOfAMeanOfNothing",
                 RollUpRule::kLatest,
                 {"20*1", "20*1", "25*0"},
                 "none",
                 "June 2021 is a mean over a weight of 0: nothing happened, so there is no mean",
                 kNotComputable},
        RuleCase{"WeightedMeanOfABareValue",
                 RollUpRule::kWeightedMean,
                 {"20*1", "21", "22*5"},
                 "none",
                 "May 2021 has no weight",
                 kNotComputable},
        RuleCase{"Mean", RollUpRule::kMean, {"1", "2", "4"}, "2.33"},
        RuleCase{"MeanLeavesOutWhatDidNotHappen", RollUpRule::kMean, {"1/2", "0/0", "2/2"}, "75.00"},
        RuleCase{"Latest", RollUpRule::kLatest, {"1", "2", "4.0"}, "4.0"},
        RuleCase{"LatestIsNeverAnEarlierOne", RollUpRule::kLatest, {"1", "2", ""}, "none", "", CellState::kMissing},
        RuleCase{"LatestAlone", RollUpRule::kLatest, {"", "", "4"}, "4"},
        RuleCase{"LatestOfNothing",
                 RollUpRule::kLatest,
                 {"1", "2", "0/0"},
                 "none",
                 "June 2021 is 0 out of 0: nothing happened, so there is no rate",
                 kNotComputable},
        RuleCase{"Cumulative", RollUpRule::kCumulative, {"1", "2", "4"}, "4"},
        RuleCase{"SuppliedComputesNothing", RollUpRule::kSupplied, {"1", "2", "4"}, "none", "", CellState::kMissing},
        RuleCase{"NotShown", RollUpRule::kNotShown, {"1", "2", "4"}, "none", "", CellState::kNotShown},
        RuleCase{"NothingAtAll", RollUpRule::kSum, {"", "", ""}, "none", "", CellState::kMissing},
        RuleCase{"HalfIsRoundedAwayFromZero", RollUpRule::kRatio, {"-1/10000", "-1/5000", "-1/5000"}, "-0.02"},
        RuleCase{"AsManyPlacesAsTheFinestPart", RollUpRule::kMean, {"89.495", "89.5", "89.495"}, "89.497"},
        RuleCase{"SumWithThePlacesOfTheFinestPart", RollUpRule::kSum, {"0.125", "2", "3"}, "5.125"},
        RuleCase{"WeightedMeanWithThePlacesOfTheFinestPart",
                 RollUpRule::kWeightedMean,
                 {"89.495*1", "89.5*1", "89.495*1"},
                 "89.497"}),
    [](const auto& tpi) { return tpi.param.name; });

TEST(Quarter, NamesTheFirstThreePartsThatLack) {
  Slots slots = Months(1, "1");
  const Cell cell = EvaluateAt(WithRules(RollUpRule::kNotShown, RollUpRule::kSum), slots, "2021-09").year_to_date.cell;
  EXPECT_EQ(cell.reason,
            "May 2021 has no reading; June 2021 has no reading; July 2021 has no reading; and 2 more parts lack");
}

TEST(Quarter, OfPartsThatLackForSeveralReasonsNamesEach) {
  Slots slots = Months(3, "?");
  const Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  for (const char* month : {"2021-04", "2021-05", "2021-06"}) Change(slots, month).observation_status = 'Q';
  EXPECT_EQ(EvaluateAt(definition, slots, "2021-06").quarters[0].cell.state, CellState::kSuppressed);
  Change(slots, "2021-06").observation_status = 'L';
  const Evaluation e = EvaluateAt(definition, slots, "2021-06");
  for (const Cell& cell : {e.quarters[0].cell, e.year_to_date.cell}) {
    EXPECT_EQ(cell.state, kNotComputable);
    EXPECT_EQ(
        cell.reason,
        "the figure of April 2021 is suppressed: no data from the supplier; the figure of May 2021 is suppressed: "
        "no data from the supplier; the figure of June 2021 was not collected: no data from the supplier");
  }
  Change(slots, "2021-04").observation_status = Change(slots, "2021-05").observation_status = 'O';
  slots.erase(P("2021-06"));
  EXPECT_EQ(EvaluateAt(definition, slots, "2021-06").quarters[0].cell.state, CellState::kMissing)
      << "that the source has no figure, and that none came, is one absence";
}

TEST(Quarter, OfWithdrawnPartsIsWithdrawn) {
  Slots slots = Months(3, "1");
  const Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kLatest);
  Withdraw(slots, "2021-05");
  Evaluation e = EvaluateAt(definition, slots, "2021-06");
  EXPECT_EQ(e.quarters[0].cell.state, kNotComputable);
  EXPECT_EQ(e.quarters[0].cell.reason, "the reading of May 2021 was withdrawn");
  Withdraw(slots, "2021-04");
  Withdraw(slots, "2021-06");
  e = EvaluateAt(definition, slots, "2021-06");
  EXPECT_EQ(e.quarters[0].cell.state, CellState::kWithdrawn);
  EXPECT_EQ(e.year_to_date.cell.state, CellState::kWithdrawn);
}

TEST(Quarter, ShowsTheSuppliedFigureAndTheComputedBesideIt) {
  Slots slots = Months(3, "1/2");
  Put(slots, "2021-22-Q1", "82/88");
  const Definition definition = WithRules(RollUpRule::kRatio, RollUpRule::kRatio);
  Evaluation e = EvaluateAt(definition, slots, "2021-06");
  EXPECT_EQ(Text(e.quarters[0].cell.value), "93.18");
  EXPECT_EQ(Text(e.quarters[0].cell.computed), "50.00");
  EXPECT_EQ(Text(e.quarters[0].cell.computed_numerator), "3");
  EXPECT_EQ(Text(e.quarters[0].cell.computed_denominator), "6");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "50.00");  // Of its months, since all are there.

  Put(slots, "2021-22-Q1", "?");
  e = EvaluateAt(definition, slots, "2021-06");
  EXPECT_EQ(e.quarters[0].cell.state, CellState::kMissing);
  EXPECT_EQ(e.quarters[0].cell.reason, "no data from the supplier");
  EXPECT_EQ(Text(e.quarters[0].cell.computed), "50.00");

  Withdraw(slots, "2021-22-Q1");
  EXPECT_EQ(Text(EvaluateAt(definition, slots, "2021-06").quarters[0].cell.value), "50.00");
  slots.erase(P("2021-05"));
  EXPECT_EQ(EvaluateAt(definition, slots, "2021-06").quarters[0].cell.state, CellState::kWithdrawn);
}

TEST(Quarter, EndsNoLaterThanTheDataPeriod) {
  Slots slots = Months(12, "1");
  const Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_EQ(Text(e.quarters[2].cell.value), "3.00");
  EXPECT_EQ(e.quarters[3].cell.state, CellState::kNotShown);
  EXPECT_EQ(e.quarters[3].cell.period, P("2021-22-Q4"));
  EXPECT_EQ(e.quarters[3].cell.status, "");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "11.00");
  e = EvaluateAt(definition, slots, "2022-03");
  EXPECT_EQ(Text(e.quarters[3].cell.value), "3.00");
  e = EvaluateAt(definition, slots, "2022-04");  // The quarters of another year.
  EXPECT_EQ(e.quarters[0].cell.period, P("2022-23-Q1"));
  EXPECT_EQ(e.quarters[0].cell.state, CellState::kNotShown);
}

TEST(Quarter, IsOfTheCalendarYearForSuchABody) {
  Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  definition.reporting_year = core::YearKind::kCalendar;
  definition.year_basis = core::YearBasis::kCalendar;
  Slots slots = Months(12, "1");
  Put(slots, "2022-Q1", "5");
  const Evaluation e = EvaluateAt(definition, slots, "2022-03");
  EXPECT_EQ(e.quarters[0].cell.period, P("2022-Q1"));
  EXPECT_EQ(Text(e.quarters[0].cell.value), "5");
  EXPECT_EQ(Text(e.quarters[0].cell.computed), "3.00");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "3.00");
}

TEST(RunningQuarter, TakesTheYearsPartsBeforeIt) {
  Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  definition.quarter_running = true;
  Slots slots = Months(9, "1");
  Evaluation e = EvaluateAt(definition, slots, "2021-12");
  EXPECT_EQ(Text(e.quarters[0].cell.value), "3.00");
  EXPECT_EQ(Text(e.quarters[1].cell.value), "6.00");
  EXPECT_EQ(Text(e.quarters[2].cell.value), "9.00");

  // A supplied running quarter stands for the year so far, but never for its own quarter's parts.
  for (const char* month : {"2021-04", "2021-07", "2021-08"}) slots.erase(P(month));
  Put(slots, "2021-22-Q1", "4");
  Put(slots, "2021-22-Q2", "10");
  e = EvaluateAt(definition, slots, "2021-12");
  EXPECT_THAT(PartNames(e.quarters[2]), ElementsAre("2021-22-Q2", "2021-10", "2021-11", "2021-12"));
  EXPECT_EQ(Text(e.quarters[2].cell.value), "13.00");
  EXPECT_THAT(PartNames(e.quarters[1]), ElementsAre("2021-22-Q1", "2021-07", "2021-08", "2021-09"));
  EXPECT_EQ(Text(e.quarters[1].cell.computed), "none");
  EXPECT_EQ(Text(e.quarters[1].cell.value), "10");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "13.00");
}

TEST(RunningQuarter, OfTheAcademicYearBeginsInSeptember) {
  Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  definition.quarter_running = true;
  definition.year_basis = core::YearBasis::kAcademic;
  Slots slots = Months(12, "1");
  for (const char* month : {"2020-09", "2020-10", "2020-11", "2020-12", "2021-01", "2021-02", "2021-03"}) {
    Put(slots, month, "1");
  }
  const Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_EQ(Text(e.quarters[0].cell.value), "10.00");  // September 2020 to June 2021.
  EXPECT_EQ(Text(e.quarters[1].cell.value), "1.00");   // September 2021.
  EXPECT_EQ(Text(e.quarters[2].cell.value), "4.00");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "6.00");
}

TEST(YearToDate, TakesMonthsOrElseTheSuppliedQuarter) {
  Slots slots;
  Put(slots, "2021-22-Q1", "10");
  Put(slots, "2021-22-Q2", "20");
  Put(slots, "2021-22-Q3", "30");
  Put(slots, "2022-01", "4");
  Put(slots, "2022-02", "5");
  const Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_THAT(PartNames(e.year_to_date), ElementsAre("2021-22-Q1", "2021-22-Q2", "2021-22-Q3", "2022-01", "2022-02"));
  EXPECT_EQ(Text(e.year_to_date.cell.value), "69.00");
  EXPECT_EQ(Text(e.quarters[0].cell.value), "10");
  EXPECT_EQ(e.quarters[0].cell.computed, std::nullopt);  // Never its own supplied figure.

  for (const char* month : {"2021-07", "2021-08"}) Put(slots, month, "1");
  EXPECT_EQ(Text(EvaluateAt(definition, slots, "2022-02").year_to_date.cell.value), "69.00");
  Put(slots, "2021-09", "1");  // Now all its months are there.
  EXPECT_EQ(Text(EvaluateAt(definition, slots, "2022-02").year_to_date.cell.value), "52.00");

  Withdraw(slots, "2021-22-Q1");
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").year_to_date.cell.reason,
            "April 2021 has no reading; May 2021 has no reading; June 2021 has no reading");
  // The open quarter has no supplied figure to fall back on.
  slots.erase(P("2022-01"));
  Put(slots, "2021-22-Q1", "10");
  Put(slots, "2021-22-Q4", "99");
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").year_to_date.cell.reason, "January 2022 has no reading");
}

TEST(YearToDate, SaysWhatASuppliedQuarterLacks) {
  Slots slots;
  Put(slots, "2021-22-Q1", "87.72");
  const Definition definition = WithRules(RollUpRule::kRatio, RollUpRule::kRatio);
  Put(slots, "2021-07", "1/2");
  EXPECT_EQ(EvaluateAt(definition, slots, "2021-07").year_to_date.cell.reason,
            "quarter 1 of 2021-22 has no numerator and denominator");
}

TEST(YearToDate, OfTheAcademicYearTakesSeptemberAlone) {
  Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  definition.year_basis = core::YearBasis::kAcademic;
  Slots slots;
  Put(slots, "2021-09", "3");
  Put(slots, "2021-22-Q2", "7");
  Put(slots, "2021-22-Q3", "27");
  Put(slots, "2022-01", "6");
  Put(slots, "2022-02", "5");
  const Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_THAT(PartNames(e.year_to_date), ElementsAre("2021-09", "2021-22-Q3", "2022-01", "2022-02"));
  EXPECT_EQ(Text(e.year_to_date.cell.value), "41.00");
  EXPECT_EQ(Text(EvaluateAt(definition, slots, "2021-09").year_to_date.cell.value), "3.00");
}

TEST(YearToDate, OfTheFirstMonthIsThatMonth) {
  const Slots slots = Months(1, "1/3");
  const Cell cell = EvaluateAt(WithRules(RollUpRule::kSum, RollUpRule::kRatio), slots, "2021-04").year_to_date.cell;
  EXPECT_EQ(Text(cell.value), "33.33");
}

TEST(YearToDate, ShowsTheSuppliedFigure) {
  Slots slots = Months(2, "1/2");
  Put(slots, "2021-05-YTD", "3/4");
  Definition definition = WithRules(RollUpRule::kNotShown, RollUpRule::kSupplied);
  Cell cell = EvaluateAt(definition, slots, "2021-05").year_to_date.cell;
  EXPECT_EQ(Text(cell.value), "75.00");
  EXPECT_EQ(cell.computed, std::nullopt);
  definition.year_to_date_rule = RollUpRule::kRatio;
  cell = EvaluateAt(definition, slots, "2021-05").year_to_date.cell;
  EXPECT_EQ(Text(cell.computed), "50.00");
  definition.year_to_date_rule = RollUpRule::kNotShown;
  EXPECT_EQ(EvaluateAt(definition, slots, "2021-05").year_to_date.cell.state, CellState::kNotShown);
}

TEST(YearToDate, LatestShowsWhatTheMonthShows) {
  Slots slots = Months(1, "12.945");
  const Evaluation e = EvaluateAt(WithRules(RollUpRule::kLatest, RollUpRule::kLatest), slots, "2021-04");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "12.945");
  EXPECT_EQ(Text(e.year_to_date.cell.computed), "12.945");
}

// ---- Figures that are the year so far ----

// What held until June 2021, and from July on.
Definition Changed(RollUpRule before, RollUpRule after) {
  Definition now = WithRules(after, after);
  now.effective_from = M("2021-07");
  return Amended(WithRules(before, before), now);
}

Slots FromApril(const std::vector<std::string>& figures) {
  Slots slots;
  for (size_t i = 0; i < figures.size(); ++i) Put(slots, (M("2021-04") + static_cast<int>(i)).ToString(), figures[i]);
  return slots;
}

TEST(RunningFigure, StandsForTheMonthsBeforeItWhereLaterOnesAreAdded) {
  const Definition sum = Changed(RollUpRule::kCumulative, RollUpRule::kSum);
  Slots slots = FromApril({"10", "20", "30", "11", "12", "13"});
  Evaluation e = EvaluateAt(sum, slots, "2021-07");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "41.00");
  EXPECT_THAT(PartNames(e.year_to_date), ElementsAre("2021-06", "2021-07"));
  e = EvaluateAt(sum, slots, "2021-09");
  EXPECT_EQ(Text(e.quarters[0].cell.value), "30");
  EXPECT_EQ(Text(e.quarters[1].cell.value), "36.00");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "66.00");

  slots.erase(P("2021-05"));  // It is in that of June.
  EXPECT_EQ(Text(EvaluateAt(sum, slots, "2021-07").year_to_date.cell.value), "41.00");
  slots.erase(P("2021-06"));
  EXPECT_EQ(EvaluateAt(sum, slots, "2021-07").year_to_date.cell.reason, "June 2021 has no reading");
  Put(slots, "2021-22-Q1", "31");
  EXPECT_EQ(Text(EvaluateAt(sum, slots, "2021-07").year_to_date.cell.value), "42.00") << "the running quarter supplied";

  slots = FromApril({"1/10", "3/20", "5/30", "5/10"});
  EXPECT_EQ(
      Text(EvaluateAt(Changed(RollUpRule::kCumulative, RollUpRule::kRatio), slots, "2021-07").year_to_date.cell.value),
      "25.00");
  slots = FromApril({"20*10", "22*20", "24*30", "20*10"});
  const Definition weighted = Changed(RollUpRule::kCumulative, RollUpRule::kWeightedMean);
  EXPECT_EQ(Text(EvaluateAt(weighted, slots, "2021-07").year_to_date.cell.value), "23.00");
}

TEST(RunningFigure, IsAddedToNoOthersWhereTheSpanBeginsElsewhere) {
  const std::string why = " is the year so far (rule cumulative), which does not add up ";
  Definition definition = Changed(RollUpRule::kCumulative, RollUpRule::kSum);
  definition.effective_from = M("2021-08");
  const Slots slots = FromApril({"10", "20", "30", "41", "11", "12"});
  Evaluation e = EvaluateAt(definition, slots, "2021-09");
  EXPECT_EQ(e.quarters[1].cell.state, kNotComputable);
  EXPECT_EQ(e.quarters[1].cell.reason, "the figure of July 2021" + why + "with others");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "64.00");
  e = EvaluateAt(Changed(RollUpRule::kCumulative, RollUpRule::kMean), slots, "2021-07");
  EXPECT_EQ(e.year_to_date.cell.state, kNotComputable);
  EXPECT_EQ(e.year_to_date.cell.reason, "the figure of April 2021" + why + "to a mean; the figure of May 2021" + why +
                                            "to a mean; the figure of June 2021" + why + "to a mean");
}

TEST(RunningFigure, BeginsWithItsYearUnderALaterRule) {
  const Definition definition = Changed(RollUpRule::kSum, RollUpRule::kCumulative);
  const Slots slots = FromApril({"4", "5", "6", "26", "33", "41"});
  const Evaluation e = EvaluateAt(definition, slots, "2021-09");
  EXPECT_EQ(Text(e.quarters[0].cell.value), "15.00");
  EXPECT_EQ(Text(e.quarters[1].cell.value), "41");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "41");
}

TEST(RunningFigure, IsNotAddedByADefinitionThatContradictsItself) {
  const Slots slots = FromApril({"12", "15", "18"});
  Evaluation e = EvaluateAt(WithRules(RollUpRule::kSum, RollUpRule::kCumulative), slots, "2021-06");
  EXPECT_EQ(e.quarters[0].cell.state, kNotComputable);
  EXPECT_EQ(Text(e.year_to_date.cell.value), "18");
  e = EvaluateAt(WithRules(RollUpRule::kCumulative, RollUpRule::kSum), slots, "2021-06");
  EXPECT_EQ(Text(e.quarters[0].cell.value), "18");
  EXPECT_EQ(e.year_to_date.cell.state, kNotComputable);
  EXPECT_EQ(EvaluateAt(WithRules(RollUpRule::kCumulative, RollUpRule::kSum), {}, "2021-06").year_to_date.cell.state,
            CellState::kMissing);
}

TEST(RunningFigure, OfAQuarterStandsForTheQuartersBeforeIt) {
  Definition running = WithRules(RollUpRule::kCumulative, RollUpRule::kCumulative);
  Definition sum = WithRules(RollUpRule::kLatest, RollUpRule::kSum);
  running.frequency = sum.frequency = Frequency::kQuarterly;
  sum.effective_from = M("2021-10");
  Slots slots;
  Put(slots, "2021-22-Q1", "10");
  Put(slots, "2021-22-Q2", "20");
  Put(slots, "2021-22-Q3", "5");
  const Evaluation e = EvaluateAt(Amended(running, sum), slots, "2021-22-Q3");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "25.00");
  EXPECT_EQ(e.head.arrow, "");
}

// ---- Longer periods ----

TEST(QuarterlyIndicator, HasItsReadingsAsQuarters) {
  Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  definition.frequency = Frequency::kQuarterly;
  definition.targets = {ValueTarget("10")};
  Slots slots;
  Put(slots, "2021-22-Q1", "10");
  Put(slots, "2021-22-Q2", "9");
  const Evaluation e = EvaluateAt(definition, slots, "2021-22-Q2");
  EXPECT_EQ(e.current.cell.status, "red");
  EXPECT_EQ(e.quarters[0].cell.status, "green");  // Rated as the readings that they are, not as sums.
  EXPECT_EQ(e.quarters[1].cell.status, "red");
  EXPECT_EQ(e.year_to_date.cell.period, P("2021-09-YTD"));
  EXPECT_EQ(Text(e.year_to_date.cell.value), "19.00");
  EXPECT_EQ(e.year_to_date.cell.status, "not-rated");
}

TEST(QuarterlyIndicator, CannotDivideTheQuarterInWhichItsYearBegins) {
  Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  definition.frequency = Frequency::kQuarterly;
  definition.year_basis = core::YearBasis::kAcademic;
  Slots slots;
  Put(slots, "2021-22-Q2", "9");
  Put(slots, "2021-22-Q3", "9");
  EXPECT_EQ(EvaluateAt(definition, slots, "2021-22-Q3").year_to_date.cell.reason,
            "quarter 2 of 2021-22 begins before the year to date and cannot be divided");
}

TEST(HalfYearlyIndicator, AddsItsHalves) {
  Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kRatio);
  definition.frequency = Frequency::kHalfYearly;
  Slots slots;
  Put(slots, "2021-22-H1", "1/2");
  Put(slots, "2021-22-H2", "2/2");
  const Evaluation e = EvaluateAt(definition, slots, "2021-22-H2");
  EXPECT_EQ(Text(e.current.cell.value), "100.00");
  EXPECT_EQ(Text(e.previous.cell.value), "50.00");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "75.00");
  for (const CellEvaluation& quarter : e.quarters) EXPECT_EQ(quarter.cell.state, CellState::kNotShown);
}

TEST(YearlyIndicator, IsItsOwnYearToDate) {
  Definition definition = WithRules(RollUpRule::kSum, RollUpRule::kSum);
  definition.frequency = Frequency::kYearly;
  Slots slots;
  Put(slots, "2020-21", "4");
  Put(slots, "2021-22", "5");
  const Evaluation e = EvaluateAt(definition, slots, "2021-22");
  EXPECT_EQ(Text(e.year_to_date.cell.value), "5.00");
  EXPECT_EQ(e.head.arrow, "↑G");
}

}  // namespace
}  // namespace bellwether::rating::testing
