#include "bellwether/rating/predecessor.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "bellwether/rating/explain.h"
#include "bellwether/rating/trend.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

using ::testing::HasSubstr;

// N1 continues T1 from July 2022 on; both sum up their year.
class PredecessorTest : public ::testing::Test {
 protected:
  PredecessorTest() {
    old_.ref = "T1";
    old_.retired_from = M("2022-07");
    old_.targets = {ValueTarget("90")};
    old_.year_to_date_rule = RollUpRule::kSum;
    own_ = old_;
    own_.ref = "N1";
    own_.retired_from.reset();
    own_.active_from = M("2022-07");
    own_.predecessor = "T1";
    own_.targets = {ValueTarget("80")};
    Put(old_slots_, "2022-04", "70", 11);
    Put(old_slots_, "2022-05", "75", 12);
    Put(old_slots_, "2022-06", "91", 13);
    Put(slots_, "2022-07", "85", 21);
    Put(slots_, "2022-08", "86", 22);
  }

  Series Both() const { return Joined({&own_, {20, {}}, &slots_}, {&old_, {10, {}}, &old_slots_}); }
  Score ScoreIn(const Series& series, const std::string& period) const {
    return Rate(series.definition, series.definition_recorded, series.slots, P(period));
  }

  Definition old_ = IndicatorOf(Polarity::kHigher);
  Definition own_;
  Slots old_slots_;
  Slots slots_;
};

TEST_F(PredecessorTest, PreviousFigureAndDirectionGoOn) {
  const Score score = ScoreIn(Both(), "2022-07");
  EXPECT_EQ(score.previous.value, D("91"));
  EXPECT_EQ(score.previous.status, "green") << "by the target of 90, which was in force for it";
  EXPECT_EQ(score.previous_target, D("90"));
  EXPECT_EQ(score.current.value, D("85"));
  EXPECT_EQ(score.movement, Movement::kDown);
  EXPECT_EQ(score.newest.offset, 21);
}

TEST_F(PredecessorTest, TheYearToDateGoesOn) {
  EXPECT_EQ(ScoreIn(Both(), "2022-08").year_to_date.value, D("407.00"));
  EXPECT_EQ(ScoreAt(own_, slots_, "2022-08").year_to_date.value, D("171.00")) << "by itself it begins in July";
}

TEST_F(PredecessorTest, ACorrectionOfTheOneBeforeIsWhatItsSuccessorHangsOn) {
  Put(old_slots_, "2022-06", "80", 99);
  const Score score = ScoreIn(Both(), "2022-07");
  EXPECT_EQ(score.movement, Movement::kUp);
  EXPECT_EQ(score.newest.offset, 99);
}

TEST_F(PredecessorTest, ItIsSaidUnderWhichRefThePreviousFigureStood) {
  const Series both = Both();
  const Evaluation e = Evaluate(both.definition, both.definition_recorded, both.slots, P("2022-07"));
  EXPECT_THAT(Explain(e).direction.sentence, HasSubstr("85% is down from 91% in June 2022, then T1."));
}

TEST_F(PredecessorTest, ATrendGoesThroughBoth) {
  const Series both = Both();
  EXPECT_EQ(TrendOf(both.definition, both.slots, P("2022-04"), P("2022-08"))->from, P("2022-04"));
}

TEST_F(PredecessorTest, WhatTheOneBeforeSaidOfItsYearSoFarIsNotAddedTwice) {
  old_.quarter_rule = old_.year_to_date_rule = RollUpRule::kCumulative;
  own_.quarter_rule = RollUpRule::kSum;
  const Score score = ScoreIn(Both(), "2022-07");
  EXPECT_EQ(score.year_to_date.value, D("176.00"));
  EXPECT_EQ(score.movement, Movement::kNone);
}

TEST_F(PredecessorTest, ABreakWhereItBeginsWithholdsAll) {
  EXPECT_TRUE(GoesOn(own_, old_));
  own_.breaks = {M("2022-07")};
  EXPECT_TRUE(Follows(own_, old_));
  EXPECT_FALSE(GoesOn(own_, old_));
  const Evaluation e = EvaluateAt(own_, slots_, "2022-07");
  EXPECT_EQ(e.previous.cell.state, CellState::kNotShown);
  EXPECT_EQ(e.direction.reason, "the indicator began after June 2022, and does not compare with T1");
}

TEST_F(PredecessorTest, ABreakElsewhereIsOneOfTheSeries) {
  old_.breaks = {M("2022-06")};
  own_.breaks = {M("2022-08")};
  ASSERT_TRUE(GoesOn(own_, old_));
  const Series both = Both();
  EXPECT_EQ(ScoreIn(both, "2022-07").movement, Movement::kDown);
  EXPECT_EQ(ScoreIn(both, "2022-08").movement, Movement::kNone);
  EXPECT_FALSE(TrendOf(both.definition, both.slots, P("2022-04"), P("2022-08")));
  EXPECT_EQ(TrendOf(both.definition, both.slots, P("2022-04"), P("2022-07"))->from, P("2022-06"));
}

TEST_F(PredecessorTest, FiguresInAnotherUnitOrPeriodDoNotGoOn) {
  Definition other = old_;
  other.unit = "days";
  EXPECT_FALSE(GoesOn(own_, other));
  other = old_;
  other.frequency = Frequency::kQuarterly;
  EXPECT_FALSE(GoesOn(own_, other));
}

TEST_F(PredecessorTest, NobodyFollowsWhoBeginsNoLaterOrNowhere) {
  old_.active_from = M("2022-07");
  EXPECT_FALSE(Follows(own_, old_));
  old_.active_from = M("2022-06");
  EXPECT_TRUE(Follows(own_, old_));
  own_.active_from.reset();
  EXPECT_FALSE(Follows(own_, old_)) << "nothing says from which month on figures are its own";
  own_.active_from = M("2022-07");
  own_.predecessor = "T2";
  EXPECT_FALSE(Follows(own_, old_));
}

TEST_F(PredecessorTest, EachMonthHasTheFiguresOfWhichItIs) {
  Put(old_slots_, "2022-07", "1", 31);  // Sent on by mistake, after its end.
  Put(slots_, "2022-05", "2", 32);      // Sent anew under the new ref.
  Put(slots_, "2022-06", "3", 33);
  Withdraw(slots_, "2022-06", 34);
  const Slots joined = Both().slots;
  EXPECT_EQ(DisplayedValue(joined.at(P("2022-07")).reading->measurement, own_), D("85"));
  EXPECT_EQ(DisplayedValue(joined.at(P("2022-05")).reading->measurement, own_), D("2"));
  EXPECT_EQ(DisplayedValue(joined.at(P("2022-06")).reading->measurement, own_), D("91"));
  EXPECT_EQ(joined.size(), 5);
}

TEST_F(PredecessorTest, WordingsOfBothHoldInTheirMonths) {
  auto older = std::make_shared<Definition>(old_);
  older->description = "the oldest";
  old_.effective_from = M("2022-05");
  old_.earlier = {older};
  auto first = std::make_shared<Definition>(own_);
  first->description = "the first own";
  own_.effective_from = M("2022-08");
  own_.earlier = {first};
  const Definition joined = Both().definition;
  EXPECT_EQ(InForceIn(joined, M("2022-04")).description, "the oldest");
  EXPECT_EQ(InForceIn(joined, M("2022-06")).ref, "T1");
  EXPECT_EQ(InForceIn(joined, M("2022-07")).description, "the first own");
  EXPECT_EQ(InForceIn(joined, M("2022-08")).description, own_.description);
  EXPECT_EQ(joined.earlier.size(), 3);
}

TEST_F(PredecessorTest, WordingsOutsideTheirMonthsAreLeftOut) {
  auto older = std::make_shared<Definition>(old_);
  old_.effective_from = M("2022-09");  // After its end.
  old_.targets = {ValueTarget("1")};
  old_.earlier = {older};
  auto first = std::make_shared<Definition>(own_);
  first->targets = {ValueTarget("2")};
  own_.effective_from = M("2022-06");  // Before its beginning.
  own_.earlier = {first};
  const Definition joined = Both().definition;
  EXPECT_EQ(joined.earlier.size(), 1);
  EXPECT_EQ(joined.effective_from, M("2022-07"));
  EXPECT_EQ(ScoreIn(Both(), "2022-07").previous_target, D("90"));
}

TEST_F(PredecessorTest, ChainsAreJoinedOneByOne) {
  Definition first = old_;
  first.ref = "A1";
  first.retired_from = M("2022-05");
  Slots first_slots;
  Put(first_slots, "2022-04", "60", 5);
  old_slots_.erase(P("2022-04"));
  old_.active_from = M("2022-05");
  old_.predecessor = "A1";
  ASSERT_TRUE(GoesOn(old_, first));
  const Series before = Joined({&old_, {10, {}}, &old_slots_}, {&first, {1, {}}, &first_slots});
  ASSERT_TRUE(GoesOn(own_, old_));
  const Series all = Joined({&own_, {20, {}}, &slots_}, before.subject());
  EXPECT_EQ(ScoreIn(all, "2022-08").year_to_date.value, D("397.00"));
  EXPECT_EQ(InForceIn(all.definition, M("2022-04")).ref, "A1");
}

TEST(Joined, IsAsIfTheIndicatorHadKeptItsRef) {
  EXPECT_TRUE(rc::check("an indicator that is cut anywhere and joined again is what it was", [] {
    const std::vector<RollUpRule> rules = {RollUpRule::kSum,    RollUpRule::kRatio,    RollUpRule::kMean,
                                           RollUpRule::kLatest, RollUpRule::kSupplied, RollUpRule::kCumulative};
    Definition whole = IndicatorOf(*rc::gen::element(Polarity::kHigher, Polarity::kLower));
    whole.ref = "T1";
    whole.targets = {ValueTarget("3")};
    whole.frequency = *rc::gen::element(Frequency::kMonthly, Frequency::kQuarterly);
    whole.quarter_rule = *rc::gen::elementOf(rules);
    whole.year_to_date_rule = *rc::gen::elementOf(rules);
    whole.quarter_running = *rc::gen::arbitrary<bool>();
    whole.year_basis = *rc::gen::element(core::YearBasis::kFinancial, core::YearBasis::kCalendar);
    if (*rc::gen::arbitrary<bool>()) whole.breaks = {M("2021-01") + *rc::gen::inRange(0, 30)};
    Slots slots;
    for (int i = 0; i < 40; ++i) {
      const core::Month month = M("2021-01") + *rc::gen::inRange(0, 36);
      const core::Period period =
          *rc::gen::element(PeriodContaining(whole, month), core::Period::QuarterOf(month, core::YearKind::kFinancial),
                            core::Period::YearToDate(PeriodContaining(whole, month).last()));
      Put(slots, period.ToString(), *rc::gen::element<std::string>("1", "2", "3/4", "5", "?"), i + 1);
    }
    const core::Month begin = PeriodContaining(whole, M("2021-06") + *rc::gen::inRange(0, 24)).first();
    if (whole.breaks == std::vector{begin}) whole.breaks.clear();
    Definition old = whole;
    old.retired_from = begin;
    Definition own = whole;
    own.ref = "N1";
    own.predecessor = old.ref;
    own.active_from = begin;
    RC_ASSERT(GoesOn(own, old));
    Slots before;
    Slots after;
    for (const auto& [period, slot] : slots) (period.last() < begin ? before : after).emplace(period, slot);
    const RecordedAt recorded{0, absl::InfinitePast()};
    const Series joined = Joined({&own, recorded, &after}, {&old, recorded, &before});
    for (const core::Period& period : ScoredPeriods(whole, slots)) {
      RC_ASSERT(Rate(joined.definition, joined.definition_recorded, joined.slots, period) ==
                Rate(whole, recorded, slots, period));
    }
  }));
}

TEST_F(PredecessorTest, AFirstYearThatNobodyBeganIsNotShown) {
  old_.active_from = M("2022-06");
  old_slots_.erase(P("2022-04"));
  old_slots_.erase(P("2022-05"));
  const Score score = ScoreIn(Both(), "2022-06");
  EXPECT_EQ(score.previous.state, CellState::kNotShown);
  EXPECT_EQ(ScoreIn(Both(), "2022-08").year_to_date.value, D("262.00")) << "it begins where the one before began";
}

}  // namespace
}  // namespace bellwether::rating::testing
