// What the ports over librdkafka do while the broker says nothing: it is the embedded one in a process of its own,
// which is halted. Connections stay, and nothing is answered.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/embedded_broker.h"
#include "bellwether/bus/group_source.h"
#include "bellwether/bus/left_behind.h"
#include "bellwether/bus/sink.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::bus {
namespace {

constexpr char kTopic[] = "t";
constexpr char kAsBroker[] = "--as-broker";
// What each call here may take beyond its own limit: a handle's end is waited for a second, a purge for two.
constexpr absl::Duration kMore = absl::Seconds(5);

class BrokerProcess {
 public:
  BrokerProcess() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // Halted or not, it does not outlive the test.
      dup2(ends[1], STDOUT_FILENO);
      execl("/proc/self/exe", "bus_silent_broker_test", kAsBroker, nullptr);
      _exit(127);
    }
    close(ends[1]);
    std::array<char, 64> address{};
    const ssize_t size = read(ends[0], address.data(), address.size());
    close(ends[0]);
    EXPECT_GT(size, 0);
    address_.assign(address.data(), static_cast<size_t>(size));
  }
  ~BrokerProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  void Halt() const {
    kill(pid_, SIGSTOP);
    waitpid(pid_, nullptr, WUNTRACED);  // It is halted when this returns.
  }
  void GoOn() const { kill(pid_, SIGCONT); }
  ClientOptions client() const { return {.bootstrap_servers = address_, .embedded_broker = true}; }

 private:
  pid_t pid_ = 0;
  std::string address_;
};

class SilentBrokerTest : public ::testing::Test {
 protected:
  std::unique_ptr<RecordSink> Sink() {
    auto sink = MakeKafkaSink(broker_.client(), ScoringSinkOptions(kTopic));
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }
  BrokerProcess broker_;
};

class Member : public GroupListener {
 public:
  std::vector<PartitionOffset> OnAssigned(const std::vector<PartitionOffset>& committed) override {
    ++assigned;
    std::vector<PartitionOffset> starts = committed;
    for (PartitionOffset& start : starts) start.offset = 0;
    return starts;
  }
  void OnRevoked() override { ++revoked; }
  void OnLost() override { ++lost; }
  int assigned = 0;
  int revoked = 0;
  int lost = 0;
};

TEST_F(SilentBrokerTest, CommitsAndLeavesAGroupWithinLimits) {
  Member member;
  auto source = MakeKafkaGroupSource(broker_.client(), {.group = "g", .topic = kTopic}, &member);
  ASSERT_TRUE(source.ok()) << source.status();
  const core::SteadyTime patience = core::SteadyTime::Now() + absl::Seconds(60);
  while (member.assigned == 0 && !patience.over()) ASSERT_TRUE((*source)->Poll(absl::Milliseconds(100)).ok());
  ASSERT_EQ(member.assigned, 1);
  broker_.Halt();
  bool answered = false;
  (*source)->Commit({{kTopic, 0, 1}}, [&answered](const absl::Status& status) {
    EXPECT_FALSE(status.ok());
    answered = true;
  });

  const core::SteadyTime began = core::SteadyTime::Now();
  EXPECT_TRUE(absl::IsDeadlineExceeded((*source)->CommitNow({{kTopic, 1, 1}}, absl::Milliseconds(300))));
  EXPECT_TRUE(absl::IsDeadlineExceeded((*source)->Close(absl::Milliseconds(300))));
  EXPECT_EQ(member.revoked, 1) << "what it has it still gives back in order";
  source->reset();
  EXPECT_LT(core::SteadyTime::Now() - began, absl::Milliseconds(600) + kMore);
  EXPECT_TRUE(answered);
  EXPECT_EQ(ClientsLeftBehind(), 1) << "a commit is under way, and librdkafka waits for it";

  broker_.GoOn();
  const core::SteadyTime ended = core::SteadyTime::Now() + absl::Seconds(60);
  while (ClientsLeftBehind() > 0 && !ended.over()) std::this_thread::yield();
  EXPECT_EQ(ClientsLeftBehind(), 0);
}

TEST_F(SilentBrokerTest, GivesUpWhatIsOutstanding) {
  auto sink = Sink();
  std::atomic<int> cancelled{0};
  for (int i = 0; i < 2; ++i) {  // The first is on its way, the other waits for it.
    if (i == 0) broker_.Halt();
    ASSERT_TRUE(sink->Produce({kTopic, 0, "k", "v"},
                              [&cancelled](const absl::StatusOr<DeliveredAt>& at) {
                                cancelled += absl::IsCancelled(at.status());
                              })
                    .ok());
    EXPECT_EQ(sink->Flush(absl::Milliseconds(100)).undelivered, static_cast<size_t>(i + 1));
  }
  const core::SteadyTime began = core::SteadyTime::Now();
  sink.reset();
  EXPECT_LT(core::SteadyTime::Now() - began, kMore);
  EXPECT_EQ(cancelled, 2);
}

TEST_F(SilentBrokerTest, EndsASourceThatReads) {
  auto sink = Sink();
  ASSERT_TRUE(sink->Produce({kTopic, 0, "k", "v"}, [](const absl::StatusOr<DeliveredAt>&) {}).ok());
  ASSERT_EQ(sink->Flush(absl::Seconds(20)).undelivered, 0u);
  auto source = MakeKafkaSource(broker_.client());
  ASSERT_TRUE(source.ok()) << source.status();
  ASSERT_TRUE((*source)->Assign({{kTopic, 0, 0}}).ok());
  ASSERT_TRUE((*source)->Poll(absl::Seconds(20))->has_value());
  broker_.Halt();
  const core::SteadyTime began = core::SteadyTime::Now();
  EXPECT_TRUE((*source)->Poll(absl::Milliseconds(100)).ok());
  EXPECT_FALSE((*source)->EndOffsets(kTopic, absl::Milliseconds(100)).ok());
  source->reset();
  EXPECT_LT(core::SteadyTime::Now() - began, kMore);
}

int RunAsBroker() {
  TopicSpec topic;
  topic.name = kTopic;
  topic.partitions = 2;
  const auto broker = EmbeddedBroker::Start({.topics = {topic}});
  if (!broker.ok()) return 1;
  std::printf("%s", (*broker)->bootstrap_servers().c_str());
  std::fflush(stdout);
  while (true) pause();  // Until the test ends it.
}

}  // namespace
}  // namespace bellwether::bus

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == bellwether::bus::kAsBroker) return bellwether::bus::RunAsBroker();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
