#include "bellwether/codec/catalogue.h"

#include <gmock/gmock.h>

#include <map>

#include "bellwether/codec/definition.h"
#include "bellwether/codec/scheme.h"
#include "libs/codec/testing/messages.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::codec {
namespace {

using ::bellwether::codec::testing::CatalogueMessage;
using ::bellwether::codec::testing::Merge;
using ::bellwether::codec::testing::Told;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Wrong(const v1::Catalogue& catalogue, const FindDefinition& in_force = {}) {
  return Told(ResolveCatalogue(catalogue, in_force).All());
}

// The first indicator of a catalogue, changed.
v1::Catalogue WithIndicator(const std::string& change) {
  v1::Catalogue catalogue = CatalogueMessage();
  Merge(change, *catalogue.mutable_indicators(0));
  return catalogue;
}

TEST(ResolveCatalogueTest, CompletesFromTheDefaults) {
  const ResolvedCatalogue resolved =
      ResolveCatalogue(CatalogueMessage("defaults { days_until_due: 15 reporting_lag_periods: 1 key_commitment: 'TBC' "
                                        "year_basis: YEAR_BASIS_ACADEMIC }"),
                       {});
  ASSERT_THAT(Told(resolved.All()), IsEmpty());
  const rating::Definition& d = *resolved.indicators[1].definition;
  EXPECT_EQ(d.council, "E06000061");
  EXPECT_EQ(d.ref, "T2");
  EXPECT_EQ(d.report_position, 2u);
  EXPECT_EQ(d.ratio_multiplier.ToString(), "100");
  EXPECT_EQ(d.days_until_due, 15);
  EXPECT_EQ(d.reporting_lag_periods, 1);
  EXPECT_EQ(d.key_commitment, "TBC");
  EXPECT_EQ(d.year_basis, core::YearBasis::kAcademic);
  EXPECT_EQ(d.frequency, rating::Frequency::kMonthly);
  EXPECT_EQ(d.scheme->id, "council");
}

// An entry of two bytes would else come to kilobytes of words.
TEST(ResolveCatalogueTest, WhatIsBeyondALimitIsRefusedUnread) {
  v1::Catalogue catalogue = CatalogueMessage();
  for (int i = 0; i < 100'000; ++i) {
    catalogue.add_schemes();
    catalogue.mutable_defaults()->add_scoped_schemes();
    catalogue.mutable_indicators(0)->add_targets();
    catalogue.mutable_indicators(0)->add_checks();
    catalogue.mutable_indicators(0)->add_breaks();
    catalogue.mutable_indicators(0)->add_notes();
    catalogue.mutable_indicators(0)->add_alternate_refs();
    catalogue.mutable_indicators(1)->mutable_targets(0)->add_cells(v1::CELL_KIND_QUARTER);
    catalogue.mutable_schemes(0)->add_directions();
    catalogue.mutable_schemes(0)->mutable_directions(0)->add_movements(v1::MOVEMENT_UP);
  }
  const Violations wrong = ResolveCatalogue(catalogue, {}).All();
  EXPECT_LT(wrong.size(), 3'000u);
  EXPECT_EQ(std::count_if(wrong.begin(), wrong.end(), [](const Violation& v) { return v.reason == Reason::kTooMany; }),
            10);
}

TEST(ResolveCatalogueTest, OwnSettingsStandBeforeTheDefaults) {
  v1::Catalogue catalogue = CatalogueMessage("defaults { days_until_due: 15 decimal_places: 1 }");
  Merge("days_until_due: 0 unit: 'days' report_position: 9", *catalogue.mutable_indicators(0));
  const ResolvedCatalogue resolved = ResolveCatalogue(catalogue, {});
  ASSERT_THAT(Told(resolved.All()), IsEmpty());
  EXPECT_EQ(resolved.indicators[0].definition->days_until_due, 0);
  EXPECT_EQ(resolved.indicators[0].definition->decimal_places, 2);
  EXPECT_EQ(resolved.indicators[0].definition->report_position, 9u);
  EXPECT_EQ(resolved.indicators[0].definition->ratio_multiplier.ToString(), "1");
}

TEST(ResolveCatalogueTest, PointsInASchemesDefaultAreOfPercentages) {
  v1::Catalogue catalogue = CatalogueMessage();
  Merge("default_tolerance { shortfall { points { value: '5' } } }", *catalogue.mutable_schemes(0));
  EXPECT_THAT(Wrong(catalogue), IsEmpty());
  Merge("unit: 'days'", *catalogue.mutable_indicators(0));
  EXPECT_THAT(Wrong(catalogue), ElementsAre("indicators[0].targets[0].tolerance CONTRADICTION"));
  Merge("tolerance { shortfall { absolute { value: '5' } } }", *catalogue.mutable_indicators(0)->mutable_targets(0));
  EXPECT_THAT(Wrong(catalogue), IsEmpty());
}

TEST(ResolveCatalogueTest, PercentagesAreAddedUpOnlyAsSharesOfOneWhole) {
  v1::Catalogue catalogue = WithIndicator("year_to_date_rule: ROLL_UP_RULE_SUM quarter_rule: ROLL_UP_RULE_SUM");
  EXPECT_THAT(Wrong(catalogue), IsEmpty()) << "its allowed_values end at 100";
  v1::IndicatorDefinition& indicator = *catalogue.mutable_indicators(0);
  indicator.clear_allowed_values();
  EXPECT_THAT(Wrong(catalogue), ElementsAre("indicators[0].year_to_date_rule CONTRADICTION"));
  indicator.set_year_to_date_rule(v1::ROLL_UP_RULE_MEAN);
  EXPECT_THAT(Wrong(catalogue), ElementsAre("indicators[0].quarter_rule CONTRADICTION"));
  indicator.set_frequency(v1::FREQUENCY_QUARTERLY);
  EXPECT_THAT(Wrong(catalogue), IsEmpty()) << "its quarters are its readings";
}

TEST(ResolveCatalogueTest, PercentMayBeWrittenAsPeopleDo) {
  for (const char* unit : {"%", "Percent", "per cent", "percentage"}) {
    v1::Catalogue catalogue = CatalogueMessage();
    catalogue.mutable_indicators(0)->set_unit(unit);
    catalogue.mutable_indicators(0)->clear_ratio_multiplier();
    const ResolvedCatalogue resolved = ResolveCatalogue(catalogue, {});
    ASSERT_THAT(Told(resolved.All()), IsEmpty());
    EXPECT_EQ(resolved.indicators[0].definition->unit, "percent");
    EXPECT_EQ(resolved.indicators[0].definition->ratio_multiplier.ToString(), "100");
  }
}

TEST(ResolveCatalogueTest, TheFirstScopedSchemeThatFitsIsTaken) {
  v1::Catalogue catalogue = CatalogueMessage();
  *catalogue.add_schemes() = catalogue.schemes(0);
  catalogue.mutable_schemes(1)->set_id("trust");
  Merge("scoped_schemes { directorate: 'Children' scheme_id: 'trust' }", *catalogue.mutable_defaults());
  catalogue.mutable_indicators(1)->set_directorate("Children");
  const ResolvedCatalogue resolved = ResolveCatalogue(catalogue, {});
  ASSERT_THAT(Told(resolved.All()), IsEmpty());
  EXPECT_EQ(resolved.indicators[0].definition->scheme->id, "council");
  EXPECT_EQ(resolved.indicators[1].definition->scheme->id, "trust");
}

TEST(ResolveCatalogueTest, ASchemeThatCannotBeSatisfiedIsToldByItsPlace) {
  v1::Catalogue catalogue = CatalogueMessage();
  catalogue.mutable_schemes(0)->mutable_statuses(2)->clear_any_of();
  Merge("any_of { shortfall_within { tolerance: true } }", *catalogue.mutable_schemes(0)->mutable_statuses(2));
  const ResolvedCatalogue resolved = ResolveCatalogue(catalogue, {});
  ASSERT_FALSE(resolved.violations.empty());
  EXPECT_THAT(resolved.violations[0].field, ::testing::StartsWith("schemes[0].statuses"));
  EXPECT_EQ(resolved.violations[0].reason, Reason::kSchemeFault);
  EXPECT_EQ(resolved.indicators[0].definition, nullptr);
}

TEST(ResolveCatalogueTest, TellsWhatIsWrongWithAScheme) {
  v1::Catalogue catalogue = CatalogueMessage();
  Merge("colour: 'green' shape: 'ab' any_of { state: CELL_STATE_RATED } any_of {}",
        *catalogue.mutable_schemes(0)->mutable_statuses(0));
  Merge("default_tolerance { low { edge { value: '1' } } } directions { judgement: 99 }",
        *catalogue.mutable_schemes(0));
  EXPECT_THAT(
      Wrong(catalogue),
      ElementsAre("schemes[0].default_tolerance CONTRADICTION", "schemes[0].statuses[0].shape TEXT_TOO_LONG",
                  "schemes[0].statuses[0].colour UNKNOWN_CODE", "schemes[0].statuses[0].any_of[1].state CONTRADICTION",
                  "schemes[0].statuses[0].any_of[2] REQUIRED", "schemes[0].directions[4].judgement UNKNOWN_CODE"));
}

TEST(ResolveCatalogueTest, TellsWhatIsWrongWithTheCatalogueItself) {
  v1::Catalogue catalogue = CatalogueMessage("council: 'x' defaults { scoped_schemes { scheme_id: 'none' } }");
  *catalogue.add_schemes() = catalogue.schemes(0);
  EXPECT_THAT(Wrong(catalogue), ::testing::IsSupersetOf({"council INVALID_ID", "schemes[1].id DUPLICATE",
                                                         "defaults.scoped_schemes[0].scheme_id UNKNOWN_SCHEME",
                                                         "defaults.scoped_schemes[0] REQUIRED"}));
}

struct Case {
  std::string name;
  std::string change;  // Of the first indicator.
  std::vector<std::string> told;
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }

class IndicatorRulesTest : public ::testing::TestWithParam<Case> {};

TEST_P(IndicatorRulesTest, TellsWhatIsWrongAndWhere) {
  EXPECT_EQ(Wrong(WithIndicator(GetParam().change)), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, IndicatorRulesTest,
    ::testing::Values(
        Case{"Right", "", {}}, Case{"Council", "council: 'E06000062'", {"indicators[0].council CONTRADICTION"}},
        Case{"RefTwice", "ref: 'T2'", {"indicators[1].ref DUPLICATE"}},
        Case{"AlternateRefOfAnother", "alternate_refs: 'T2'", {"indicators[0].alternate_refs[0] DUPLICATE"}},
        Case{"AlternateRefOfItsOwn", "alternate_refs: 'T1' alternate_refs: 'NI 14'", {}},
        Case{"Polarity", "polarity: POLARITY_UNSPECIFIED", {"indicators[0].polarity REQUIRED"}},
        Case{"Rule", "quarter_rule: 77", {"indicators[0].quarter_rule UNKNOWN_CODE"}},
        Case{"Scheme", "scheme_id: 'none'", {"indicators[0].scheme_id UNKNOWN_SCHEME"}},
        Case{"SchemeInside", "scheme {}", {"indicators[0].scheme CONTRADICTION"}},
        Case{"Description",
             "description: '" + std::string(2001, 'x') + "'",
             {"indicators[0].description TEXT_TOO_LONG"}},
        Case{"Places", "decimal_places: 10", {"indicators[0].decimal_places OUT_OF_RANGE"}},
        Case{"Multiplier", "ratio_multiplier { value: '0' }", {"indicators[0].ratio_multiplier OUT_OF_RANGE"}},
        Case{"Range", "allowed_values { low { value: '101' } }", {"indicators[0].allowed_values.high CONTRADICTION"}},
        Case{"Retired", "retired_from: '2022'", {"indicators[0].retired_from NOT_A_PERIOD"}},
        Case{"Active", "active_from: '2022'", {"indicators[0].active_from NOT_A_PERIOD"}},
        Case{"RetiredBeforeItBegan",
             "active_from: '2022-07' retired_from: '2022-07'",
             {"indicators[0].retired_from CONTRADICTION"}},
        Case{"Silenced",
             "silenced_warnings { kind: WARNING_KIND_OTHER_SIZE } silenced_warnings { kind: WARNING_KIND_OTHER_SIZE "
             "reason: 'x' } silenced_warnings { reason: 'x' }",
             {"indicators[0].silenced_warnings[0].reason REQUIRED", "indicators[0].silenced_warnings[1].kind DUPLICATE",
              "indicators[0].silenced_warnings[2].kind REQUIRED"}},
        Case{"QuarterAddsUpWhatRuns",
             "year_to_date_rule: ROLL_UP_RULE_CUMULATIVE",
             {"indicators[0].quarter_rule CONTRADICTION"}},
        Case{"YearAddsUpWhatRuns",
             "quarter_rule: ROLL_UP_RULE_CUMULATIVE",
             {"indicators[0].year_to_date_rule CONTRADICTION"}},
        Case{"RunsAndIsShownAtTheQuartersEnd",
             "quarter_rule: ROLL_UP_RULE_LATEST year_to_date_rule: ROLL_UP_RULE_CUMULATIVE",
             {}},
        Case{"RunsAndHasQuartersOfItsOwn",
             "frequency: FREQUENCY_QUARTERLY year_to_date_rule: ROLL_UP_RULE_CUMULATIVE",
             {}},
        Case{"SumOfDays", "unit: 'days' quarter_rule: ROLL_UP_RULE_SUM", {}},
        Case{"Breaks", "breaks: '2021-04' breaks: '2021-04'", {"indicators[0].breaks[1] DUPLICATE"}},
        Case{"Predecessor", "predecessor: 'T1'", {"indicators[0].predecessor CONTRADICTION"}},
        Case{"ChartedWith", "charted_with: 'T2'", {}},
        Case{"ChartedWithTheSameUnitInOtherWords", "unit: '%' charted_with: 'T2'", {}},
        Case{"ChartedWithItself", "charted_with: 'T1'", {"indicators[0].charted_with CONTRADICTION"}},
        Case{"ChartedWithNobody", "charted_with: 'T9'", {"indicators[0].charted_with UNKNOWN_REF"}},
        Case{"ChartedWithAnotherUnit", "unit: 'days' charted_with: 'T2'", {"indicators[0].charted_with CONTRADICTION"}},
        Case{"TargetTwice",
             "targets { effective_from: '2021-04' tracking: true }",
             {"indicators[0].targets[1] DUPLICATE"}},
        Case{"TargetOfTheSameMonthForAnotherCell",
             "targets { effective_from: '2021-04' tracking: true cells: CELL_KIND_YEAR_TO_DATE }",
             {}},
        Case{"TargetOfPrevious",
             "targets { value { value: '1' } cells: CELL_KIND_PREVIOUS }",
             {"indicators[0].targets[1].cells[0] CONTRADICTION"}},
        Case{"TargetOfNoPolarity", "polarity: POLARITY_NONE", {"indicators[0].targets[0] CONTRADICTION"}},
        Case{"RangeThatCannotBeMissed",
             "targets { range { high { value: '20' } } }",
             {"indicators[0].targets[1].range CONTRADICTION"}},
        Case{"RangeThatCannotBeMissedByLower",
             "polarity: POLARITY_LOWER targets { range { low { value: '20' } } }",
             {"indicators[0].targets[1].range CONTRADICTION"}},
        Case{"RangeOpenOnTheBetterSide", "targets { range { low { value: '20' } } }", {}},
        Case{"RangeOfCloseTo", "polarity: POLARITY_CLOSE_TO targets { range { low { value: '20' } } }", {}},
        Case{"TargetWithoutKind", "targets { effective_from: '2020-04' }", {"indicators[0].targets[1] REQUIRED"}},
        Case{"ProfileMonthTwice",
             "targets { profile { points { month: '2022-02' value { value: '1' } } points { month: '2022-02' value { "
             "value: '2' } } } }",
             {"indicators[0].targets[1].profile.points[1].month DUPLICATE"}},
        Case{"ToleranceNegative",
             "targets { value { value: '1' } tolerance { shortfall { absolute { value: '-1' } } } }",
             {"indicators[0].targets[1].tolerance.shortfall.absolute NEGATIVE"}},
        Case{"ToleranceEdgeInShortfall",
             "targets { value { value: '1' } tolerance { shortfall { edge { value: '-1' } } } }",
             {"indicators[0].targets[1].tolerance.shortfall.edge CONTRADICTION"}},
        Case{"TolerancePointsOfDays",
             "unit: 'days' targets { value { value: '1' } tolerance { low { points { value: '1' } } } }",
             {"indicators[0].targets[1].tolerance.low.points CONTRADICTION"}},
        Case{"SharedPopulationUnknown",
             "checks { shared_population { figure: FIGURE_VALUE other_ref: 'T9' other_figure: FIGURE_DENOMINATOR } }",
             {"indicators[0].checks[0].shared_population.other_ref UNKNOWN_REF"}},
        Case{"SharedPopulation",
             "checks { shared_population { figure: FIGURE_VALUE other_ref: 'T2' other_figure: FIGURE_DENOMINATOR } }",
             {}},
        Case{"CheckTwice",
             "checks { running_amount: true } checks { running_amount: true }",
             {"indicators[0].checks[1] DUPLICATE"}}),
    [](const auto& tpi) { return tpi.param.name; });

// T2 continues T1, both changed.
struct PredecessorCase {
  std::string name;
  std::string before;
  std::string after;
  std::vector<std::string> told;
};
void PrintTo(const PredecessorCase& c, std::ostream* os) { *os << c.name; }

class PredecessorTest : public ::testing::TestWithParam<PredecessorCase> {
 protected:
  static v1::Catalogue Changed(const std::string& before, const std::string& after) {
    v1::Catalogue catalogue = CatalogueMessage();
    *catalogue.mutable_indicators(1) = catalogue.indicators(0);
    Merge("ref: 'T2' predecessor: 'T1' " + after, *catalogue.mutable_indicators(1));
    Merge(before, *catalogue.mutable_indicators(0));
    return catalogue;
  }
};

TEST_P(PredecessorTest, TellsWhatIsWrongAndWhere) {
  EXPECT_EQ(Wrong(Changed(GetParam().before, GetParam().after)), GetParam().told);
}

const std::vector<std::string> kNoPredecessor = {"indicators[1].predecessor CONTRADICTION"};

INSTANTIATE_TEST_SUITE_P(
    Rules, PredecessorTest,
    ::testing::Values(
        PredecessorCase{"GoesOn", "retired_from: '2022-04'", "active_from: '2022-04'", {}},
        PredecessorCase{"SaysNoMonth", "retired_from: '2022-04'", "", {"indicators[1].active_from REQUIRED"}},
        PredecessorCase{"IsNotRetired", "", "active_from: '2022-04'", kNoPredecessor},
        PredecessorCase{"IsRetiredLater", "retired_from: '2022-05'", "active_from: '2022-04'", kNoPredecessor},
        PredecessorCase{"IsRetiredLaterAndDoesNotCompare", "retired_from: '2022-05'",
                        "active_from: '2022-04' breaks: '2022-04'", kNoPredecessor},
        PredecessorCase{"IsRetiredEarlier", "retired_from: '2022-03'", "active_from: '2022-04'", kNoPredecessor},
        PredecessorCase{"IsRetiredEarlierAndDoesNotCompare",
                        "retired_from: '2022-03'",
                        "active_from: '2022-04' breaks: '2022-04'",
                        {}},
        PredecessorCase{"AnotherUnit", "retired_from: '2022-04' unit: 'days'", "active_from: '2022-04'",
                        kNoPredecessor},
        PredecessorCase{"AnotherUnitDoesNotCompare",
                        "retired_from: '2022-04' unit: 'days'",
                        "active_from: '2022-04' breaks: '2022-04'",
                        {}},
        PredecessorCase{"AnotherPolarity", "retired_from: '2022-04' polarity: POLARITY_LOWER", "active_from: '2022-04'",
                        kNoPredecessor},
        PredecessorCase{"AnotherFrequency", "retired_from: '2022-04' frequency: FREQUENCY_QUARTERLY",
                        "active_from: '2022-04'", kNoPredecessor},
        PredecessorCase{"BeginsWithinItsPeriod", "retired_from: '2022-05' frequency: FREQUENCY_QUARTERLY",
                        "active_from: '2022-05' frequency: FREQUENCY_QUARTERLY", kNoPredecessor},
        PredecessorCase{"InACircle",
                        "retired_from: '2022-04' active_from: '2021-04' predecessor: 'T2'",
                        "retired_from: '2022-06' active_from: '2022-04'",
                        {"indicators[0].predecessor CONTRADICTION"}}),
    [](const auto& tpi) { return tpi.param.name; });

TEST_F(PredecessorTest, IsKnownFromTheCatalogueOrBefore) {
  const v1::Catalogue whole = Changed("retired_from: '2022-04'", "active_from: '2022-04'");
  v1::Catalogue alone = whole;
  alone.mutable_indicators()->DeleteSubrange(0, 1);
  EXPECT_THAT(Wrong(alone), ElementsAre("indicators[0].predecessor UNKNOWN_REF"));
  const auto t1 = ResolveCatalogue(whole, {}).indicators[0].definition;
  const auto in_force = [&](std::string_view ref) { return ref == "T1" ? t1 : nullptr; };
  EXPECT_THAT(Wrong(alone, in_force), IsEmpty());
  alone.mutable_schemes(0)->set_name("Another name");
  EXPECT_THAT(Wrong(alone, in_force), ElementsAre("indicators[0].predecessor CONTRADICTION"))
      << "one id for two schemes: a report shows both";
  v1::Catalogue wrong = whole;
  wrong.mutable_indicators(0)->clear_polarity();
  EXPECT_THAT(Wrong(wrong), ElementsAre("indicators[0].polarity REQUIRED")) << "it is told once, where it is";
}

TEST_F(PredecessorTest, OnlyOneTakesItsFiguresOver) {
  v1::Catalogue split = Changed("retired_from: '2022-04'", "active_from: '2022-04'");
  *split.add_indicators() = split.indicators(1);
  split.mutable_indicators(2)->set_ref("T3");
  EXPECT_THAT(Wrong(split), ElementsAre("indicators[2].predecessor CONTRADICTION"));
  split.mutable_indicators(2)->add_breaks("2022-04");
  EXPECT_THAT(Wrong(split), IsEmpty());
}

TEST(ChartedWithTest, IsKnownFromTheCatalogueOrBefore) {
  v1::Catalogue whole = CatalogueMessage();
  Merge("charted_with: 'T2'", *whole.mutable_indicators(0));
  Merge("charted_with: 'T1'", *whole.mutable_indicators(1));
  EXPECT_THAT(Wrong(whole), IsEmpty()) << "each on the other's chart";
  v1::Catalogue alone = whole;
  alone.mutable_indicators()->DeleteSubrange(1, 1);
  EXPECT_THAT(Wrong(alone), ElementsAre("indicators[0].charted_with UNKNOWN_REF"));
  const auto t2 = ResolveCatalogue(whole, {}).indicators[1].definition;
  const auto in_force = [&](std::string_view ref) { return ref == "T2" ? t2 : nullptr; };
  EXPECT_THAT(Wrong(alone, in_force), IsEmpty());
  alone.mutable_indicators(0)->set_unit("days");
  EXPECT_THAT(Wrong(alone, in_force), ElementsAre("indicators[0].charted_with CONTRADICTION"));
  whole.mutable_indicators(1)->clear_polarity();
  EXPECT_THAT(Wrong(whole), ElementsAre("indicators[1].polarity REQUIRED")) << "it is told once, where it is";
}

TEST(ChartedWithTest, HoldsForAllMonths) {
  const auto before = ResolveCatalogue(CatalogueMessage(), {}).indicators[0].definition;
  v1::Catalogue catalogue = CatalogueMessage();
  Merge("charted_with: 'T2' effective_from: '2022-04' description: 'Calls answered in time'",
        *catalogue.mutable_indicators(0));
  const auto in_force = [&](std::string_view ref) { return ref == "T1" ? before : nullptr; };
  const ResolvedCatalogue resolved = ResolveCatalogue(catalogue, in_force);
  ASSERT_THAT(resolved.All(), IsEmpty());
  const v1::IndicatorDefinition proto = ToProto(*resolved.indicators[0].definition, WithScheme::kYes);
  EXPECT_EQ(proto.charted_with(), "T2");
  ASSERT_EQ(proto.earlier_size(), 1);
  EXPECT_EQ(proto.earlier(0).charted_with(), "T2");
  const Parsed<rating::Definition> again = FromProto(proto);
  ASSERT_TRUE(again.ok()) << ToStatus(again.violations);
  EXPECT_EQ(again.value, *resolved.indicators[0].definition);
  EXPECT_THAT(ChangedFields(*before, *resolved.indicators[0].definition),
              ::testing::UnorderedElementsAre("description", "charted_with", "effective_from", "earlier"));
}

TEST(ResolveCatalogueTest, ARefThatIsDefinedAlreadyIsKnown) {
  const v1::Catalogue catalogue = WithIndicator(
      "checks { shared_population { figure: FIGURE_VALUE other_ref: 'T9' other_figure: FIGURE_DENOMINATOR } }");
  EXPECT_THAT(
      Wrong(catalogue,
            [](std::string_view ref) { return ref == "T9" ? std::make_shared<const rating::Definition>() : nullptr; }),
      IsEmpty());
}

TEST(DefinitionTest, GoesToItsMessageAndBack) {
  const ResolvedCatalogue resolved = ResolveCatalogue(
      WithIndicator(
          "alternate_refs: 'KPI 1' benchmark { value { value: '1.50' } comparator: 'All' } notes: 'n' "
          "breaks: '2021-04' breaks: '2020-04' checks { running_amount: true } "
          "direction_basis: DIRECTION_BASIS_ATTAINMENT quarter_running: true "
          "targets { range { low { value: '1' } } tolerance { low { edge { value: '0.5' } } exclusive: true } } "
          "targets { effective_from: '2022-04' monthly_share { value { value: '8.4' } annual { value: '100' } } } "
          "targets { effective_from: '2022-05' under_review: true } active_from: '2019-04' "
          "silenced_warnings { kind: WARNING_KIND_NOT_SHOWN reason: 'half-years are for the file alone' }"),
      {});
  ASSERT_THAT(Told(resolved.All()), IsEmpty());
  const rating::Definition& definition = *resolved.indicators[0].definition;
  const auto back = FromProto(ToProto(definition, WithScheme::kYes));
  ASSERT_THAT(Told(back.violations), IsEmpty());
  EXPECT_THAT(ChangedFields(definition, back.value), IsEmpty());
  EXPECT_EQ(back.value.breaks.front().ToString(), "2020-04");
}

TEST(DefinitionTest, NamesTheFieldsThatChanged) {
  rating::Definition before = rating::testing::IndicatorOf(rating::Polarity::kHigher);
  rating::Definition after = before;
  EXPECT_THAT(ChangedFields(before, after), IsEmpty());
  after.description = "Something else";
  after.targets = {rating::testing::ValueTarget("85")};
  auto scheme = std::make_shared<rating::Scheme>(*before.scheme);
  scheme->name = "Renamed";
  after.scheme = scheme;
  EXPECT_THAT(ChangedFields(before, after), ElementsAre("description", "targets", "scheme"));
}

TEST(SchemeTest, GoesToItsMessageAndBack) {
  for (const rating::Scheme& scheme :
       {rating::testing::CouncilScheme(), rating::testing::TrustScheme(), rating::testing::StarScheme()}) {
    const auto back = FromProto(ToProto(scheme));
    EXPECT_THAT(Told(back.violations), IsEmpty());
    EXPECT_TRUE(back.value == scheme) << scheme.id;
  }
}

// The catalogue as it is in force.
FindDefinition InForce(const v1::Catalogue& catalogue) {
  const ResolvedCatalogue resolved = ResolveCatalogue(catalogue, {});
  std::map<std::string, std::shared_ptr<const rating::Definition>> by_ref;
  for (const ResolvedIndicator& indicator : resolved.indicators) by_ref[indicator.ref] = indicator.definition;
  return [by_ref](std::string_view ref) {
    const auto found = by_ref.find(std::string(ref));
    return found == by_ref.end() ? nullptr : found->second;
  };
}

TEST(ResolveCatalogueTest, WhatHeldBeforeStaysForTheMonthsBefore) {
  const FindDefinition in_force = InForce(CatalogueMessage());
  const v1::Catalogue changed = WithIndicator("effective_from: '2022-04' description: 'said otherwise'");
  const ResolvedCatalogue resolved = ResolveCatalogue(changed, in_force);
  ASSERT_THAT(Told(resolved.All()), IsEmpty());
  const rating::Definition& d = *resolved.indicators[0].definition;
  EXPECT_EQ(d.description, "said otherwise");
  ASSERT_EQ(d.earlier.size(), 1u);
  EXPECT_EQ(*d.earlier[0], *in_force(d.ref));
  EXPECT_TRUE(resolved.indicators[1].definition->earlier.empty()) << "it is not changed";
  // And it reads as it was written.
  const Parsed<rating::Definition> read = FromProto(ToProto(d, WithScheme::kYes));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value, d);
}

TEST(ResolveCatalogueTest, WithNothingBeforeAMonthSaysNothing) {
  const ResolvedCatalogue resolved = ResolveCatalogue(WithIndicator("effective_from: '2022-04'"), {});
  EXPECT_FALSE(resolved.indicators[0].definition->effective_from.has_value());
  EXPECT_THAT(Wrong(WithIndicator("effective_from: 'April'")),
              ElementsAre("indicators[0].effective_from NOT_A_PERIOD"));
  EXPECT_THAT(Wrong(WithIndicator("earlier { ref: 'x' }")), ElementsAre("indicators[0].earlier CONTRADICTION"));
}

TEST(ResolveCatalogueTest, WhatMakesAnotherIndicatorOfItCannotChangeFromAMonthOn) {
  const FindDefinition in_force = InForce(CatalogueMessage());
  EXPECT_THAT(Wrong(WithIndicator("unit: 'days' effective_from: '2022-04'"), in_force),
              ElementsAre("indicators[0].unit CONTRADICTION"));
  EXPECT_THAT(Wrong(WithIndicator("unit: 'days'"), in_force), IsEmpty()) << "the past was wrong";
  v1::Catalogue other_rules = WithIndicator("effective_from: '2022-04'");
  other_rules.mutable_schemes(0)->mutable_statuses(0)->set_label("renamed");
  EXPECT_THAT(Wrong(other_rules, in_force), ElementsAre("indicators[0].scheme_id CONTRADICTION"));
}

// What is recorded is read again by scoring, with all its wordings.
TEST(ResolveCatalogueTest, WhatIsAcceptedBesideEarlierWordingsCanBeRead) {
  const v1::Catalogue first = CatalogueMessage();
  v1::Catalogue dated = WithIndicator("effective_from: '2022-04' description: 'said otherwise'");
  const auto apply = [](const v1::Catalogue& catalogue, const FindDefinition& before) {
    ResolvedCatalogue resolved = ResolveCatalogue(catalogue, before);
    for (const ResolvedIndicator& indicator : resolved.indicators) {
      if (indicator.definition == nullptr) continue;
      EXPECT_THAT(Told(FromProto(ToProto(*indicator.definition, WithScheme::kYes)).violations), IsEmpty());
    }
    return resolved;
  };
  ResolvedCatalogue two = apply(dated, InForce(first));
  const FindDefinition in_force = [&two](std::string_view ref) -> std::shared_ptr<const rating::Definition> {
    return ref == two.indicators[0].ref ? two.indicators[0].definition : nullptr;
  };
  // Of no month: the scheme's rules are put right in each wording.
  v1::Catalogue synonym = WithIndicator("description: 'said otherwise'");
  synonym.mutable_schemes(0)->mutable_statuses(0)->add_synonyms("another word");
  const ResolvedCatalogue restated = apply(synonym, in_force);
  ASSERT_NE(restated.indicators[0].definition, nullptr);
  EXPECT_EQ(*restated.indicators[0].definition->earlier[0]->scheme, *restated.indicators[0].definition->scheme);
  // A tolerance in points of an earlier wording has no meaning in days.
  v1::Catalogue points = first;
  Merge("tolerance { shortfall { points { value: '5' } } }", *points.mutable_indicators(0)->mutable_targets(0));
  v1::Catalogue later = points;
  Merge("effective_from: '2022-04' description: 'said otherwise'", *later.mutable_indicators(0));
  two = apply(later, InForce(points));
  v1::Catalogue days = WithIndicator("unit: 'days' description: 'said otherwise'");
  EXPECT_EQ(apply(days, in_force).indicators[0].definition, nullptr);
  // A scheme that comes back with other rules.
  v1::Catalogue renamed = WithIndicator("effective_from: '2023-04'");
  renamed.mutable_schemes(0)->set_id("other");
  for (v1::IndicatorDefinition& d : *renamed.mutable_indicators()) d.set_scheme_id("other");
  renamed.mutable_defaults()->set_scheme_id("other");
  two = apply(renamed, InForce(first));
  ASSERT_NE(two.indicators[0].definition, nullptr);
  v1::Catalogue back = WithIndicator("effective_from: '2024-04'");
  back.mutable_schemes(0)->mutable_statuses(0)->set_label("renamed");
  EXPECT_EQ(apply(back, in_force).indicators[0].definition, nullptr);
}

TEST(ResolveCatalogueTest, UnitAndRulesMayComeFromTheDefaults) {
  v1::Catalogue catalogue =
      CatalogueMessage("defaults { unit: '%' quarter_rule: ROLL_UP_RULE_MEAN year_to_date_rule: ROLL_UP_RULE_LATEST }");
  v1::IndicatorDefinition& own = *catalogue.mutable_indicators(0);
  own.clear_unit();
  own.clear_quarter_rule();
  own.clear_year_to_date_rule();
  const ResolvedCatalogue resolved = ResolveCatalogue(catalogue, {});
  ASSERT_THAT(Told(resolved.All()), IsEmpty());
  EXPECT_EQ(resolved.indicators[0].definition->unit, "percent");
  EXPECT_EQ(resolved.indicators[0].definition->quarter_rule, rating::RollUpRule::kMean);
  EXPECT_EQ(resolved.indicators[0].definition->year_to_date_rule, rating::RollUpRule::kLatest);
}

TEST(ResolveCatalogueTest, OwnersComeFromTheServiceOrTheCouncil) {
  v1::Catalogue catalogue = CatalogueMessage(
      "defaults { owner { name: 'Team' } scoped_owners { service: 'Calls' owner { name: 'Ada' address: 'a@b' } } }");
  Merge("service: 'Calls'", *catalogue.mutable_indicators(0));
  catalogue.mutable_indicators(1)->set_service("Roads");
  ResolvedCatalogue resolved = ResolveCatalogue(catalogue, {});
  ASSERT_THAT(Told(resolved.All()), IsEmpty());
  EXPECT_EQ(resolved.indicators[0].definition->owner, (rating::Owner{"Ada", "a@b"}));
  EXPECT_EQ(resolved.indicators[1].definition->owner, (rating::Owner{"Team", ""}));
  catalogue.mutable_defaults()->mutable_scoped_owners(0)->clear_service();
  EXPECT_THAT(Wrong(catalogue), ElementsAre("defaults.scoped_owners[0] REQUIRED"));
}

}  // namespace
}  // namespace bellwether::codec
