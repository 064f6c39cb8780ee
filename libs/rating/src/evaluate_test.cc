// Statuses and directions on their boundaries.
#include "bellwether/rating/evaluate.h"

#include <gmock/gmock.h>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

constexpr Polarity kHigher = Polarity::kHigher;
constexpr Polarity kLower = Polarity::kLower;
constexpr Polarity kCloseTo = Polarity::kCloseTo;

Slots One(std::string_view figures) {
  Slots slots;
  Put(slots, "2022-02", figures);
  return slots;
}

Target With(Target target, std::optional<ToleranceLimit> shortfall, std::optional<ToleranceLimit> low = {},
            std::optional<ToleranceLimit> high = {}, bool exclusive = false) {
  target.tolerance = Tolerance{std::move(shortfall), std::move(low), std::move(high), exclusive};
  return target;
}

Target Band(std::string_view value, std::string_view low, std::string_view high) {
  return With(ValueTarget(value), {}, EdgeAt(low), EdgeAt(high));
}

Scheme Exact(Scheme scheme) {
  scheme.precision = Precision::kExact;
  return scheme;
}

struct StatusCase {
  std::string name;
  Polarity polarity;
  Target target;
  std::string figure;
  std::string status;
  std::string variance;
  Scheme scheme = CouncilScheme();
};
void PrintTo(const StatusCase& c, std::ostream* os) { *os << c.name; }

class StatusTest : public ::testing::TestWithParam<StatusCase> {};

TEST_P(StatusTest, StandsOnItsSideOfTheEdge) {
  const StatusCase& c = GetParam();
  Definition definition = IndicatorOf(c.polarity, c.scheme);
  definition.targets = {c.target};
  const Score score = ScoreAt(definition, One(c.figure), "2022-02");
  EXPECT_EQ(score.current.status, c.status) << score.current.reason;
  ASSERT_TRUE(score.variance.has_value());
  EXPECT_EQ(score.variance->ToString(), c.variance);
}

INSTANTIATE_TEST_SUITE_P(
    Council, StatusTest,
    ::testing::Values(
        StatusCase{"OnTarget", kHigher, ValueTarget("90"), "90.00", "green", "0"},
        StatusCase{"AboveTarget", kHigher, ValueTarget("90"), "90.01", "green", "0.01"},
        StatusCase{"JustBelowTarget", kHigher, ValueTarget("90"), "89.99", "amber", "-0.01"},
        StatusCase{"ExactlyFivePercentUnder", kHigher, ValueTarget("90"), "85.5", "amber", "-4.5"},
        StatusCase{"AHairMoreThanFivePercent", kHigher, ValueTarget("90"), "85.499999999", "red", "-4.500000001"},
        StatusCase{"FivePercentIsOfTheTargetNotPoints", kHigher, ValueTarget("5"), "0.74", "red", "-4.26"},
        StatusCase{"LowerOnTarget", kLower, ValueTarget("21"), "21", "green", "0"},
        StatusCase{"LowerBetter", kLower, ValueTarget("21"), "20.55", "green", "-0.45"},
        StatusCase{"LowerExactlyFivePercentOver", kLower, ValueTarget("21"), "22.05", "amber", "1.05"},
        StatusCase{"LowerAHairMore", kLower, ValueTarget("21"), "22.06", "red", "1.06"},
        StatusCase{"ZeroTargetTolerates0", kLower, ValueTarget("0"), "0", "green", "0"},
        StatusCase{"ZeroTargetToleratesNothingMore", kLower, ValueTarget("0"), "0.01", "red", "0.01"},
        StatusCase{"NegativeTargetIsTakenAbsolutely", kHigher, ValueTarget("-100"), "-105", "amber", "-5"},
        StatusCase{"PastANegativeTargetsEdge", kHigher, ValueTarget("-100"), "-105.1", "red", "-5.1"}),
    [](const auto& tpi) { return tpi.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Ranges, StatusTest,
    ::testing::Values(StatusCase{"Above", kHigher, RangeTarget("95", "97"), "100", "green", "3"},
                      StatusCase{"Inside", kHigher, RangeTarget("95", "97"), "96", "green", "0"},
                      StatusCase{"OnTheLowEnd", kHigher, RangeTarget("95", "97"), "95", "green", "0"},
                      StatusCase{"Below", kHigher, RangeTarget("95", "97"), "94", "amber", "-1"},
                      StatusCase{"OnTheEdge", kHigher, RangeTarget("95", "97"), "90.25", "amber", "-4.75"},
                      StatusCase{"PastTheEdge", kHigher, RangeTarget("95", "97"), "90.24", "red", "-4.76"},
                      StatusCase{"LowerTakesTheHighEnd", kLower, RangeTarget("95", "97"), "97", "green", "0"},
                      StatusCase{"LowerAbove", kLower, RangeTarget("95", "97"), "98", "amber", "1"},
                      StatusCase{"CloseToInside", kCloseTo, RangeTarget("95", "97"), "96", "green", "0"},
                      StatusCase{"CloseToAbove", kCloseTo, RangeTarget("95", "97"), "97.01", "amber", "0.01"},
                      StatusCase{"CloseToOnUpperEdge", kCloseTo, RangeTarget("95", "97"), "101.85", "amber", "4.85"},
                      StatusCase{"CloseToPastUpperEdge", kCloseTo, RangeTarget("95", "97"), "101.86", "red", "4.86"},
                      StatusCase{"CloseToOnLowerEdge", kCloseTo, RangeTarget("95", "97"), "90.25", "amber", "-4.75"},
                      StatusCase{"CloseToPastLowerEdge", kCloseTo, RangeTarget("95", "97"), "90.24", "red", "-4.76"},
                      StatusCase{"CloseToAValue", kCloseTo, ValueTarget("50"), "50", "green", "0"},
                      StatusCase{"CloseToAValueAbove", kCloseTo, ValueTarget("50"), "52.5", "amber", "2.5"}),
    [](const auto& tpi) { return tpi.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bands, StatusTest,
    ::testing::Values(
        StatusCase{"OnlyTheWorseSideMatters", kHigher, Band("81", "76", "86"), "95", "green", "14", TrustScheme()},
        StatusCase{"OnTheLowEdge", kHigher, Band("81", "76", "86"), "76", "amber", "-5", TrustScheme()},
        StatusCase{"PastTheLowEdge", kHigher, Band("81", "76", "86"), "75.9", "red", "-5.1", TrustScheme()},
        StatusCase{"TouchingTheTargetLeavesNoAmber", kHigher, Band("85", "85", "95"), "84.99", "red", "-0.01",
                   TrustScheme()},
        StatusCase{"TouchingTheTargetIsGreenOnIt", kHigher, Band("85", "85", "95"), "85", "green", "0", TrustScheme()},
        StatusCase{"EdgeOnTheBetterSideToleratesNothing", kHigher, Band("85", "90", "95"), "84", "red", "-1",
                   TrustScheme()},
        StatusCase{"EdgeOnTheBetterSideDemandsNothing", kHigher, Band("85", "90", "95"), "86", "green", "1",
                   TrustScheme()},
        StatusCase{"LowerOnTheHighEdge", kLower, Band("30", "20", "45"), "45", "amber", "15", TrustScheme()},
        StatusCase{"LowerPastTheHighEdge", kLower, Band("30", "20", "45"), "45.1", "red", "15.1", TrustScheme()},
        StatusCase{"NoToleranceAtAll", kHigher, ValueTarget("85"), "84", "red", "-1", TrustScheme()},
        StatusCase{"ExclusiveEdge", kHigher, With(ValueTarget("90"), Absolute("5"), {}, {}, true), "85", "red", "-5"},
        StatusCase{"InsideAnExclusiveEdge", kHigher, With(ValueTarget("90"), Absolute("5"), {}, {}, true), "85.01",
                   "amber", "-4.99"},
        StatusCase{"AsymmetricLow", kCloseTo, With(ValueTarget("50"), {}, Absolute("1"), Absolute("10")), "48.9", "red",
                   "-1.1"},
        StatusCase{"AsymmetricHigh", kCloseTo, With(ValueTarget("50"), {}, Absolute("1"), Absolute("10")), "60",
                   "amber", "10"}),
    [](const auto& tpi) { return tpi.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Precision, StatusTest,
    ::testing::Values(
        // 6/7 is 85.714...: shown as 85.71.
        StatusCase{"DisplayedMeetsWhatIsShown", kHigher, ValueTarget("85.71"), "6/7", "green", "0"},
        StatusCase{"ExactIsAHairAbove", kHigher, ValueTarget("85.714"), "6/7", "green", "0.0003",
                   Exact(CouncilScheme())},
        StatusCase{"DisplayedIsBelow", kHigher, ValueTarget("85.714"), "6/7", "amber", "-0.004"},
        StatusCase{"DisplayedRoundsUpToTheEdge", kLower, With(ValueTarget("30"), {}, {}, EdgeAt("45.10")), "23/51",
                   "amber", "15.1", TrustScheme()},
        StatusCase{"ExactTellsTheEdge", kLower, With(ValueTarget("30"), {}, {}, EdgeAt("45.09")), "23/51", "red",
                   "15.0980", Exact(TrustScheme())}),
    [](const auto& tpi) { return tpi.param.name; });

INSTANTIATE_TEST_SUITE_P(
    FourStatuses, StatusTest,
    ::testing::Values(
        StatusCase{"Star", kHigher, ValueTarget("50"), "55", "star", "5", StarScheme()},
        StatusCase{"AHairLessThanAStar", kHigher, ValueTarget("50"), "54.999", "circle", "4.999", StarScheme()},
        StatusCase{"Circle", kHigher, ValueTarget("50"), "50", "circle", "0", StarScheme()},
        StatusCase{"Triangle", kHigher, ValueTarget("50"), "40.001", "triangle", "-9.999", StarScheme()},
        StatusCase{"SquareOnItsExclusiveEdge", kHigher, ValueTarget("50"), "40", "square", "-10", StarScheme()},
        StatusCase{"StarBelow", kLower, ValueTarget("50"), "45", "star", "-5", StarScheme()},
        StatusCase{"SquareAbove", kLower, ValueTarget("50"), "60", "square", "10", StarScheme()}),
    [](const auto& tpi) { return tpi.param.name; });

// ---- What keeps a cell from being rated ----

CellState StateOf(const Definition& definition, const Slots& slots, std::string_view period = "2022-02") {
  return EvaluateAt(definition, slots, period).current.cell.state;
}

TEST(Absence, ComesFirst) {
  Definition definition = IndicatorOf(kHigher);
  definition.targets.emplace_back();
  definition.targets[0].kind = UnderReview{};
  Slots slots;
  EXPECT_EQ(StateOf(definition, slots), CellState::kMissing);
  Put(slots, "2022-02", "?");
  EXPECT_EQ(StateOf(definition, slots), CellState::kMissing);
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").current.cell.reason, "no data from the supplier");
  Change(slots, "2022-02").observation_status = 'M';
  EXPECT_EQ(StateOf(definition, slots), CellState::kNotApplicable);
  Withdraw(slots, "2022-02");
  EXPECT_EQ(StateOf(definition, slots), CellState::kWithdrawn);
  Put(slots, "2022-02", "0/0");
  EXPECT_EQ(StateOf(definition, slots), CellState::kNotComputable);
  Put(slots, "2022-02", "0");
  EXPECT_EQ(StateOf(definition, slots), CellState::kUnderReview);
  definition.targets.clear();
  EXPECT_EQ(StateOf(definition, slots), CellState::kTracking);
}

TEST(Absence, HasTheSchemesStatusOrItsOwnWord) {
  Definition definition = IndicatorOf(kHigher, TrustScheme());
  EXPECT_EQ(ScoreAt(definition, {}, "2022-02").current.status, "missing");  // The Trust's key has none.
  EXPECT_EQ(ScoreAt(definition, One("3"), "2022-02").current.status, "no-rag");
  EXPECT_EQ(ScoreAt(definition, One("3"), "2022-02").quarters[3].status, "");  // Not shown.
}

TEST(Absence, OfAFigureThatNoLongerFitsKeepsTheFigure) {
  Definition definition = IndicatorOf(kHigher);
  definition.allowed_values = Range{D("0"), D("100")};
  const Evaluation e = EvaluateAt(definition, One("100.01"), "2022-02");
  EXPECT_EQ(e.current.cell.state, CellState::kNotComputable);
  EXPECT_EQ(e.current.cell.reason, "the figure 100.01 is above 100, the highest that the indicator allows");
  EXPECT_EQ(e.current.cell.value, D("100.01"));
  EXPECT_EQ(e.direction.reason, "the figure of February 2022 cannot be computed");
  EXPECT_EQ(StateOf(definition, One("100")), CellState::kTracking);
}

TEST(Absence, HasAWordOfItsOwn) {
  struct Case {
    char observation_status;
    CellState state;
    const char* word;
  };
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.quarter_rule = RollUpRule::kSum;
  for (const Case& c :
       {Case{'Q', CellState::kSuppressed, "suppressed"}, Case{'L', CellState::kNotCollected, "not-collected"},
        Case{'M', CellState::kNotApplicable, "not-applicable"}, Case{'O', CellState::kMissing, "missing"}}) {
    Slots slots;
    for (const char* month : {"2022-01", "2022-02", "2022-03"}) {
      Put(slots, month, "?");
      Change(slots, month).observation_status = c.observation_status;
    }
    const Evaluation e = EvaluateAt(definition, slots, "2022-03");
    EXPECT_EQ(e.current.cell.state, c.state);
    EXPECT_EQ(e.current.cell.status, c.word);
    EXPECT_EQ(e.current.cell.reason, "no data from the supplier");
    EXPECT_EQ(e.quarters[3].cell.state, c.state) << "all its parts are";
    Put(slots, "2022-01", "5");
    EXPECT_EQ(EvaluateAt(definition, slots, "2022-03").quarters[3].cell.state, CellState::kNotComputable);
    // It has come: nothing more is due.
    Score score = ScoreAt(definition, slots, "2022-03");
    WithAbsencesAsOf(definition, core::Date(2022, 4, 1), score);
    EXPECT_EQ(score.current.state, c.state);
  }
  Scheme scheme = CouncilScheme();
  scheme.statuses[3].any_of = {CellState::kMissing, CellState::kSuppressed};
  definition.scheme = std::make_shared<const Scheme>(scheme);
  Slots slots;
  Put(slots, "2022-02", "?");
  Change(slots, "2022-02").observation_status = 'Q';
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").current.cell.status, "missing") << "a scheme may name it";
}

TEST(Absence, BeforeItBeganNothingIsMissing) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.active_from = M("2022-08");
  definition.quarter_rule = definition.year_to_date_rule = RollUpRule::kRatio;
  Slots slots;
  Put(slots, "2022-08", "9498/8241");
  Put(slots, "2022-09", "10503/9099");
  const Evaluation august = EvaluateAt(definition, slots, "2022-08");
  EXPECT_EQ(august.previous.cell.state, CellState::kNotShown);
  EXPECT_EQ(august.direction.reason, "the indicator began after July 2022");
  EXPECT_EQ(august.year_to_date.cell.value, D("115.25"));
  const Evaluation september = EvaluateAt(definition, slots, "2022-09");
  EXPECT_EQ(september.quarters[0].cell.state, CellState::kNotShown);
  EXPECT_EQ(september.quarters[1].cell.value, D("115.35")) << "of the months in which it was";
  EXPECT_EQ(september.year_to_date.cell.value, D("115.35"));
  EXPECT_EQ(september.year_to_date.parts.size(), 2u);
  EXPECT_EQ(september.head.movement, Movement::kUp);

  // A quarter in which it began is whole.
  definition.frequency = Frequency::kQuarterly;
  Slots quarters;
  Put(quarters, "2022-23-Q2", "70/100");
  EXPECT_EQ(EvaluateAt(definition, quarters, "2022-23-Q2").year_to_date.cell.value, D("70.00"));
}

// Where it says so after figures have come, they are shown no more, and nothing compares with them.
TEST(Absence, BeforeItBeganNoFigureIsShown) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.quarter_rule = definition.year_to_date_rule = RollUpRule::kSum;
  definition.active_from = M("2022-06");
  Slots slots;
  for (const char* month : {"2022-04", "2022-05", "2022-06"}) Put(slots, month, "10");
  const Evaluation may = EvaluateAt(definition, slots, "2022-05");
  EXPECT_EQ(may.current.cell.state, CellState::kNotShown);
  EXPECT_EQ(may.year_to_date.cell.state, CellState::kNotShown);
  const Evaluation june = EvaluateAt(definition, slots, "2022-06");
  EXPECT_EQ(june.previous.cell.state, CellState::kNotShown);
  EXPECT_EQ(june.head.movement, Movement::kNone);
  EXPECT_EQ(june.direction.reason, "the indicator began after May 2022");
  EXPECT_EQ(june.year_to_date.cell.value, D("10.00"));
  EXPECT_EQ(june.quarters[0].cell.value, D("10.00"));
}

TEST(InProgress, IsNotRatedAsIfItWereWhole) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.targets = {ValueTarget("90")};
  Slots slots;
  Put(slots, "2022-01", "92");
  Put(slots, "2022-02", "40");
  Score score = ScoreAt(definition, slots, "2022-02");
  WithAbsencesAsOf(definition, core::Date(2022, 2, 28), score);
  EXPECT_EQ(score.current.state, CellState::kInProgress);
  EXPECT_EQ(score.current.status, "in-progress");
  EXPECT_EQ(score.current.value, D("40"));
  EXPECT_EQ(score.arrow, "");
  EXPECT_EQ(score.judgement, Judgement::kNotComparable);
  EXPECT_EQ(score.year_to_date.state, CellState::kInProgress);
  EXPECT_EQ(score.previous.state, CellState::kRated);
  Evaluation evaluation = EvaluateAt(definition, slots, "2022-02");
  WithAbsencesAsOf(definition, core::Date(2022, 2, 28), evaluation);
  EXPECT_EQ(evaluation.direction.reason, "February 2022 is not over");
  EXPECT_EQ(ScoreOf(evaluation), score);

  score = ScoreAt(definition, slots, "2022-02");
  WithAbsencesAsOf(definition, core::Date(2022, 3, 1), score);
  EXPECT_EQ(score.current.status, "red");
  EXPECT_EQ(score.arrow, "↓R");
}

TEST(Absence, IsNotDueUntilTheDayAfterTheDueDay) {
  Definition definition = IndicatorOf(kHigher);
  definition.days_until_due = 10;
  EXPECT_EQ(DueDate(definition, P("2022-02")), core::Date(2022, 3, 10));
  Slots slots;
  Put(slots, "2022-03", "?");
  Score score = ScoreAt(definition, slots, "2022-02");
  WithAbsencesAsOf(definition, core::Date(2022, 3, 10), score);
  EXPECT_EQ(score.current.state, CellState::kNotDue);
  EXPECT_EQ(score.current.status, "not-due");
  EXPECT_EQ(score.year_to_date.state, CellState::kNotDue);
  EXPECT_EQ(score.previous.state, CellState::kMissing);
  EXPECT_EQ(score.quarters[3].state, CellState::kNotShown);
  score = ScoreAt(definition, slots, "2022-02");
  WithAbsencesAsOf(definition, core::Date(2022, 3, 11), score);
  EXPECT_EQ(score.current.state, CellState::kMissing);
  // A reading that says "not available" has come: nothing is due any more.
  score = ScoreAt(definition, slots, "2022-03");
  WithAbsencesAsOf(definition, core::Date(2022, 3, 31), score);
  EXPECT_EQ(score.current.state, CellState::kMissing);
}

// ---- Targets ----

TEST(TargetInForce, IsTheLatestThatBegan) {
  Definition definition = IndicatorOf(kHigher);
  definition.targets = {ValueTarget("80"), ValueTarget("85"), ValueTarget("99")};
  definition.targets[1].effective_from = M("2021-04");
  definition.targets[2].effective_from = M("2022-04");
  Score score = ScoreAt(definition, One("82"), "2022-02");
  EXPECT_EQ(score.target, D("85"));
  EXPECT_EQ(score.previous_target, D("80"));
  EXPECT_EQ(score.tolerated, (Range{D("80.75"), std::nullopt}));
  score = ScoreAt(definition, {}, "2021-03");
  EXPECT_EQ(score.target, D("80"));  // Shown beside a missing figure too.
  EXPECT_EQ(score.previous_target, std::nullopt);
}

TEST(TargetInForce, BeforeTheFirstIsNone) {
  Definition definition = IndicatorOf(kHigher);
  definition.targets = {ValueTarget("80")};
  definition.targets[0].effective_from = M("2022-03");
  const Evaluation e = EvaluateAt(definition, One("82"), "2022-02");
  EXPECT_EQ(e.current.cell.status, "not-rated");
  EXPECT_EQ(e.current.cell.reason, "no target is in force in February 2022");
  EXPECT_EQ(e.head.target, std::nullopt);
}

TEST(TargetInForce, NeedsAProfilePointForTheMonth) {
  Definition definition = IndicatorOf(kHigher);
  Target profile;
  profile.kind = Profile{{{M("2022-01"), D("94")}}};
  definition.targets = {profile};
  const Evaluation e = EvaluateAt(definition, One("82"), "2022-02");
  EXPECT_EQ(e.current.cell.status, "not-rated");
  EXPECT_EQ(e.current.cell.reason, "the target's profile has no point for February 2022");
  EXPECT_EQ(e.year_to_date.cell.status, "not-rated");
}

TEST(TargetInForce, OfAMonthlyShareIsTheShare) {
  Definition definition = IndicatorOf(kHigher);
  Target share;
  share.kind = MonthlyShare{D("8.4"), D("100")};
  definition.targets = {share};
  const Score score = ScoreAt(definition, One("8"), "2022-02");
  EXPECT_EQ(score.target, D("8.4"));
  EXPECT_EQ(score.annual_target, D("100"));
  EXPECT_EQ(score.current.status, "amber");
  EXPECT_EQ(score.year_to_date.status, "amber");
}

TEST(TargetInForce, OfASumNamesItsCell) {
  Definition definition = IndicatorOf(kHigher);
  definition.year_to_date_rule = RollUpRule::kSum;
  definition.year_basis = core::YearBasis::kCalendar;
  definition.targets = {ValueTarget("10")};
  Slots slots = One("12");
  Put(slots, "2022-01", "9");
  Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_EQ(e.current.cell.status, "green");
  EXPECT_EQ(e.previous.cell.status, "red");
  EXPECT_EQ(e.year_to_date.cell.status, "not-rated");
  EXPECT_EQ(e.year_to_date.cell.reason, "a sum of months has no target of its own");

  definition.targets.push_back(ValueTarget("22"));
  definition.targets[1].cells = {CellKind::kYearToDate};
  e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_EQ(e.year_to_date.cell.status, "amber");
  EXPECT_EQ(e.current.cell.status, "green");
  EXPECT_EQ(e.head.target, D("10"));

  definition.targets.clear();  // A tracking indicator is tracked in its sums too.
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").year_to_date.cell.status, "tracking");
  definition.targets = {ValueTarget("10"), Target{}};
  definition.targets[1].effective_from = M("2022-01");  // Tracking from January.
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").year_to_date.cell.status, "tracking");
  definition.targets = {Target{}, ValueTarget("10")};
  definition.targets[1].effective_from = M("2022-01");  // Tracking no more.
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").year_to_date.cell.status, "not-rated");
}

TEST(TargetInForce, WithoutPolarityRatesNothing) {
  Definition definition = IndicatorOf(Polarity::kNone);
  definition.targets = {ValueTarget("10")};
  const Evaluation e = EvaluateAt(definition, One("12"), "2022-02");
  EXPECT_EQ(e.current.cell.status, "not-rated");
  EXPECT_EQ(e.current.cell.reason, "neither higher nor lower is better, so the target can be neither met nor missed");
  EXPECT_EQ(e.head.variance, D("2"));
}

TEST(TargetInForce, ShowsTheBandOnBothSides) {
  Definition definition = IndicatorOf(kHigher, TrustScheme());
  definition.targets = {Band("85", "85", "95")};
  EXPECT_EQ(ScoreAt(definition, One("90"), "2022-02").tolerated, (Range{D("85"), D("95")}));
  definition.targets = {With(ValueTarget("1"), Percent("0.000000001"))};  // More places than a Decimal has.
  EXPECT_EQ(ScoreAt(definition, One("90"), "2022-02").tolerated, (Range{D("1.0000"), std::nullopt}));
}

// ---- The score ----

TEST(Score, CarriesTheNewestRecordItLookedAt) {
  Definition definition = IndicatorOf(kHigher);
  Slots slots = One("90");
  Put(slots, "2022-01", "80", 9);
  Put(slots, "2022-02-YTD", "80", 8);
  Put(slots, "2021-02", "80", 20);  // Not looked at.
  Put(slots, "2022-03", "80", 21);
  EXPECT_EQ(ScoreAt(definition, slots, "2022-02").newest.offset, 9);
  RecordedAt recorded;
  recorded.offset = 30;
  EXPECT_EQ(Rate(definition, recorded, slots, P("2022-02")).newest.offset, 30);
}

TEST(Score, IsTheSameByBothWays) {
  Definition definition = IndicatorOf(kHigher);
  definition.targets = {ValueTarget("85")};
  Slots slots = One("90");
  Put(slots, "2022-01", "6/7", 9);
  Put(slots, "2022-02-YTD", "80", 8);
  const Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_EQ(Rate(definition, RecordedAt{0, absl::InfinitePast()}, slots, P("2022-02")), ScoreOf(e));
  EXPECT_EQ(e.previous.cell.computed, D("85.71"));
  EXPECT_EQ(ScoreOf(e).reading_id, "2022-02-id");
  EXPECT_EQ(e.head.scheme_id, "council");
}

// Green was from 80 on until March, and is from 90 on since April, by another scheme.
Definition Dated() {
  Definition before = IndicatorOf(kHigher, CouncilScheme());
  before.targets = {ValueTarget("80")};
  before.quarter_rule = RollUpRule::kMean;
  Definition now = before;
  Scheme scheme = CouncilScheme();
  scheme.id = "new";
  now.scheme = std::make_shared<const Scheme>(scheme);
  now.targets = {ValueTarget("90")};
  now.effective_from = M("2022-04");
  return Amended(before, now);
}

TEST(DatedRules, EachCellIsRatedByWhatWasInForceForItsOwnPeriod) {
  const Definition definition = Dated();
  Slots slots;
  for (const char* month : {"2022-01", "2022-02", "2022-03", "2022-04", "2022-05", "2022-06"}) Put(slots, month, "85");
  const Score march = ScoreAt(definition, slots, "2022-03");
  EXPECT_EQ(march.current.status, "green");
  EXPECT_EQ(march.scheme_id, CouncilScheme().id);
  EXPECT_EQ(march.target, D("80"));
  EXPECT_EQ(march.quarters[3].status, "green");
  const Score april = ScoreAt(definition, slots, "2022-04");
  EXPECT_NE(april.current.status, "green");
  EXPECT_EQ(april.target, D("90"));
  EXPECT_EQ(april.previous_target, D("80"));
  EXPECT_EQ(april.scheme_id, "new");
  EXPECT_EQ(april.previous.status, "green") << "as March's report has it";
  EXPECT_EQ(april.previous.scheme_id, CouncilScheme().id);
  EXPECT_EQ(ScoreAt(definition, slots, "2022-06").quarters[0].status, april.current.status);
}

TEST(DatedRules, AnExplanationSpeaksOfTheRulesOfItsPeriod) {
  Slots slots;
  Put(slots, "2022-03", "85");
  Put(slots, "2022-04", "85");
  const Definition definition = Dated();
  const Evaluation march = EvaluateAt(definition, slots, "2022-03");
  EXPECT_EQ(march.current.definition, definition.earlier[0].get());
  for (const Edge& edge : EdgesOf(march.current)) EXPECT_LE(edge.at, core::Rational(80));
}

TEST(DatedRules, WhatIsDueAndAbsentGoesByThePeriod) {
  Definition later = Dated();
  later.days_until_due = 30;
  EXPECT_EQ(DueDate(later, P("2022-04")), core::Date(2022, 5, 30));
  EXPECT_EQ(DueDate(later, P("2022-03")), core::Date(2022, 3, 31));
}

}  // namespace
}  // namespace bellwether::rating::testing
