#include "services/query/view.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <random>

#include "bellwether/testing/fake_clock.h"
#include "bellwether/testing/status_matchers.h"
#include "services/query/testing.h"

namespace bellwether::query {
namespace {

using bellwether::testing::FakeClock;
using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using query::testing::Defines;
using query::testing::DefinitionOf;
using query::testing::kCouncil;
using query::testing::Log;
using query::testing::Reads;
using query::testing::RecordOf;
using query::testing::Says;
using query::testing::Withdraws;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ViewTest : public ::testing::Test {
 protected:
  ViewTest() { view_.Reset(2); }

  FakeClock clock_{absl::FromUnixSeconds(1'646'000'000)};
  Log log_{2};
  View view_{ViewOptions{}, &clock_};
};

TEST_F(ViewTest, AppliesUpdatesInOrder) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))))), IsOk());
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Reads("2022-02", "91")))), IsOk());
  EXPECT_THAT(view_.NextOffsets(), ElementsAre(2, 0));
  const IndicatorPtr t1 = view_.Find({kCouncil, "T1"}).indicator;
  ASSERT_NE(t1, nullptr);
  const std::optional<PublishedScore> published = t1->scores.Find(rating::testing::P("2022-02"));
  ASSERT_TRUE(published);
  v1::Score score;
  EXPECT_TRUE(score.ParseFromString(std::string(published->bytes)));
  EXPECT_EQ(score.current().status(), "green");
  EXPECT_EQ(view_.Find({kCouncil, "T2"}).indicator, nullptr);
  EXPECT_EQ(view_.Find({"E06000062", "T1"}).indicator, nullptr);
}

TEST_F(ViewTest, SkipsWhatItHasSeen) {
  const auto definition = log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  const auto reading = log_.Write(0, "T1", Reads("2022-02", "91"));
  for (const auto& update : {definition, reading, definition, reading})
    ASSERT_THAT(view_.Apply(RecordOf(update)), IsOk());
  EXPECT_THAT(view_.NextOffsets(), ElementsAre(2, 0));
  EXPECT_EQ(view_.Find({kCouncil, "T1"}).indicator->occurrences.size(), 2u);
}

TEST_F(ViewTest, SetsAsideWhatComesTooEarly) {
  const auto definition = log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  const auto first = log_.Write(0, "T1", Reads("2022-01", "90"));
  const auto second = log_.Write(0, "T1", Reads("2022-02", "91"));
  ASSERT_THAT(view_.Apply(RecordOf(second)), IsOk());
  ASSERT_THAT(view_.Apply(RecordOf(definition)), IsOk());
  EXPECT_THAT(view_.NextOffsets(), ElementsAre(1, 0));
  ASSERT_THAT(view_.Apply(RecordOf(first)), IsOk());
  EXPECT_THAT(view_.NextOffsets(), ElementsAre(3, 0));
}

TEST_F(ViewTest, HoleIsAnAlarmUntilItIsFilled) {
  const auto definition = log_.Write(1, "T1", Defines(DefinitionOf("T1")));
  const auto reading = log_.Write(1, "T1", Reads("2022-02", "91"));
  ASSERT_THAT(view_.Apply(RecordOf(reading)), IsOk());
  clock_.SetNow(clock_.Now() + absl::Seconds(30));
  EXPECT_EQ(view_.Alarm(), "");
  clock_.SetNow(clock_.Now() + absl::Seconds(1));
  EXPECT_THAT(view_.Alarm(), HasSubstr("partition 1 lacks the update of offset 0"));
  ASSERT_THAT(view_.Apply(RecordOf(definition)), IsOk());
  EXPECT_EQ(view_.Alarm(), "");
  EXPECT_THAT(view_.NextOffsets(), ElementsAre(0, 2));
}

TEST_F(ViewTest, AHoleIsMeasuredByAClockThatNeverSteps) {
  log_.Write(1, "T1", Defines(DefinitionOf("T1")));
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(1, "T1", Reads("2022-02", "91")))), IsOk());
  clock_.StepTo(clock_.Now() + absl::Hours(1));
  EXPECT_EQ(view_.Alarm(), "");
  clock_.StepTo(clock_.Now() - absl::Hours(2));
  clock_.SetNow(clock_.Now() + absl::Seconds(31));
  EXPECT_THAT(view_.Alarm(), HasSubstr("partition 1 lacks the update of offset 0"));
}

TEST_F(ViewTest, MoreThanTheLimitIsLeftToTheReplay) {
  ViewOptions options;
  options.set_aside_limit = 1;
  View view(options, &clock_);
  view.Reset(2);
  log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  log_.Write(0, "T1", Reads("2022-01", "90"));
  log_.Write(0, "T1", Reads("2022-02", "91"));
  for (int i : {1, 2, 0}) ASSERT_THAT(view.Apply(RecordOf(log_.written()[static_cast<size_t>(i)])), IsOk());
  clock_.SetNow(clock_.Now() + absl::Minutes(1));
  EXPECT_THAT(view.Alarm(), HasSubstr("offset 2"));
  ASSERT_THAT(view.Apply(RecordOf(log_.written()[2])), IsOk());
  EXPECT_EQ(view.Alarm(), "");
}

TEST_F(ViewTest, DeadLettersTakeTheirPlace) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.WriteDeadLetter(0), 0)), IsOk());
  EXPECT_THAT(view_.NextOffsets(), ElementsAre(1, 0));
}

TEST_F(ViewTest, HeldReadingsAreSettledByTheDefinition) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Reads("2022-02", "91")))), IsOk());
  EXPECT_THAT(view_.Council(kCouncil).indicators, IsEmpty());
  IndicatorPtr t1 = view_.Find({kCouncil, "T1"}).indicator;
  EXPECT_EQ(t1->occurrences.At(0).outcome, rating::Outcome::kHeld);
  Effort effort = Effort::Whole();
  EXPECT_FALSE(IsInForce(**LedgerOf(*t1, &effort), t1->occurrences.At(0)));
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))))), IsOk());
  EXPECT_EQ(t1->occurrences.At(0).outcome, rating::Outcome::kHeld) << "a state that was handed out never changes";
  t1 = view_.Find({kCouncil, "T1"}).indicator;
  EXPECT_EQ(t1->occurrences.At(0).outcome, rating::Outcome::kFirst);
  EXPECT_TRUE(IsInForce(**LedgerOf(*t1, &effort), t1->occurrences.At(0)));
}

TEST_F(ViewTest, ScoresGoWithTheirDefinition) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))))), IsOk());
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Reads("2022-02", "91")))), IsOk());
  auto quarterly = DefinitionOf("T1");
  quarterly.frequency = rating::Frequency::kQuarterly;
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(quarterly, "apply-2")))), IsOk());
  EXPECT_EQ(view_.Find({kCouncil, "T1"}).indicator->scores.size(), 0u);
}

TEST_F(ViewTest, IndicatorsAreInReportOrder) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T2", Defines(DefinitionOf("T2", 1))))), IsOk());
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1", 2))))), IsOk());
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T0", Defines(DefinitionOf("T0", 2))))), IsOk());
  std::vector<std::string> refs;
  for (const IndicatorPtr& indicator : view_.Council(kCouncil).indicators) refs.push_back(indicator->key.ref);
  EXPECT_THAT(refs, ElementsAre("T2", "T0", "T1"));
}

TEST_F(ViewTest, TellsOfChanges) {
  std::vector<std::string> told;
  View view(ViewOptions{}, &clock_, [&](const core::IndicatorKey& key) { told.push_back(key.ref); });
  view.Reset(2);
  const auto first = log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  const auto second = log_.Write(0, "T2", Defines(DefinitionOf("T2")));
  ASSERT_THAT(view.Apply(RecordOf(second)), IsOk());
  EXPECT_THAT(told, IsEmpty());
  ASSERT_THAT(view.Apply(RecordOf(first)), IsOk());
  EXPECT_THAT(told, ElementsAre("T1", "T2"));
}

TEST_F(ViewTest, StopsAtWhatItCannotRead) {
  auto record = RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))), 7);
  record.value = "rubbish";
  EXPECT_THAT(view_.Apply(record), IsError(absl::StatusCode::kInvalidArgument, "partition 0, offset 7"));
  record.value.reset();
  EXPECT_THAT(view_.Apply(record), IsError(absl::StatusCode::kInvalidArgument, "without a value"));
}

TEST_F(ViewTest, StopsAtAnotherEpochPartitionOrKey) {
  const auto update = log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  auto other_epoch = update;
  other_epoch.position.epoch = 2;
  EXPECT_THAT(view_.Apply(RecordOf(other_epoch, 0)), IsError(absl::StatusCode::kFailedPrecondition, "epoch 2"));
  auto record = RecordOf(update, 0);
  record.partition = 1;
  EXPECT_THAT(view_.Apply(record), IsError(absl::StatusCode::kInvalidArgument, "stands in another"));
  record = RecordOf(update, 0);
  record.key = "E06000064/T2";
  EXPECT_THAT(view_.Apply(record), IsError(absl::StatusCode::kInvalidArgument, "is not that of the update"));
  auto beyond = update;
  beyond.position.partition = 2;
  EXPECT_THAT(view_.Apply(RecordOf(beyond, 0)), IsError(absl::StatusCode::kInvalidArgument, "does not have"));
}

TEST_F(ViewTest, StopsAtACouncilInAnotherPartitionThanItsOwn) {
  auto update = log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  update.position.partition = 1;
  EXPECT_THAT(view_.Apply(RecordOf(update)),
              IsError(absl::StatusCode::kInternal, "E06000064/T1, which belongs in partition 0"));
}

TEST_F(ViewTest, ACouncilStandsWhereItsPartitionDoes) {
  EXPECT_EQ(view_.StandingOf(kCouncil).position, (codec::Position{1, 0, -1}));
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))))), IsOk());
  const CouncilState defined = view_.Council(kCouncil);
  EXPECT_EQ(defined.standing.position, (codec::Position{1, 0, 0}));
  EXPECT_EQ(defined.standing.id, defined.indicators[0]->id);
  ASSERT_THAT(view_.Apply(RecordOf(log_.WriteDeadLetter(0))), IsOk());
  const Found found = view_.Find({kCouncil, "T1"});
  EXPECT_EQ(found.standing.position, (codec::Position{1, 0, 1}));
  EXPECT_EQ(found.standing.id, defined.standing.id) << "nothing changed it";
}

// Everything that was applied is checked, and the same indicator again when it changes again.
absl::Status CheckAll(View& view) {
  absl::Status s;
  while (s.ok() && view.HasUnchecked()) s = view.CheckNext();
  return s;
}

TEST_F(ViewTest, ChecksWhatItApplied) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Reads("2022-01", "90")))), IsOk());
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(1, "T2", Defines(DefinitionOf("T2"))))), IsOk());
  EXPECT_THAT(CheckAll(view_), IsOk());
  EXPECT_FALSE(view_.HasUnchecked());
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Reads("2022-02", "91")))), IsOk());
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))))), IsOk());
  EXPECT_TRUE(view_.HasUnchecked());
  EXPECT_THAT(CheckAll(view_), IsOk());
}

TEST_F(ViewTest, StopsAtAnOutcomeThatDoesNotFollow) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))))), IsOk());
  ASSERT_THAT(CheckAll(view_), IsOk());
  auto update = log_.Write(0, "T1", Reads("2022-02", "91"));
  update.outcome = rating::Outcome::kRevision;
  ASSERT_THAT(view_.Apply(RecordOf(update)), IsOk());
  EXPECT_THAT(CheckAll(view_), IsError(absl::StatusCode::kInternal,
                                       "partition 0, offset 1, about E06000064/T1, says \"revision\", but the records "
                                       "before it give \"first\""));
}

TEST_F(ViewTest, StopsAtWordsThatDoNotFollow) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))))), IsOk());
  auto update = log_.Write(0, "T1", Reads("2022-02", "91"));
  update.detail = "takes the place of another";
  ASSERT_THAT(view_.Apply(RecordOf(update)), IsOk());
  EXPECT_THAT(CheckAll(view_), IsError(absl::StatusCode::kInternal, "takes the place of another"));
}

TEST_F(ViewTest, StopsAtHeldRecordsThatAreNotSettledAsTheyShould) {
  for (const bool checked_before : {false, true}) {
    View view(ViewOptions{}, &clock_);
    view.Reset(1);
    Log log(1);
    ASSERT_THAT(view.Apply(RecordOf(log.Write(0, "T1", Reads("2022-02", "91")))), IsOk());
    if (checked_before) {
      ASSERT_THAT(CheckAll(view), IsOk());
    }
    auto update = log.Write(0, "T1", Defines(DefinitionOf("T1")));
    update.settled.clear();
    ASSERT_THAT(view.Apply(RecordOf(update)), IsOk());
    EXPECT_THAT(CheckAll(view), IsError(absl::StatusCode::kInternal, "offset 0, about E06000064/T1, says \"held\""));
  }
}

TEST_F(ViewTest, DumpIsTheSameHoweverPartitionsInterleave) {
  log_.Write(0, "T1", Reads("2022-01", "80"));
  log_.Write(1, "T2", Defines(DefinitionOf("T2", 2)));
  log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  log_.Write(1, "T2", Reads("2022-02", "1/3"));
  log_.Write(0, "T1", Reads("2022-02", "91"));
  log_.WriteDeadLetter(1);
  log_.Write(0, "T1", Withdraws("2022-01", "id-2022-01"));
  log_.Write(0, "T1", Says("2022-02", "steady\n\nas \"planned\""));
  log_.Write(1, "T2", Reads("2022-02", "2/3", "other"));
  for (const auto& update : log_.written()) ASSERT_THAT(view_.Apply(RecordOf(update)), IsOk());
  const std::string dump = view_.Dump();
  EXPECT_THAT(dump, HasSubstr("partition 1 next 4 dead letters 1"));
  EXPECT_THAT(dump, HasSubstr("slot 2022-01 offset 3"));
  EXPECT_THAT(dump, HasSubstr("revision"));

  std::mt19937 random(1);  // NOLINT: the same shuffles every time.
  for (int round = 0; round < 20; ++round) {
    std::vector<codec::Update> shuffled = log_.written();
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    View other(ViewOptions{}, &clock_);
    other.Reset(2);
    int64_t offset = 0;
    for (const auto& update : shuffled) ASSERT_THAT(other.Apply(RecordOf(update, offset++)), IsOk());
    ASSERT_THAT(CheckAll(other), IsOk());
    ASSERT_EQ(other.Dump(), dump);
  }
}

TEST_F(ViewTest, ResetForgetsEverything) {
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Defines(DefinitionOf("T1"))))), IsOk());
  view_.Reset(3);
  EXPECT_THAT(view_.NextOffsets(), ElementsAre(0, 0, 0));
  EXPECT_THAT(view_.Council(kCouncil).indicators, IsEmpty());
}

}  // namespace
}  // namespace bellwether::query
