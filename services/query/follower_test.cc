#include "services/query/follower.h"

#include <gmock/gmock.h>

#include <future>

#include "bellwether/testing/fake_bus.h"
#include "bellwether/testing/fake_clock.h"
#include "bellwether/testing/status_matchers.h"
#include "services/query/testing.h"

namespace bellwether::query {
namespace {

using bellwether::testing::FakeBus;
using bellwether::testing::FakeClock;
using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using namespace query::testing;  // NOLINT: the log and its records.
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FollowerTest : public ::testing::Test {
 protected:
  FollowerTest() {
    bus_.CreateTopic(kTopic, 2);
    source_ = bus_.MakeSource();
  }
  ~FollowerTest() override {
    if (follower_ != nullptr) follower_->Stop();
  }

  void Publish(const codec::Update& update) {
    const bus::ConsumedRecord record = RecordOf(update, 0);
    bus_.Append({kTopic, record.partition, *record.key, *record.value, {}});
  }
  void Follow() {
    follower_ = std::make_unique<Follower>(
        source_.get(), &view_, kTopic, &cursor_, [] {}, [this](bool healthy) { health_.store(healthy ? 1 : 0); });
    run_ = std::async(std::launch::async, [this] { return follower_->Run(); });
  }
  template <typename Condition>
  static bool Eventually(Condition condition) {
    const core::SteadyTime deadline = core::SteadyTime::Now() + absl::Seconds(20);
    while (!condition() && !deadline.over()) std::this_thread::yield();
    return condition();
  }

  FakeBus bus_;
  FakeClock clock_{absl::FromUnixSeconds(1'646'000'000)};
  Log log_{2};
  View view_{ViewOptions{}, &clock_};
  std::atomic<int> health_{-1};
  bus::Cursor cursor_{kTopic};
  std::unique_ptr<bus::RecordSource> source_;
  std::unique_ptr<Follower> follower_;
  std::future<absl::Status> run_;
};

TEST_F(FollowerTest, IsReadyOnceItHasCaughtUp) {
  Publish(log_.Write(0, "T1", Defines(DefinitionOf("T1"))));
  Publish(log_.Write(1, "T2", Defines(DefinitionOf("T2"))));
  Follow();
  ASSERT_TRUE(Eventually([this] { return health_ == 1; }));
  EXPECT_EQ(follower_->NotReadyReason(), "");
  EXPECT_THAT(view_.NextOffsets(), ElementsAre(1, 1));
  Publish(log_.Write(0, "T1", Reads("2022-02", "91")));
  EXPECT_TRUE(Eventually([this] { return view_.NextOffsets()[0] == 2; }));
  follower_->Stop();
  EXPECT_THAT(run_.get(), IsOk());
}

TEST_F(FollowerTest, EmptyTopicIsCaughtUpAtOnce) {
  Follow();
  EXPECT_TRUE(Eventually([this] { return health_ == 1; }));
}

TEST_F(FollowerTest, LateWritesOfAnotherScorerChangeNothing) {
  const auto definition = log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  const auto reading = log_.Write(0, "T1", Reads("2022-02", "91"));
  for (const auto& update : {definition, reading, definition, reading}) Publish(update);
  Follow();
  EXPECT_TRUE(Eventually([this] { return health_ == 1; }));
  EXPECT_EQ(view_.Find({kCouncil, "T1"}).indicator->occurrences.size(), 2u);
}

TEST_F(FollowerTest, HoleRaisesTheAlarmAndReplayEndsIt) {
  const auto definition = log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  const auto reading = log_.Write(0, "T1", Reads("2022-02", "91"));
  Publish(reading);
  Follow();
  ASSERT_TRUE(Eventually([this] { return health_ == 1; }));
  clock_.SetNow(clock_.Now() + absl::Seconds(31));
  ASSERT_TRUE(Eventually([this] { return health_ == 0; }));
  EXPECT_THAT(follower_->NotReadyReason(), HasSubstr("partition 0 lacks the update of offset 0"));
  Publish(definition);
  EXPECT_TRUE(Eventually([this] { return health_ == 1; }));
  EXPECT_EQ(follower_->NotReadyReason(), "");
}

TEST_F(FollowerTest, StopsAtARecordThatIsNoUpdate) {
  bus_.Append({kTopic, 0, "E06000064/T1", "rubbish", {}});
  Follow();
  EXPECT_THAT(run_.get(), IsError(absl::StatusCode::kInvalidArgument, "offset 0"));
}

TEST_F(FollowerTest, RemembersHowFarItReadAndMissesWhatIsGone) {
  Publish(log_.Write(0, "T1", Defines(DefinitionOf("T1"))));
  Publish(log_.Write(0, "T1", Reads("2022-02", "91")));
  Follow();
  ASSERT_TRUE(Eventually([this] { return health_ == 1; }));
  follower_->Stop();
  ASSERT_THAT(run_.get(), IsOk());

  FakeBus shorter;
  shorter.CreateTopic(kTopic, 2);
  source_ = shorter.MakeSource();
  for (int i = 0; i < 2; ++i) {  // It is remembered over a session that read nothing.
    Follow();
    EXPECT_THAT(run_.get(), IsError(absl::StatusCode::kDataLoss, "ends at offset 0, and was read up to offset 2"));
    EXPECT_FALSE(follower_->caught_up());
  }
  follower_.reset();
  source_.reset();
}

TEST_F(FollowerTest, AHoleInTheTopicItselfIsALoss) {
  Publish(log_.Write(0, "T1", Defines(DefinitionOf("T1"))));
  bus_.SkipOffsets(kTopic, 0, 1);
  Publish(log_.Write(0, "T1", Reads("2022-02", "91")));
  Follow();
  EXPECT_THAT(run_.get(), IsError(absl::StatusCode::kDataLoss, "goes on at offset 2 where 1 was due"));
}

TEST_F(FollowerTest, EndsWhenTheClusterIsAnother) {
  Publish(log_.Write(0, "T1", Defines(DefinitionOf("T1"))));
  Follow();
  ASSERT_TRUE(Eventually([this] { return health_ == 1; }));
  bus_.BecomeOtherCluster();
  EXPECT_THAT(run_.get(), IsError(absl::StatusCode::kAborted, ""));
}

}  // namespace
}  // namespace bellwether::query
