// Which scores a changed period re-rates: all that it must, and not the whole history.
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Affected(const Definition& definition, const Slots& slots, std::string_view changed) {
  std::vector<std::string> names;
  for (const core::Period& period : AffectedPeriods(definition, slots, P(changed))) names.push_back(period.ToString());
  return names;
}

Slots MonthsFrom(std::string_view first, int count) {
  Slots slots;
  for (int i = 0; i < count; ++i) Put(slots, (M(first) + i).ToString(), "1");
  return slots;
}

TEST(AffectedPeriods, AreThePeriodTheNextAndTheRestOfItsYear) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.quarter_rule = definition.year_to_date_rule = RollUpRule::kSum;
  const Slots slots = MonthsFrom("2020-04", 36);
  EXPECT_THAT(Affected(definition, slots, "2022-02"), ElementsAre("2022-02", "2022-03"));
  EXPECT_THAT(Affected(definition, slots, "2022-03"), ElementsAre("2022-03", "2022-04"));
  EXPECT_THAT(Affected(definition, slots, "2021-11"),
              ElementsAre("2021-11", "2021-12", "2022-01", "2022-02", "2022-03"));
  EXPECT_THAT(Affected(definition, slots, "2021-22-Q3"), ElementsAre("2021-12", "2022-01", "2022-02", "2022-03"));
  EXPECT_THAT(Affected(definition, slots, "2021-11-YTD"), ElementsAre("2021-11"));
  EXPECT_THAT(Affected(definition, slots, "2021-22"), IsEmpty());  // No cell shows it.
}

TEST(AffectedPeriods, OfLatestFiguresAreFew) {
  const Definition definition = IndicatorOf(Polarity::kHigher);
  const Slots slots = MonthsFrom("2020-04", 36);
  EXPECT_THAT(Affected(definition, slots, "2021-05"), ElementsAre("2021-05", "2021-06"));
  // A quarter's last month stands in its column for the rest of the year.
  EXPECT_EQ(Affected(definition, slots, "2021-06").size(), 10u);
}

TEST(AffectedPeriods, AreOnlyThoseWithAScore) {
  const Definition definition = IndicatorOf(Polarity::kHigher);
  Slots slots;
  Put(slots, "2021-05", "1");
  EXPECT_THAT(Affected(definition, slots, "2021-04"), ElementsAre("2021-05"));
  EXPECT_THAT(Affected(definition, slots, "2021-03"), IsEmpty());
  EXPECT_THAT(ScoredPeriods(definition, slots), ElementsAre(P("2021-05")));
}

TEST(AffectedPeriods, OfAQuarterInWhichTheIndicatorBeginsAreThoseOfItsYear) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.frequency = Frequency::kQuarterly;
  definition.quarter_rule = RollUpRule::kNotShown;
  definition.year_to_date_rule = RollUpRule::kSum;
  definition.active_from = M("2022-05");
  Slots slots;
  for (const char* quarter : {"2022-23-Q1", "2022-23-Q2", "2022-23-Q3"}) Put(slots, quarter, "1");
  EXPECT_EQ(ScoreAt(definition, slots, "2022-23-Q3").year_to_date.value, D("3.00"));
  EXPECT_THAT(Affected(definition, slots, "2022-23-Q1"), ElementsAre("2022-23-Q1", "2022-23-Q2", "2022-23-Q3"));
}

TEST(AffectedPeriods, AreThoseOfTheRulesThatHoldInThem) {
  Definition definition = IndicatorOf(Polarity::kHigher);  // The latest, from October on.
  auto earlier = std::make_shared<Definition>(definition);
  earlier->quarter_rule = earlier->year_to_date_rule = RollUpRule::kSum;
  definition.effective_from = M("2021-10");
  definition.earlier = {earlier};
  const Slots slots = MonthsFrom("2021-04", 12);
  // The year so far until September; the first quarter's sum stands in its column all year.
  EXPECT_THAT(Affected(definition, slots, "2021-05").size(), 11u);
  EXPECT_THAT(Affected(definition, slots, "2021-11"), ElementsAre("2021-11", "2021-12"));
  earlier->quarter_rule = RollUpRule::kNotShown;
  EXPECT_THAT(Affected(definition, slots, "2021-05"),
              ElementsAre("2021-05", "2021-06", "2021-07", "2021-08", "2021-09"));
  std::swap(earlier->year_to_date_rule, definition.year_to_date_rule);
  EXPECT_THAT(Affected(definition, slots, "2021-05"),
              ElementsAre("2021-05", "2021-06", "2021-10", "2021-11", "2021-12", "2022-01", "2022-02", "2022-03"))
      << "a sum from October on is one of the whole year";
}

// ---- Completeness ----

template <typename T>
T OneOf(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

Definition AnyDefinition() {
  const auto rules = {RollUpRule::kSum,    RollUpRule::kRatio,      RollUpRule::kWeightedMean, RollUpRule::kMean,
                      RollUpRule::kLatest, RollUpRule::kCumulative, RollUpRule::kSupplied,     RollUpRule::kNotShown};
  Definition definition =
      IndicatorOf(OneOf({Polarity::kHigher, Polarity::kLower, Polarity::kNone, Polarity::kCloseTo}));
  definition.targets = {ValueTarget("3")};
  definition.frequency = OneOf({Frequency::kMonthly, Frequency::kMonthly, Frequency::kMonthly, Frequency::kQuarterly,
                                Frequency::kHalfYearly, Frequency::kYearly});
  definition.quarter_rule = OneOf(rules);
  definition.year_to_date_rule = OneOf(rules);
  definition.quarter_running = OneOf({true, false});
  definition.year_basis = OneOf({core::YearBasis::kFinancial, core::YearBasis::kAcademic, core::YearBasis::kCalendar});
  definition.reporting_year = OneOf({core::YearKind::kFinancial, core::YearKind::kCalendar});
  if (*rc::gen::inRange(0, 4) == 0) definition.active_from = M("2020-01") + *rc::gen::inRange(0, 48);
  const int wordings = *rc::gen::inRange(0, 3);
  core::Month from = M("2020-01");
  for (int i = 0; i < wordings; ++i) {
    auto earlier = std::make_shared<Definition>(definition);
    earlier->earlier.clear();
    definition.earlier.push_back(std::move(earlier));
    from = from + *rc::gen::inRange(1, 24);
    definition.effective_from = from;
    definition.quarter_rule = OneOf(rules);
    definition.year_to_date_rule = OneOf(rules);
    definition.quarter_running = OneOf({true, false});
  }
  return definition;
}

core::Period AnyPeriod(const Definition& definition) {
  const core::Month month = M("2020-01") + *rc::gen::inRange(0, 48);
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return core::Period::QuarterOf(month, definition.reporting_year);
    case 1:
      return core::Period::HalfOf(month, definition.reporting_year);
    case 2:
      return core::Period::YearOf(month, definition.reporting_year);
    case 3:
      return core::Period::YearToDate(month);
    default:
      return PeriodContaining(definition, month);
  }
}

Slot AnySlot(const core::Period& period, int64_t offset) {
  Slot slot = SlotOf(period.ToString(), Figures(OneOf({"1", "2", "3/4", "1/2", "0/0", "5*6", "2*1", "?"})), offset);
  if (*rc::gen::inRange(0, 8) == 0) slot.reading.reset();
  return slot;
}

TEST(AffectedPeriods, AreAllThatAChangeCanTouch) {
  EXPECT_TRUE(rc::check("rating the affected periods again is rating everything again", [] {
    const Definition definition = AnyDefinition();
    Slots before;
    const int count = *rc::gen::inRange(0, 80);
    for (int i = 0; i < count; ++i) {
      const core::Period period = AnyPeriod(definition);
      before[period] = AnySlot(period, i + 1);
    }
    const core::Period changed = AnyPeriod(definition);
    Slots after = before;
    after[changed] = AnySlot(changed, 1000);
    const std::vector<core::Period> affected = AffectedPeriods(definition, after, changed);
    const RecordedAt recorded{0, absl::InfinitePast()};
    for (const core::Period& period : ScoredPeriods(definition, after)) {
      if (std::find(affected.begin(), affected.end(), period) != affected.end()) {
        RC_ASSERT(period.last() >= changed.last());
        RC_ASSERT(period.last() - changed.last() <= 24);
        continue;
      }
      const Score score = Rate(definition, recorded, after, period);
      RC_ASSERT(score == Rate(definition, recorded, before, period));
      RC_ASSERT(score.newest.offset < 1000);
    }
  }));
}

TEST(Slots, GiveTheSameScoresInWhateverOrderTheirPeriodsCame) {
  EXPECT_TRUE(rc::check("the order in which different periods arrive does not matter", [] {
    const Definition definition = AnyDefinition();
    std::map<core::Period, Slot> readings;
    for (int i = 0; i < 30; ++i) {
      const core::Period period = AnyPeriod(definition);
      readings[period] = AnySlot(period, i + 1);
    }
    const Slots in_order(readings.begin(), readings.end());
    // Each arrival re-rates what it affects; the scores kept must be those of the whole.
    std::vector<std::pair<core::Period, Slot>> arrivals(readings.begin(), readings.end());
    std::vector<int> keys;
    for (size_t i = 0; i < arrivals.size(); ++i) keys.push_back(*rc::gen::inRange(0, 1000));
    std::vector<size_t> order(arrivals.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return keys[a] < keys[b]; });
    const RecordedAt recorded{0, absl::InfinitePast()};
    Slots slots;
    std::map<core::Period, Score> kept;
    for (const size_t i : order) {
      slots[arrivals[i].first] = arrivals[i].second;
      for (const core::Period& period : AffectedPeriods(definition, slots, arrivals[i].first)) {
        kept[period] = Rate(definition, recorded, slots, period);
      }
    }
    std::map<core::Period, Score> whole;
    for (const core::Period& period : ScoredPeriods(definition, in_order)) {
      whole[period] = Rate(definition, recorded, in_order, period);
    }
    RC_ASSERT(kept == whole);
  }));
}

}  // namespace
}  // namespace bellwether::rating::testing
