#include "services/query/answering.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "bellwether/rpc/client_error.h"
#include "bellwether/testing/fake_clock.h"
#include "services/query/gate.h"
#include "services/query/testing.h"

namespace bellwether::query {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(60);

// Blocks the one thread of `turns` until it goes.
class Block {
 public:
  explicit Block(Turns* turns) {
    EXPECT_TRUE(turns->Post("blocker", [this, go = go_] {
      began_.Notify();
      go->WaitForNotification();
    }));
    EXPECT_TRUE(began_.WaitForNotificationWithTimeout(kPatience));
  }
  ~Block() { go_->Notify(); }

 private:
  absl::Notification began_;
  // Shared: the thread may be at it still when this is gone.
  const std::shared_ptr<absl::Notification> go_ = std::make_shared<absl::Notification>();
};

TEST(TurnsTest, CallersTakeTurns) {
  std::vector<std::string> ran;
  absl::Notification last;
  Turns turns(1);
  {
    const Block block(&turns);
    for (const char* task : {"a1", "a2", "a3", "b1", "b2", "c1"}) {
      EXPECT_TRUE(turns.Post(std::string(1, task[0]), [&ran, &last, task] {
        ran.emplace_back(task);
        if (ran.size() == 6) last.Notify();
      }));
    }
  }
  ASSERT_TRUE(last.WaitForNotificationWithTimeout(kPatience));
  EXPECT_THAT(ran, ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST(TurnsTest, TakesNoMoreThanItsLimits) {
  Turns turns(1, {.waiting = 3, .waiting_of_caller = 2});
  const Block block(&turns);
  const auto nothing = [] {};
  EXPECT_TRUE(turns.Post("a", nothing));
  EXPECT_TRUE(turns.Post("a", nothing));
  EXPECT_FALSE(turns.Post("a", nothing)) << "two of one caller";
  EXPECT_TRUE(turns.Post("b", nothing));
  EXPECT_FALSE(turns.Post("c", nothing)) << "three in all";
}

// An answer that is too long for a quick attempt, and then waits.
struct LongAnswer {
  absl::Notification began;
  absl::Notification go;
  grpc::Status operator()(Effort* effort) {
    if (!effort->Spend(Effort::kQuick + 1)) return Failed();
    began.Notify();
    go.WaitForNotification();
    return grpc::Status::OK;
  }
  static grpc::Status Failed() { return {grpc::StatusCode::CANCELLED, ""}; }
};

struct Outcome {
  absl::Notification told;
  grpc::Status status;
  void operator()(const grpc::Status& s) {
    status = s;
    told.Notify();
  }
};

TEST(AnsweringTest, QuickAnswersDoNotWaitForLongOnes) {
  Answering answering({.threads = 1});
  LongAnswer answer;
  Outcome of_long;
  answering.Begin("first", std::ref(answer), nullptr, std::ref(of_long));
  ASSERT_TRUE(answer.began.WaitForNotificationWithTimeout(kPatience));

  Outcome quick;
  answering.Begin(
      "first", [](Effort*) { return grpc::Status::OK; }, nullptr, std::ref(quick));
  EXPECT_TRUE(quick.told.HasBeenNotified()) << "on the thread that asks";
  Outcome woken;
  answering.BeginElsewhere([&] {
    answering.Begin(
        "first", [](Effort*) { return grpc::Status::OK; }, nullptr, std::ref(woken));
  });
  EXPECT_TRUE(woken.told.WaitForNotificationWithTimeout(kPatience));
  EXPECT_FALSE(of_long.told.HasBeenNotified());
  answer.go.Notify();
  ASSERT_TRUE(of_long.told.WaitForNotificationWithTimeout(kPatience));
  EXPECT_TRUE(of_long.status.ok());
}

TEST(AnsweringTest, WhatHasWaitedIsNotWorkedOutOneAfterAnother) {
  Answering answering({.threads = 2});
  absl::Notification second_began;
  absl::Notification first_saw_it;
  answering.BeginElsewhere([&] {
    if (second_began.WaitForNotificationWithTimeout(absl::Seconds(20))) first_saw_it.Notify();
  });
  answering.BeginElsewhere([&] { second_began.Notify(); });
  EXPECT_TRUE(first_saw_it.WaitForNotificationWithTimeout(kPatience));
  answering.Stop();
}

TEST(AnsweringTest, OneCallerCannotTakeEveryPlace) {
  Answering answering({.threads = 1, .waiting = 10, .waiting_of_caller = 1});
  LongAnswer answer;
  Outcome of_long;
  answering.Begin("first", std::ref(answer), nullptr, std::ref(of_long));
  ASSERT_TRUE(answer.began.WaitForNotificationWithTimeout(kPatience));
  const auto longer = [](Effort* effort) {
    return effort->Spend(Effort::kQuick + 1) ? grpc::Status::OK : LongAnswer::Failed();
  };
  Outcome second;
  Outcome third;
  Outcome other;
  answering.Begin("first", longer, nullptr, std::ref(second));
  answering.Begin("first", longer, nullptr, std::ref(third));
  ASSERT_TRUE(third.told.HasBeenNotified());
  EXPECT_EQ(third.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(rpc::ReasonOf(third.status), "QUEUE_FULL");
  answering.Begin("other", longer, nullptr, std::ref(other));
  answer.go.Notify();
  for (Outcome* outcome : {&of_long, &second, &other}) {
    ASSERT_TRUE(outcome->told.WaitForNotificationWithTimeout(kPatience));
    EXPECT_TRUE(outcome->status.ok());
  }
}

class GateTest : public ::testing::Test {
 protected:
  GateTest() { view_.Reset(1); }
  ~GateTest() override {
    gate_.EndAll();
    answering_.Stop();
    worker_.reset();
  }
  void Write() {
    const auto update = log_.Write(0, "T1", testing::Defines(testing::DefinitionOf("T1")));
    ASSERT_TRUE(view_.Apply(testing::RecordOf(update)).ok());
    gate_.Advanced();
  }

  bellwether::testing::FakeClock clock_{core::Date(2022, 3, 20)};
  testing::Log log_{1};
  View view_{ViewOptions{}, &clock_};
  Answering answering_{AnsweringOptions{}};
  std::unique_ptr<Worker> worker_ = std::make_unique<Worker>();
  Gate gate_{&view_, worker_.get(), &answering_};
};

// Watches and deadlines hang on the worker: what has waited is not worked out there.
TEST_F(GateTest, WhatWaitedDoesNotHoldUpTheWorker) {
  absl::Notification resumed;
  const auto go = std::make_shared<absl::Notification>();  // What waits for it may be at it when the test is over.
  gate_.Wait({{1, 0, 0}}, core::SteadyTime::Now() + kPatience, [&resumed, go](Gate::Passage passage) {
    EXPECT_EQ(passage, Gate::Passage::kReached);
    resumed.Notify();
    go->WaitForNotificationWithTimeout(kPatience);
  });
  Write();
  ASSERT_TRUE(resumed.WaitForNotificationWithTimeout(kPatience));
  absl::Notification worked;
  worker_->Post([&] { worked.Notify(); });
  EXPECT_TRUE(worked.WaitForNotificationWithTimeout(absl::Seconds(20)));
  go->Notify();
}

TEST_F(GateTest, ForgetsWhoWentAway) {
  auto kept = std::make_shared<int>();
  for (int i = 0; i < 10'000; ++i) {
    gate_.Wait({{1, 0, 5}}, core::SteadyTime::Now() + kPatience, [kept](Gate::Passage) {})
        ->Settle(Gate::Passage::kCancelled);
  }
  EXPECT_LT(gate_.parked(), 200u);
  EXPECT_EQ(kept.use_count(), 1) << "nor is what they asked kept until their deadlines";
}

TEST_F(GateTest, ACallMayNameAnyNumberOfPositions) {
  std::vector<codec::Position> positions(100'000, {1, 0, 0});
  positions.push_back({1, 0, 1});
  absl::Notification reached;
  gate_.Wait(positions, core::SteadyTime::Now() + kPatience, [&](Gate::Passage) { reached.Notify(); });
  Write();
  EXPECT_FALSE(reached.WaitForNotificationWithTimeout(absl::Milliseconds(50))) << "the highest counts";
  Write();
  EXPECT_TRUE(reached.WaitForNotificationWithTimeout(kPatience));
}

}  // namespace
}  // namespace bellwether::query
