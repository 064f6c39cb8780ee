// Directions of travel on their boundaries.
#include <gmock/gmock.h>

#include "bellwether/rating/evaluate.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

constexpr Polarity kHigher = Polarity::kHigher;
constexpr Polarity kLower = Polarity::kLower;
constexpr Polarity kCloseTo = Polarity::kCloseTo;

Scheme ExactScheme() {
  Scheme scheme = CouncilScheme();
  scheme.precision = Precision::kExact;
  return scheme;
}

struct DirectionCase {
  std::string name;
  Polarity polarity;
  std::string previous;  // Empty: none.
  std::string current;
  std::string target;  // Empty: none.
  std::string arrow;
  Judgement judgement;
  std::string reason = "";
  Scheme scheme = CouncilScheme();
};
void PrintTo(const DirectionCase& c, std::ostream* os) { *os << c.name; }

class DirectionTest : public ::testing::TestWithParam<DirectionCase> {};

TEST_P(DirectionTest, FollowsTheKey) {
  const DirectionCase& c = GetParam();
  Definition definition = IndicatorOf(c.polarity, c.scheme);
  if (!c.target.empty()) definition.targets = {ValueTarget(c.target)};
  Slots slots;
  Put(slots, "2022-02", c.current);
  if (!c.previous.empty()) Put(slots, "2022-01", c.previous);
  const Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_EQ(e.head.arrow, c.arrow);
  EXPECT_EQ(e.head.judgement, c.judgement);
  EXPECT_EQ(e.direction.reason, c.reason);
}

Scheme ExclusiveFive() {
  Scheme scheme = CouncilScheme();
  for (DirectionRule& rule : scheme.directions) {
    for (Allowance& allowance : rule.any_of) allowance.exclusive = true;
  }
  return scheme;
}

Scheme WithoutLines() {
  Scheme scheme = CouncilScheme();
  scheme.directions.clear();
  return scheme;
}

constexpr Judgement kTolerated = Judgement::kWorseWithinTolerance;

INSTANTIATE_TEST_SUITE_P(
    Boundaries, DirectionTest,
    ::testing::Values(
        DirectionCase{"ExactlyFivePercentIsTolerated", kHigher, "100", "95", "", "↓", kTolerated},
        DirectionCase{"AHairMoreIsNot", kHigher, "100", "94.999999999", "", "↓R", Judgement::kWorse},
        DirectionCase{"ExactlyFivePercentExclusive", kHigher, "100", "95", "", "↓R", Judgement::kWorse, "",
                      ExclusiveFive()},
        DirectionCase{"OnTargetIsTolerated", kHigher, "100", "80", "80", "↓", kTolerated},
        DirectionCase{"AHairOffTarget", kHigher, "100", "79.99", "80", "↓R", Judgement::kWorse},
        DirectionCase{"LowerOnTarget", kLower, "10", "20", "20", "↑", kTolerated},
        DirectionCase{"LowerExactlyFivePercent", kLower, "20", "21", "", "↑", kTolerated},
        DirectionCase{"LowerMore", kLower, "20", "21.01", "", "↑R", Judgement::kWorse},
        DirectionCase{"OfANegativePreviousTheAbsolute", kHigher, "-100", "-105", "", "↓", kTolerated},
        DirectionCase{"FromZeroNothingIsTolerated", kLower, "0", "0.01", "", "↑R", Judgement::kWorse},
        DirectionCase{"FromZeroToZero", kLower, "0", "0", "", "→", Judgement::kSame},
        DirectionCase{"TrailingZerosAreTheSame", kHigher, "98.0", "98", "", "→", Judgement::kSame},
        DirectionCase{"DisplayedTheSame", kHigher, "600001/700000", "6/7", "", "→", Judgement::kSame},
        DirectionCase{"ExactlyNotTheSame", kHigher, "600001/700000", "6/7", "", "↓", kTolerated, "", ExactScheme()},
        DirectionCase{"FirstPeriod", kHigher, "", "6/7", "", "", Judgement::kNotComparable,
                      "January 2022 has no reading"},
        DirectionCase{"AfterNothingHappened", kHigher, "0/0", "6/7", "", "", Judgement::kNotComparable,
                      "the figure of January 2022 cannot be computed"},
        DirectionCase{"NothingHappenedNow", kHigher, "6/7", "0/0", "", "", Judgement::kNotComparable,
                      "the figure of February 2022 cannot be computed"},
        DirectionCase{"AfterAMeanOfNothing", kLower, "0*0", "20*5", "", "", Judgement::kNotComparable,
                      "the figure of January 2022 cannot be computed"},
        DirectionCase{"NotAvailableBefore", kHigher, "?", "6/7", "", "", Judgement::kNotComparable,
                      "the figure of January 2022 is not available"},
        DirectionCase{"NoPolarity", Polarity::kNone, "1", "2", "", "⇧", Judgement::kChanged},
        DirectionCase{"NoPolarityAndNoLine", Polarity::kNone, "1", "2", "", "", Judgement::kChanged, "", TrustScheme()},
        DirectionCase{"NoLineAtAll", kHigher, "2", "1", "", "", Judgement::kWorse, "", WithoutLines()},
        DirectionCase{"TrustArrowsShowPerformance", kLower, "2", "1", "", "↑G", Judgement::kImproved, "",
                      TrustScheme()},
        DirectionCase{"CloserToTarget", kCloseTo, "40", "55", "50", "↑G", Judgement::kImproved, "", TrustScheme()},
        DirectionCase{"AsFarFromTarget", kCloseTo, "45", "55", "50", "→", Judgement::kSame, "", TrustScheme()},
        DirectionCase{"FurtherFromTarget", kCloseTo, "50", "55", "50", "↓A", Judgement::kWorse, "", TrustScheme()},
        DirectionCase{"CloseToNothing", kCloseTo, "50", "55", "", "", Judgement::kChanged, "", TrustScheme()}),
    [](const auto& tpi) { return tpi.param.name; });

TEST(Direction, DoesNotCrossABreak) {
  Definition definition = IndicatorOf(kHigher);
  definition.breaks = {M("2022-02")};
  Slots slots;
  Put(slots, "2022-02", "90");
  Put(slots, "2022-01", "80");
  Put(slots, "2022-03", "91");
  Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_EQ(e.head.judgement, Judgement::kNotComparable);
  EXPECT_EQ(e.head.movement, Movement::kNone);
  EXPECT_EQ(e.direction.reason, "a new series began in February 2022: figures before it do not compare");
  EXPECT_EQ(ScoreAt(definition, slots, "2022-03").arrow, "↑G");
  // A quarter in which the break lies belongs to neither series.
  definition.frequency = Frequency::kQuarterly;
  Put(slots, "2021-22-Q4", "90");
  Put(slots, "2021-22-Q3", "80");
  Put(slots, "2022-23-Q1", "80");
  Put(slots, "2022-23-Q2", "80");
  EXPECT_EQ(ScoreAt(definition, slots, "2021-22-Q4").judgement, Judgement::kNotComparable);
  EXPECT_EQ(ScoreAt(definition, slots, "2022-23-Q1").judgement, Judgement::kNotComparable);
  EXPECT_EQ(ScoreAt(definition, slots, "2022-23-Q2").judgement, Judgement::kSame);
}

TEST(Direction, AFigureThatItsSourceCallsABreakHasNone) {
  const Definition definition = IndicatorOf(Polarity::kHigher);
  Slots slots;
  Put(slots, "2022-01", "92");
  Put(slots, "2022-02", "93");
  Put(slots, "2022-03", "94");
  Change(slots, "2022-02").observation_status = 'B';
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").direction.reason,
            "by its source a new series begins with February 2022: figures before it do not compare");
  EXPECT_EQ(ScoreAt(definition, slots, "2022-02").arrow, "");
  EXPECT_EQ(ScoreAt(definition, slots, "2022-03").arrow, "↑G");
}

TEST(Direction, OfARunningFigureDoesNotCrossTheYearsEnd) {
  Definition definition = IndicatorOf(Polarity::kLower);
  definition.year_to_date_rule = RollUpRule::kCumulative;
  Slots slots;
  Put(slots, "2022-03", "7.80");
  Put(slots, "2022-04", "0.90");
  Put(slots, "2022-05", "1.20");
  const Evaluation april = EvaluateAt(definition, slots, "2022-04");
  EXPECT_EQ(april.head.movement, Movement::kNone);
  EXPECT_EQ(april.head.judgement, Judgement::kNotComparable);
  EXPECT_EQ(april.head.arrow, "");
  EXPECT_EQ(april.direction.reason, "a running figure begins again in April 2022, so March 2022 does not compare");
  EXPECT_EQ(april.previous.cell.value, D("7.80"));
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-05").head.arrow, "↑R");

  // Against its profile it compares, month by month.
  Target profile;
  profile.kind = Profile{{{M("2022-03"), D("8")}, {M("2022-04"), D("0.67")}}};
  definition.targets = {profile};
  definition.direction_basis = DirectionBasis::kAttainment;
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-04").head.arrow, "↑R");

  // By its quarter's rule alone, and from where its own year begins.
  definition = IndicatorOf(Polarity::kLower);
  definition.quarter_rule = RollUpRule::kCumulative;
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-04").head.arrow, "");
  definition.year_basis = core::YearBasis::kCalendar;
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-04").head.arrow, "↓G");

  // Whole years compare.
  definition = IndicatorOf(Polarity::kLower);
  definition.year_to_date_rule = RollUpRule::kCumulative;
  definition.frequency = Frequency::kYearly;
  Put(slots, "2020-21", "8.1");
  Put(slots, "2021-22", "7.8");
  EXPECT_EQ(EvaluateAt(definition, slots, "2021-22").head.arrow, "↓G");
}

TEST(Direction, NothingComparesAYearSoFarWithAMonth) {
  Definition sum = IndicatorOf(Polarity::kHigher);
  sum.quarter_rule = sum.year_to_date_rule = RollUpRule::kSum;
  Definition running = IndicatorOf(Polarity::kHigher);
  running.quarter_rule = running.year_to_date_rule = RollUpRule::kCumulative;
  Slots slots;
  Put(slots, "2022-01", "106");
  Put(slots, "2022-02", "450");
  Put(slots, "2022-03", "460");
  for (auto [before, now, reason] :
       {std::tuple{sum, running,
                   "the figure of February 2022 is the year so far, and that of January 2022 is not, so they do not "
                   "compare"},
        std::tuple{running, sum,
                   "the figure of January 2022 is the year so far, and that of February 2022 is not, so they do not "
                   "compare"}}) {
    now.effective_from = M("2022-02");
    const Definition definition = Amended(before, now);
    const Evaluation e = EvaluateAt(definition, slots, "2022-02");
    EXPECT_EQ(e.direction.reason, reason);
    EXPECT_EQ(e.head.arrow, "");
    EXPECT_EQ(e.previous.cell.value, D("106"));
    EXPECT_EQ(EvaluateAt(definition, slots, "2022-03").head.arrow, "↑G");
  }
}

TEST(Direction, ByAttainmentNeedsATargetAboveZeroInBothMonths) {
  Definition definition = IndicatorOf(kHigher);
  definition.direction_basis = DirectionBasis::kAttainment;
  Target profile;
  profile.kind = Profile{{{M("2022-01"), D("0")}, {M("2022-02"), D("96")}}};
  definition.targets = {profile};
  Slots slots;
  Put(slots, "2022-02", "96");
  Put(slots, "2022-01", "93.1");
  Put(slots, "2022-03", "97");
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-02").direction.reason,
            "the target for January 2022 is not above zero, so no share of it can be attained");
  EXPECT_EQ(EvaluateAt(definition, slots, "2022-03").direction.reason,
            "there is no target value for March 2022 of which a share could be attained");
  definition.targets = {RangeTarget("1", "2")};
  EXPECT_EQ(ScoreAt(definition, slots, "2022-02").judgement, Judgement::kNotComparable);
  // Attainment of exactly 100 is on target: more than 5% down, and tolerated.
  std::get<Profile>((definition.targets = {profile})[0].kind).points[0].value = D("80");
  const Evaluation e = EvaluateAt(definition, slots, "2022-02");
  EXPECT_EQ(e.direction.now, core::Rational(100));
  EXPECT_EQ(e.head.arrow, "↓");
}

}  // namespace
}  // namespace bellwether::rating::testing
