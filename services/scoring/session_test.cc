#include "services/scoring/session.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "bellwether/core/mutex.h"
#include "bellwether/testing/fake_bus.h"
#include "bellwether/testing/status_matchers.h"
#include "libs/codec/testing/update.h"
#include "services/scoring/testing.h"

namespace bellwether::scoring {
namespace {

using bellwether::testing::FakeBus;
using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using testing::DefinitionRecord;
using testing::ReadingRecord;
using testing::RecordOf;
using ::testing::SizeIs;

constexpr char kScores[] = "scores";
constexpr char kDeadLetters[] = "dead-letters";
constexpr char kGroup[] = "group";

template <typename Condition>
bool Eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// A session that runs on a thread of its own.
class Running {
 public:
  explicit Running(FakeBus& fake, size_t max_update_bytes = core::limits::kUpdateBytes)
      : session_(OptionsOf(max_update_bytes), PortsOf(fake)), thread_([this] { end_ = session_.Run(); }) {}
  explicit Running(SessionPorts ports)
      : session_(OptionsOf(core::limits::kUpdateBytes), std::move(ports)), thread_([this] { end_ = session_.Run(); }) {}
  ~Running() { (void)Stop(); }
  absl::Status Stop(absl::Duration limit = absl::Seconds(20)) {
    session_.RequestStop(core::SteadyTime::Now() + limit);
    return Join();
  }
  absl::Status Join() {
    if (thread_.joinable()) thread_.join();
    return end_;
  }
  Session& session() { return session_; }

  static SessionOptions OptionsOf(size_t max_update_bytes) {
    SessionOptions options;
    options.max_update_bytes = max_update_bytes;
    options.indicators_topic = testing::kTopic;
    options.scores_topic = kScores;
    options.dead_letter_topic = kDeadLetters;
    options.commit_interval = absl::ZeroDuration();
    options.revoke_timeout = absl::Milliseconds(200);
    return options;
  }
  static SessionPorts PortsOf(FakeBus& fake) {
    SessionPorts ports;
    ports.sink = fake.MakeSink();
    ports.make_group_source =
        [&fake](bus::GroupListener* listener) -> absl::StatusOr<std::unique_ptr<bus::GroupSource>> {
      return fake.MakeGroupSource({kGroup, testing::kTopic, ""}, listener);
    };
    ports.end_offsets = [&fake](absl::Duration) -> absl::StatusOr<std::vector<int64_t>> {
      return fake.MakeSource()->EndOffsets(testing::kTopic, absl::ZeroDuration());
    };
    return ports;
  }

 private:
  Session session_;
  absl::Status end_;
  std::thread thread_;
};

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    fake_.CreateTopic(testing::kTopic, 2);
    fake_.CreateTopic(kScores, 2);
    fake_.CreateTopic(kDeadLetters, 2);
    fake_.Append(RecordOf("T1", DefinitionRecord("T1", "d")));
    for (int month = 1; month <= 9; ++month) {
      fake_.Append(RecordOf("T1", ReadingRecord("r" + std::to_string(month), "2022-0" + std::to_string(month),
                                                std::to_string(80 + month))));
    }
  }
  size_t Updates() const { return fake_.Records(kScores).size(); }
  // Values of the scores topic, one for each offset; a duplicate must be equal to the first.
  std::vector<std::string> Distinct() const {
    std::vector<std::string> values;
    for (const bus::ConsumedRecord& record : fake_.Records(kScores, 0)) {
      const int64_t offset = codec::testing::DecodeUpdate(*record.value)->position.offset;
      if (offset < static_cast<int64_t>(values.size())) {
        EXPECT_EQ(values[static_cast<size_t>(offset)], *record.value) << "a duplicate differs";
      } else {
        EXPECT_EQ(offset, static_cast<int64_t>(values.size())) << "a hole";
        values.push_back(*record.value);
      }
    }
    return values;
  }
  FakeBus fake_;
};

TEST_F(SessionTest, PublishesOneUpdateARecordAndCommitsBehindThem) {
  Running running(fake_);
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 10; }));
  EXPECT_EQ(Updates(), 10u);
  EXPECT_EQ(running.session().NotReadyReason(), "");
  EXPECT_THAT(running.Stop(), IsOk());
}

TEST_F(SessionTest, CommitsNothingThatIsNotDelivered) {
  fake_.HoldDeliveries(true);
  {
    Running running(fake_);
    EXPECT_TRUE(Eventually([&] { return running.session().NotReadyReason().empty(); })) << "folded to the end";
    EXPECT_THAT(running.Stop(), IsOk());
  }
  EXPECT_LE(fake_.Committed(kGroup, 0), 0);
  fake_.HoldDeliveries(false);
  Running again(fake_);
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 10; }));
  EXPECT_THAT(Distinct(), SizeIs(10));
}

TEST_F(SessionTest, CommitsNothingPastAnUpdateThatIsTooLarge) {
  {
    Running running(fake_);
    EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 10; }));
    EXPECT_THAT(running.Stop(), IsOk());
  }
  fake_.Append(RecordOf("T1", ReadingRecord("revised", "2022-01", "79")));
  Running running(fake_, /*max_update_bytes=*/1);
  EXPECT_THAT(running.Join(), IsError(absl::StatusCode::kInternal, "offset 10"));
  EXPECT_EQ(fake_.Committed(kGroup, 0), 10);
}

TEST_F(SessionTest, FoldsInSilenceUpToWhatIsCommitted) {
  {
    Running first(fake_);
    EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 10; }));
  }
  fake_.Append(RecordOf("T1", ReadingRecord("late", "2022-01", "99")));
  Running second(fake_);
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 11; }));
  EXPECT_EQ(Updates(), 11u) << "nothing is published again";
  // Rated on what came before the restart: February's previous cell follows January's late reading.
  EXPECT_THAT(codec::testing::DecodeUpdate(Distinct().back())->scores, SizeIs(::testing::Ge(2)));
}

TEST_F(SessionTest, LateWritesOfOneThatLostItsPartitionsAreEqual) {
  Running running(fake_);
  EXPECT_TRUE(Eventually([&] { return Updates() == 10; }));
  fake_.Rebalance(kGroup, /*lost=*/true);
  fake_.Append(RecordOf("T1", ReadingRecord("late", "2022-01", "99")));
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 11; }));
  EXPECT_THAT(Distinct(), SizeIs(11));
}

TEST_F(SessionTest, TwoMembersShareThePartitions) {
  Running first(fake_);
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 10; }));
  Running second(fake_);
  for (int32_t partition : {0, 1})
    fake_.Append(RecordOf("T1", ReadingRecord("more" + std::to_string(partition), "2022-01", "97"), partition));
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 11 && fake_.Committed(kGroup, 1) == 1; }));
  EXPECT_THAT(Distinct(), SizeIs(11));
}

TEST_F(SessionTest, StopsWithinItsLimitWhileTheBrokerIsSilent) {
  fake_.HoldDeliveries(true);
  Running running(fake_);
  EXPECT_TRUE(Eventually([&] { return running.session().NotReadyReason().empty(); })) << "folded to the end";
  // The updates are delivered, and must be committed, when nothing is answered any more.
  fake_.SilenceGroups(true);
  fake_.HoldDeliveries(false);
  EXPECT_TRUE(Eventually([&] { return Updates() == 10; }));
  const core::SteadyTime by = core::SteadyTime::Now() + absl::Seconds(2);
  EXPECT_THAT(running.Stop(absl::Seconds(2)), IsOk());
  EXPECT_FALSE(by.over());
  EXPECT_LE(fake_.Committed(kGroup, 0), 0);
}

TEST_F(SessionTest, StopsWithinItsLimitWhileNothingIsDelivered) {
  fake_.HoldDeliveries(true);
  fake_.SilenceGroups(true);
  Running running(fake_);
  EXPECT_TRUE(Eventually([&] { return running.session().NotReadyReason().empty(); })) << "folded to the end";
  const core::SteadyTime by = core::SteadyTime::Now() + absl::Seconds(1);
  EXPECT_THAT(running.Stop(absl::Seconds(1)), IsOk());
  EXPECT_FALSE(by.over());
}

// A callback of an earlier assignment could erase an offset of the new one, and let it be committed before its
// delivery.
TEST_F(SessionTest, ALateDeliveryOfAnEarlierAssignmentIsNotOneOfThis) {
  core::Mutex mutex;
  std::vector<bus::OnDelivery> callbacks;  // As produced.
  class HeldSink : public bus::RecordSink {
   public:
    HeldSink(core::Mutex* mutex, std::vector<bus::OnDelivery>* callbacks) : mutex_(*mutex), callbacks_(*callbacks) {}
    absl::Status Produce(const bus::OutgoingRecord&, bus::OnDelivery on_delivery) override {
      const core::MutexLock lock(mutex_);
      callbacks_.push_back(std::move(on_delivery));
      return absl::OkStatus();
    }
    bus::FlushResult Flush(absl::Duration) override { return {}; }
    absl::Status FatalError() const override { return absl::OkStatus(); }
    size_t outstanding() const override { return 0; }

   private:
    core::Mutex& mutex_;
    std::vector<bus::OnDelivery>& callbacks_;
  };
  const auto produced = [&] {
    const core::MutexLock lock(mutex);
    return callbacks.size();
  };
  const auto deliver = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i) {
      bus::OnDelivery callback;
      {
        const core::MutexLock lock(mutex);
        callback = callbacks[i];
      }
      callback(bus::DeliveredAt{0, static_cast<int64_t>(i)});
    }
  };
  SessionPorts ports = Running::PortsOf(fake_);
  ports.sink = std::make_unique<HeldSink>(&mutex, &callbacks);
  Running running(std::move(ports));
  ASSERT_TRUE(Eventually([&] { return produced() == 10; }));
  fake_.Rebalance(kGroup, /*lost=*/true);
  ASSERT_TRUE(Eventually([&] { return produced() == 20; })) << "published again, since nothing was committed";
  deliver(0, 10);
  fake_.Append(RecordOf("T1", ReadingRecord("late", "2022-01", "99")));
  ASSERT_TRUE(Eventually([&] { return produced() == 21; }));
  // A commit would have come with the polls that led to this one.
  EXPECT_LE(fake_.Committed(kGroup, 0), 0) << "nothing of this assignment is delivered";
  deliver(10, 21);
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 11; }));
  EXPECT_THAT(running.Stop(), IsOk());
}

TEST_F(SessionTest, TriesARefusedCommitAgain) {
  fake_.RefuseCommits(absl::UnavailableError("commit: the coordinator is loading"));
  Running running(fake_);
  EXPECT_TRUE(Eventually([&] { return Updates() == 10; }));
  EXPECT_TRUE(Eventually([&] { return fake_.RefusedCommits() > 0; }));
  fake_.RefuseCommits(absl::OkStatus());
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 10; })) << "with no newer record";
  EXPECT_THAT(running.Stop(), IsOk());
}

TEST_F(SessionTest, IsNotReadyWhereItIsNotKnownHowFarTheLogGoes) {
  std::atomic<bool> known{false};
  std::atomic<int> asked{0};
  SessionPorts ports = Running::PortsOf(fake_);
  ports.end_offsets = [&, told = ports.end_offsets](absl::Duration timeout) -> absl::StatusOr<std::vector<int64_t>> {
    ++asked;
    if (!known) return absl::DeadlineExceededError("the broker did not answer in time");
    return told(timeout);
  };
  Running running(std::move(ports));
  EXPECT_TRUE(Eventually([&] { return Updates() == 10 && asked > 0; }));
  EXPECT_EQ(running.session().NotReadyReason(), "2 partitions are still being folded");
  known = true;
  EXPECT_TRUE(Eventually([&] { return running.session().NotReadyReason().empty(); }));
  EXPECT_THAT(running.Stop(), IsOk());
}

TEST_F(SessionTest, StopsWhereTheLogEndsBeforeWhatWasCommitted) {
  {
    Running running(fake_);
    EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 10; }));
  }
  SessionPorts ports = Running::PortsOf(fake_);
  ports.end_offsets = [](absl::Duration) { return std::vector<int64_t>{7, 0}; };
  Running running(std::move(ports));
  EXPECT_THAT(running.Join(), IsError(absl::StatusCode::kDataLoss, "ends at offset 7"));
}

TEST_F(SessionTest, StopsAtAJumpInTheLog) {
  fake_.SkipOffsets(testing::kTopic, 0, 1);
  fake_.Append(RecordOf("T1", ReadingRecord("after", "2022-01", "97")));
  Running running(fake_);
  EXPECT_THAT(running.Join(), IsError(absl::StatusCode::kDataLoss, "hole"));
}

TEST_F(SessionTest, EndsWhenItsProducerIsGoneForGood) {
  Running running(fake_);
  EXPECT_TRUE(Eventually([&] { return Updates() == 10; }));
  fake_.FailSinks();
  fake_.Append(RecordOf("T1", ReadingRecord("late", "2022-01", "99")));
  EXPECT_EQ(running.Join().code(), absl::StatusCode::kAborted);
  Running again(fake_);
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 11; }));
  EXPECT_THAT(Distinct(), SizeIs(11));
}

TEST_F(SessionTest, WaitsWhileTheQueueIsFull) {
  fake_.RefuseRecords(absl::ResourceExhaustedError("the queue is full"));
  Running running(fake_);
  EXPECT_TRUE(Eventually([&] { return running.session().NotReadyReason().find("folded") != std::string::npos; }));
  EXPECT_EQ(Updates(), 0u);
  fake_.RefuseRecords(absl::OkStatus());
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 10; }));
  EXPECT_THAT(Distinct(), SizeIs(10));
}

TEST_F(SessionTest, DeadLettersKeepTheirBytesAndSayWhy) {
  bus::OutgoingRecord garbage;
  garbage.topic = testing::kTopic;
  garbage.partition = 0;
  garbage.key = "nonsense";
  garbage.value = "\xff garbage";
  garbage.headers.push_back({"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
  fake_.Append(garbage);
  Running running(fake_);
  EXPECT_TRUE(Eventually([&] { return fake_.Committed(kGroup, 0) == 11; }));
  const std::vector<bus::ConsumedRecord> letters = fake_.Records(kDeadLetters, 0);
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(letters[0].key, garbage.key);
  EXPECT_EQ(letters[0].value, garbage.value);
  EXPECT_EQ(bus::FindHeader(letters[0].headers, "dlt_reason"), "unreadable");
  EXPECT_EQ(bus::FindHeader(letters[0].headers, "dlt_original_offset"), "10");
  EXPECT_EQ(bus::FindHeader(letters[0].headers, "traceparent"), garbage.headers[0].value);
}

}  // namespace
}  // namespace bellwether::scoring
