#include "bellwether/bus/supervisor.h"

#include <gmock/gmock.h>

#include <atomic>
#include <deque>

#include "absl/synchronization/notification.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::bus {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(WhatFollows, IsOneTable) {
  for (const bool doubted : {false, true}) {
    EXPECT_EQ(WhatFollows(absl::UnavailableError(""), doubted), AfterSession::kTryAgain);
    EXPECT_EQ(WhatFollows(absl::DeadlineExceededError(""), doubted), AfterSession::kTryAgain);
    EXPECT_EQ(WhatFollows(absl::AbortedError(""), doubted), AfterSession::kForget);
    EXPECT_EQ(WhatFollows(absl::FailedPreconditionError(""), doubted), AfterSession::kEndProcess);
    EXPECT_EQ(WhatFollows(absl::NotFoundError(""), doubted), AfterSession::kEndProcess);
    EXPECT_EQ(WhatFollows(absl::PermissionDeniedError(""), doubted), AfterSession::kEndProcess);
    EXPECT_EQ(WhatFollows(absl::InvalidArgumentError(""), doubted), AfterSession::kEndProcess);
    EXPECT_EQ(WhatFollows(absl::InternalError(""), doubted), AfterSession::kEndProcess);
  }
  EXPECT_EQ(WhatFollows(absl::DataLossError(""), false), AfterSession::kDoubt);
  EXPECT_EQ(WhatFollows(absl::DataLossError(""), true), AfterSession::kEndProcess);
}

class SupervisorTest : public ::testing::Test {
 protected:
  // How a session goes: it cannot be had, or it ends so, after it caught up or before; OK: once it is stopped.
  struct Script {
    absl::Status connect{};
    absl::Status end{};
    bool catches_up = false;
  };

  class Scripted : public BrokerSession {
   public:
    Scripted(SupervisorTest* test, Script script) : test_(test), script_(std::move(script)) {}
    absl::Status Run() override {
      if (!script_.end.ok()) return script_.end;
      test_->running_.Notify();
      stop_.WaitForNotification();
      return absl::OkStatus();
    }
    void RequestStop(core::SteadyTime) override { stop_.Notify(); }
    std::string NotReadyReason() const override { return "what the session says"; }
    bool caught_up() const override { return script_.catches_up; }

   private:
    SupervisorTest* const test_;
    const Script script_;
    absl::Notification stop_;
  };

  void Start(std::deque<Script> scripts) {
    scripts_ = std::move(scripts);
    SupervisedWork work;
    work.connect = [this]() -> absl::StatusOr<std::unique_ptr<BrokerSession>> {
      const Script script = scripts_.empty() ? Script() : scripts_.front();
      if (!scripts_.empty()) scripts_.pop_front();
      if (!script.connect.ok()) return script.connect;
      return std::make_unique<Scripted>(this, script);
    };
    work.ended = [this](AfterSession follows) {
      ended_.push_back(follows);
      if (ended_.size() == 1) ended_once_.Notify();
    };
    work.idle = [this] { ++idle_; };
    work.on_fatal = [this] { fatal_.Notify(); };
    supervisor_.Start(std::move(work));
  }
  static void Await(const absl::Notification& came) {
    ASSERT_TRUE(came.WaitForNotificationWithTimeout(absl::Seconds(30)));
  }
  absl::Status Stop() {
    supervisor_.RequestStop(core::SteadyTime::Now() + absl::Seconds(5));
    return supervisor_.Join();
  }

  std::deque<Script> scripts_;
  std::vector<AfterSession> ended_;  // Read once the thread ended.
  std::atomic<int> idle_{0};
  absl::Notification ended_once_;
  absl::Notification running_;
  absl::Notification fatal_;
  Supervisor supervisor_;
};

TEST_F(SupervisorTest, WaitsForTheBrokerAndRunsUntilItIsStopped) {
  Start({{.connect = absl::UnavailableError("nobody there")}});
  Await(running_);
  EXPECT_EQ(supervisor_.NotReadyReason(), "what the session says");
  EXPECT_GT(idle_, 1);  // Whoever waits meanwhile was answered.
  supervisor_.ExpectStop();
  EXPECT_EQ(supervisor_.NotReadyReason(), "stopping");
  EXPECT_EQ(supervisor_.patience(), absl::Seconds(1));
  EXPECT_THAT(Stop(), IsOk());
  EXPECT_EQ(supervisor_.patience(), absl::ZeroDuration());
  EXPECT_FALSE(fatal_.HasBeenNotified());
  EXPECT_THAT(ended_, ElementsAre(AfterSession::kTryAgain));
}

TEST_F(SupervisorTest, SaysWhyThereIsNoSession) {
  Start(std::deque<Script>(100, {.connect = absl::UnavailableError("nobody there")}));
  Await(ended_once_);
  EXPECT_EQ(supervisor_.NotReadyReason(), "the broker does not answer: nobody there");
  EXPECT_THAT(Stop(), IsOk());
}

TEST_F(SupervisorTest, ASecondLossInSuccessionEndsTheService) {
  Start({{.end = absl::DataLossError("gone")},
         {.connect = absl::UnavailableError("nobody there")},
         {.end = absl::DataLossError("gone still")}});
  Await(fatal_);
  EXPECT_THAT(supervisor_.NotReadyReason(), HasSubstr("cannot go on: gone still"));
  EXPECT_THAT(Stop(), IsError(absl::StatusCode::kDataLoss, "gone still"));
  EXPECT_THAT(ended_, ElementsAre(AfterSession::kDoubt, AfterSession::kTryAgain, AfterSession::kEndProcess));
}

TEST_F(SupervisorTest, ALogThatWasReadToItsEndIsNotDoubtedAnyMore) {
  Start({{.end = absl::DataLossError("gone")}, {.end = absl::DataLossError("gone again"), .catches_up = true}});
  Await(running_);
  EXPECT_THAT(Stop(), IsOk());
  EXPECT_THAT(ended_, ElementsAre(AfterSession::kDoubt, AfterSession::kDoubt));
}

TEST_F(SupervisorTest, WhatNobodyAskedForEndsTheService) {
  Start({{.end = absl::FailedPreconditionError("another epoch")}});
  Await(fatal_);
  EXPECT_THAT(Stop(), IsError(absl::StatusCode::kFailedPrecondition, "another epoch"));
}

}  // namespace
}  // namespace bellwether::bus
