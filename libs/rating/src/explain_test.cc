#include "bellwether/rating/explain.h"

#include <gmock/gmock.h>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Explanation ExplainAt(const Definition& definition, const Slots& slots, std::string_view period = "2022-02") {
  return Explain(EvaluateAt(definition, slots, period));
}

Slots TwoMonths(std::string_view previous, std::string_view current) {
  Slots slots;
  if (!previous.empty()) Put(slots, "2022-01", previous);
  if (!current.empty()) Put(slots, "2022-02", current, 7);
  return slots;
}

Definition WithTarget(Polarity polarity, std::string_view target) {
  Definition definition = IndicatorOf(polarity);
  if (!target.empty()) definition.targets = {ValueTarget(target)};
  return definition;
}

struct SentenceCase {
  const char* name;
  Polarity polarity;
  const char* previous;
  const char* current;
  const char* target;
  const char* status;
  const char* direction;
};
void PrintTo(const SentenceCase& c, std::ostream* os) { *os << c.name; }

class SentenceTest : public ::testing::TestWithParam<SentenceCase> {};

TEST_P(SentenceTest, SaysWhyInPlainEnglish) {
  const SentenceCase& c = GetParam();
  const Explanation x = ExplainAt(WithTarget(c.polarity, c.target), TwoMonths(c.previous, c.current));
  EXPECT_EQ(x.cells[0].sentence, c.status);
  EXPECT_EQ(x.direction.sentence, c.direction);
}

INSTANTIATE_TEST_SUITE_P(
    Council, SentenceTest,
    ::testing::Values(
        SentenceCase{"DeclinedAndStillOnTarget", Polarity::kHigher, "80", "75", "65",
                     "75% is above the target of 65%, so the status is Green.",
                     "75% is down from 80% in January 2022. Higher is better, so performance declined by 6.25% of the "
                     "previous figure, more than 5%; but it is still on target, so the key's arrow is ↓ (worse within "
                     "tolerance)."},
        SentenceCase{"ImprovedAndTolerated", Polarity::kHigher, "87.53", "87.78", "90",
                     "87.78% is below the target of 90% by 2.22 percentage points; figures down to 85.5% are "
                     "tolerated, so the status is Amber.",
                     "87.78% is up from 87.53% in January 2022. Higher is better, so performance improved by 0.29% of "
                     "the previous figure: the key's arrow is ↑G (improved)."},
        SentenceCase{"DeclinedOffTarget", Polarity::kHigher, "54.6", "50.90", "55",
                     "50.90% is below the target of 55% by 4.1 percentage points; only figures down to 52.25% are "
                     "tolerated, so the status is Red.",
                     "50.90% is down from 54.6% in January 2022. Higher is better, so performance declined by 6.78% of "
                     "the previous figure, more than 5%; and it is off target, so the key's arrow is ↓R (worse)."},
        SentenceCase{"OnTheEdge", Polarity::kHigher, "100", "95", "100",
                     "95% is below the target of 100% by 5 percentage points; that is exactly the edge of what is "
                     "tolerated, and the edge itself is still tolerated, so the status is Amber.",
                     "95% is down from 100% in January 2022. Higher is better, so performance declined by 5% of the "
                     "previous figure, within 5%, so the key's arrow is ↓ (worse within tolerance)."},
        SentenceCase{"LowerIsBetter", Polarity::kLower, "21", "21", "21",
                     "21% is exactly the target of 21% and lower is better, so the status is Green.",
                     "21% is the same as in January 2022, so the key's arrow is → (the same)."},
        SentenceCase{"JustMoreThanFivePercent", Polarity::kLower, "100000", "105001", "",
                     "The figure is 105,001%; there is no target, so it is tracked and not rated.",
                     "105,001% is up from 100,000% in January 2022. Lower is better, so performance declined by 5.001% "
                     "of the previous figure, more than 5%; and there is no target that it could still be on, so the "
                     "key's arrow is ↑R (worse)."},
        SentenceCase{"FromZero", Polarity::kHigher, "0", "0.5", "",
                     "The figure is 0.5%; there is no target, so it is tracked and not rated.",
                     "0.5% is up from 0% in January 2022. Higher is better, so performance improved by 0.5 from a "
                     "previous figure of zero, of which there is no share: the key's arrow is ↑G (improved)."},
        SentenceCase{
            "WithoutPolarity", Polarity::kNone, "34008", "31558", "",
            "The figure is 31,558%; there is no target, so it is tracked and not rated.",
            "31,558% is down from 34,008% in January 2022. Neither higher nor lower is better: the key's arrow "
            "is ⇩ (changed, neither better nor worse)."},
        SentenceCase{"FirstPeriod", Polarity::kHigher, "", "75", "65",
                     "75% is above the target of 65%, so the status is Green.",
                     "There is no direction of travel: January 2022 has no reading."},
        SentenceCase{"Missing", Polarity::kHigher, "80", "", "65", "There is no figure for February 2022.",
                     "There is no direction of travel: February 2022 has no reading."},
        SentenceCase{"NotAvailable", Polarity::kHigher, "80", "?", "65",
                     "The source says that the figure of February 2022 is not available: no data from the supplier.",
                     "There is no direction of travel: the figure of February 2022 is not available."},
        SentenceCase{"NothingHappened", Polarity::kHigher, "80", "0/0", "65",
                     "No figure can be computed for February 2022: 0 out of 0: nothing happened, so there is no rate.",
                     "There is no direction of travel: the figure of February 2022 cannot be computed."}),
    [](const auto& tpi) { return tpi.param.name; });

TEST(Explain, SaysAttainmentForWhatIsComparedByIt) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.direction_basis = DirectionBasis::kAttainment;
  Target profile;
  profile.kind = Profile{{{M("2022-01"), D("94")}, {M("2022-02"), D("96")}}};
  definition.targets = {profile};
  const Explanation x = ExplainAt(definition, TwoMonths("93.1", "94.94"));
  EXPECT_EQ(
      x.direction.sentence,
      "98.895833...% of the target was attained, which is down from 99.042553...% in January 2022. Higher is "
      "better, so performance declined by 0.15% of the previous figure, within 5%, so the key's arrow is ↓ (worse "
      "within tolerance).");
  EXPECT_THAT(x.direction.arithmetic, Contains("94.94 / 96 x 100 = 98.895833...% of the target in February 2022"));
  EXPECT_EQ(x.cells[0].sentence,
            "94.94% is below the target of 96% for February 2022 by 1.06 percentage points; figures down to 91.2% are "
            "tolerated, so the status is Amber.");
}

TEST(Explain, ShowsArithmeticAndSourcesOfRatios) {
  Definition definition = WithTarget(Polarity::kHigher, "90");
  definition.year_to_date_rule = RollUpRule::kRatio;
  definition.year_basis = core::YearBasis::kCalendar;
  const Explanation x = ExplainAt(definition, TwoMonths("29767/34008", "27702/31558"));
  EXPECT_THAT(x.cells[0].arithmetic, Contains("27702 / 31558 x 100 = 87.78 (87.781228...)"));
  ASSERT_GE(x.cells[0].inputs.size(), 3u);
  EXPECT_EQ(x.cells[0].inputs[0].name, "numerator");
  EXPECT_EQ(x.cells[0].inputs[0].value, "27702");
  EXPECT_EQ(x.cells[0].inputs[0].reading_id, "2022-02-id");
  EXPECT_EQ(x.cells[0].inputs[0].source, "tests");
  EXPECT_EQ(x.cells[0].inputs[0].recorded.offset, 7);
  EXPECT_EQ(x.cells[0].inputs[2].name, "target");
  EXPECT_EQ(x.cells[0].inputs[2].recorded.offset, -1);
  EXPECT_THAT(x.cells.back().arithmetic, Contains("(29767 + 27702) / (34008 + 31558) x 100 = 87.65 (87.650611...)"));
}

TEST(Explain, SaysRollUpsInFull) {
  Definition definition = IndicatorOf(Polarity::kLower);
  definition.unit = "days";
  definition.year_basis = core::YearBasis::kCalendar;
  definition.year_to_date_rule = RollUpRule::kWeightedMean;
  const Explanation mean = ExplainAt(definition, TwoMonths("20.65*700", "20.55*800"));
  EXPECT_THAT(mean.cells.back().arithmetic,
              Contains("(20.65 x 700 + 20.55 x 800) / (700 + 800) = 20.60 (20.596666...)"));
  EXPECT_EQ(mean.cells.back().sentence,
            "Year to February 2022: the figure is 20.60 days; there is no target, so it is tracked and not rated.");

  definition.year_to_date_rule = RollUpRule::kSum;
  Slots slots = TwoMonths("12", "14");
  Put(slots, "2022-02-YTD", "27");
  const Explanation sum = ExplainAt(definition, slots);
  EXPECT_THAT(sum.cells.back().arithmetic,
              ElementsAre("12 + 14 = 26.00", "supplied: 27, computed: 26.00; the supplied figure stands"));
}

TEST(Explain, LeavesOutWhatIsNotShownAndNamesWhatLacks) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.year_to_date_rule = RollUpRule::kSum;
  definition.quarter_rule = RollUpRule::kNotShown;
  Explanation x = ExplainAt(definition, TwoMonths("1", "2"));
  ASSERT_EQ(x.cells.size(), 2u);
  EXPECT_EQ(
      x.cells[1].sentence,
      "Year to February 2022: no figure can be computed: April 2021 has no reading; May 2021 has no reading; June "
      "2021 has no reading; and 6 more parts lack.");
  definition.year_to_date_rule = RollUpRule::kNotShown;
  EXPECT_EQ(ExplainAt(definition, TwoMonths("1", "2")).cells.size(), 1u);
}

TEST(Explain, UsesTheSchemesWordsAndItsOwnBounds) {
  Definition definition = IndicatorOf(Polarity::kHigher, StarScheme());
  definition.targets = {ValueTarget("50")};
  Explanation x = ExplainAt(definition, TwoMonths("50", "55"));
  EXPECT_EQ(x.cells[0].sentence,
            "55% is above the target of 50%; it is at least 10% better than the target, so the status is Star.");
  EXPECT_EQ(x.cells[0].rule, "Star: at least 10% better than target");
  ASSERT_EQ(x.cells[0].edges.size(), 1u);
  EXPECT_EQ(x.cells[0].edges[0].status, "circle");
  EXPECT_EQ(x.cells[0].edges[0].edge, "55");
  EXPECT_EQ(x.cells[0].edges[0].distance, "0");
  EXPECT_TRUE(x.cells[0].edges[0].edge_is_inside);

  x = ExplainAt(definition, TwoMonths("50", "2/3"));
  EXPECT_EQ(x.cells[0].sentence,
            "66.666666...% is above the target of 50%; it is at least 10% better than the target, so the status is "
            "Star.");
  EXPECT_EQ(x.cells[0].edges[0].distance, "-35/3");
}

TEST(Explain, SaysOfABoundOnlyWhatHoldsForTheFigure) {
  Scheme scheme = StarScheme();
  ShortfallBound within;
  within.kind = ShortfallBound::Kind::kRelativePercent;
  within.amount = D("5");
  scheme.statuses[0].any_of = {within};  // Green begins inside the miss.
  scheme.default_tolerance->shortfall = EdgeAt("60");
  Definition definition = IndicatorOf(Polarity::kHigher, scheme);
  definition.targets = {ValueTarget("53")};
  EXPECT_EQ(ExplainAt(definition, TwoMonths("50", "100")).cells[0].sentence,
            "100% is above the target of 53%, so the status is Star.");
  EXPECT_EQ(ExplainAt(definition, TwoMonths("50", "53")).cells[0].sentence,
            "53% is exactly the target of 53%, so the status is Star.");
  EXPECT_EQ(ExplainAt(definition, TwoMonths("50", "51")).cells[0].sentence,
            "51% is below the target of 53% by 2 percentage points; it is short of the target by at most 5%, so the "
            "status is Star.");
}

TEST(Explain, SaysWhereReachingTheTargetIsNotEnough) {
  Scheme scheme = TrustScheme();
  scheme.statuses[0].any_of = {ShortfallBound{ShortfallBound::Kind::kTarget, {}, /*exclusive=*/true}};
  scheme.statuses.erase(scheme.statuses.begin() + 1);
  Definition definition = IndicatorOf(Polarity::kHigher, scheme);
  definition.targets = {ValueTarget("50")};
  EXPECT_EQ(ExplainAt(definition, TwoMonths("50", "50")).cells[0].sentence,
            "50% is exactly the target of 50%, which is not enough: the figure has to be better than that, so the "
            "status is Red.");
  EXPECT_EQ(ExplainAt(definition, TwoMonths("50", "51")).cells[0].sentence,
            "51% is above the target of 50%, so the status is Green.");
}

TEST(Explain, SaysWhatMayStillChange) {
  Definition definition = WithTarget(Polarity::kHigher, "65");
  definition.year_basis = core::YearBasis::kCalendar;
  definition.year_to_date_rule = RollUpRule::kMean;
  Slots slots = TwoMonths("80", "75");
  Change(slots, "2022-02").observation_status = 'P';
  const Explanation provisional = ExplainAt(definition, slots);
  EXPECT_EQ(provisional.cells[0].sentence,
            "75% is above the target of 65%, so the status is Green; its source calls it provisional.");
  EXPECT_THAT(provisional.cells.back().sentence, EndsWith("; its source is not sure of February 2022 (provisional)."));
  EXPECT_EQ(Rate(definition, {}, slots, P("2022-02")).year_to_date.observation_status, 'P')
      << "and it is marked where it is shown";
  Change(slots, "2022-02").observation_status = 'A';
  Change(slots, "2022-01").observation_status = 'E';
  const Explanation estimated = ExplainAt(definition, slots);
  EXPECT_EQ(estimated.cells[0].sentence, "75% is above the target of 65%, so the status is Green.");
  EXPECT_THAT(estimated.cells.back().sentence, EndsWith("; its source is not sure of January 2022 (estimated)."));
  EXPECT_EQ(Rate(definition, {}, slots, P("2022-02")).year_to_date.observation_status, 'E');
  Change(slots, "2022-02").observation_status = 'F';
  EXPECT_EQ(Rate(definition, {}, slots, P("2022-02")).year_to_date.observation_status, 'F') << "of the least sure part";
  for (const char status : std::string_view("FPEUIV")) {
    Change(slots, "2022-02").observation_status = status;
    EXPECT_THAT(ExplainAt(definition, slots).cells[0].sentence, HasSubstr("its source calls it ")) << status;
  }
}

TEST(Explain, SaysThatNothingIsDueYet) {
  const Definition definition = WithTarget(Polarity::kHigher, "65");
  const Slots slots = TwoMonths("80", "");
  Evaluation evaluation = EvaluateAt(definition, slots, "2022-02");
  WithAbsencesAsOf(definition, core::Date(2022, 2, 28), evaluation);
  const Explanation x = Explain(evaluation);
  EXPECT_EQ(x.cells[0].status, "not-due");
  EXPECT_EQ(x.cells[0].sentence, "There is no figure for February 2022 yet, and none is due yet.");
}

TEST(Explain, OfAFigureThatIsTheYearSoFar) {
  Definition running = WithTarget(Polarity::kHigher, "10");
  running.quarter_rule = running.year_to_date_rule = RollUpRule::kCumulative;
  Definition sum = running;
  sum.quarter_rule = sum.year_to_date_rule = RollUpRule::kSum;
  sum.effective_from = M("2022-02");
  Slots slots = TwoMonths("30", "11");
  const Explanation x = ExplainAt(Amended(running, sum), slots);
  EXPECT_THAT(x.cells.back().arithmetic,
              ElementsAre("30 + 11 = 41.00; the figure of January 2022 is the year so far, so it stands for the months "
                          "before too"));
  EXPECT_EQ(x.direction.sentence,
            "There is no direction of travel: the figure of January 2022 is the year so far, and that of February 2022 "
            "is not, so they do not compare.");
  EXPECT_THAT(x.direction.arithmetic, IsEmpty());
}

TEST(Explain, SaysThatARollUpIsOfTwoSeries) {
  Definition definition = WithTarget(Polarity::kLower, "20");
  definition.quarter_rule = definition.year_to_date_rule = RollUpRule::kMean;
  Slots slots;
  for (const auto& [month, figure] :
       {std::pair{"2021-04", "19"}, {"2021-05", "25"}, {"2021-06", "24"}, {"2021-07", "26"}}) {
    Put(slots, month, figure);
  }
  const auto sentence = [&] { return ExplainAt(definition, slots, "2021-07").cells.back().sentence; };
  const std::string plain = sentence();
  EXPECT_THAT(plain, ::testing::EndsWith("so the status is Red."));
  const std::string of_two =
      " A new series began in May 2021: this is made of figures from before it and from then on, which do not compare.";
  definition.breaks = {M("2020-05"), M("2021-05"), M("2021-08")};
  EXPECT_EQ(sentence(), plain + of_two);
  definition.breaks = {M("2021-04")};
  EXPECT_EQ(sentence(), plain) << "all its figures are of one";
  definition.breaks.clear();
  Change(slots, "2021-05").observation_status = 'B';
  EXPECT_EQ(sentence(), plain + of_two) << "by its source";
  Put(slots, "2021-07-YTD", "23.5");
  EXPECT_THAT(sentence(), ::testing::EndsWith("so the status is Red.")) << "who supplies it knows";
}

}  // namespace
}  // namespace bellwether::rating::testing
