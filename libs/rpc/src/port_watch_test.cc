#include "port_watch.h"

#include <gmock/gmock.h>
#include <netinet/in.h>

#include <atomic>
#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bellwether/rpc/listen.h"
#include "bellwether/rpc/server.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::rpc {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr milliseconds kShort(300);
constexpr PortPatience kHasty = {.interval = milliseconds(5), .patience = milliseconds(50), .failures = 3};

bool Soon(const std::function<bool()>& condition) {
  for (const absl::Time end = absl::Now() + absl::Seconds(30); absl::Now() < end;
       absl::SleepFor(absl::Milliseconds(5))) {
    if (condition()) return true;
  }
  return false;
}

absl::Status Ask(const OwnedFd& listening, bool tls, milliseconds timeout) {
  socklen_t length = 0;
  const auto address = ReachableAt(listening.get(), &length);
  EXPECT_THAT(address, IsOk());
  return AskPort(*address, length, tls, timeout, [](const sockaddr_storage&) {});
}

// In plaintext; tests/integration asks servers with TLS.
TEST(AskPortTest, AServerOfGrpcAnswers) {
  for (const char* host : {"127.0.0.1:0", "localhost:0", "0.0.0.0:0"}) {
    ServerOptions options;
    options.address = host;
    const auto server = Server::Start(options, {}, {});
    ASSERT_THAT(server, IsOk());
    sockaddr_storage address{};
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v4.sin_port = htons(static_cast<in_port_t>((*server)->port()));
    EXPECT_THAT(AskPort(address, sizeof(v4), false, seconds(30), [](const sockaddr_storage&) {}), IsOk()) << host;
    EXPECT_EQ((*server)->NotLiveReason(), "");
    (*server)->Shutdown(absl::Seconds(1));
    EXPECT_THAT(AskPort(address, sizeof(v4), false, seconds(30), [](const sockaddr_storage&) {}),
                IsError(absl::StatusCode::kUnavailable, ""));
  }
}

TEST(AskPortTest, WhoDoesNotAcceptIsDeaf) {
  const auto listening = ListenOn("127.0.0.1:0");
  ASSERT_THAT(listening, IsOk());
  EXPECT_THAT(Ask(listening->sockets[0], false, kShort), IsError(absl::StatusCode::kUnavailable, "it does not answer"));
  EXPECT_THAT(Ask(listening->sockets[0], true, kShort), IsError(absl::StatusCode::kUnavailable, "it does not answer"));
}

TEST(PortWatchTest, TellsOnceAndOnlyWhenNothingIsAnsweredForLong) {
  std::atomic<bool> answers{true};
  std::atomic<int> asked{0};
  std::atomic<int> told{0};
  PortWatch watch(
      [&] {
        ++asked;
        return answers ? absl::OkStatus() : absl::UnavailableError("no connection is accepted");
      },
      kHasty,
      [&](const std::string& reason) {
        EXPECT_THAT(reason, HasSubstr("no connection is accepted"));
        ++told;
      });
  EXPECT_TRUE(Soon([&] { return asked > 20; }));
  EXPECT_EQ(watch.NotLiveReason(), "");
  answers = false;
  EXPECT_TRUE(Soon([&] { return told == 1; }));
  EXPECT_THAT(watch.NotLiveReason(), HasSubstr("no connection is accepted"));
  const int before = asked;
  EXPECT_TRUE(Soon([&] { return asked > before + 20; }));
  EXPECT_EQ(told, 1);
  answers = true;
  EXPECT_TRUE(Soon([&] { return watch.NotLiveReason().empty(); }));
}

// Whoever keeps it busy is not to be helped by a restart.
TEST(PortWatchTest, HasMorePatienceWithAPortThatIsBusy) {
  std::atomic<int> asked{0};
  std::atomic<int> told{0};
  PortPatience patience = kHasty;
  patience.busy = std::chrono::hours(1);
  PortWatch watch(
      [&] {
        ++asked;
        return absl::DeadlineExceededError("busy");
      },
      patience, [&](const std::string&) { ++told; });
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(Soon([&] { return asked > 20 && absl::Now() - begin > absl::Milliseconds(500); }));
  EXPECT_EQ(told, 0);
  EXPECT_EQ(watch.NotLiveReason(), "");
}

// A process that was paused for longer than the patience fails once when it goes on.
TEST(PortWatchTest, OneFailureIsNone) {
  std::atomic<int> asked{0};
  std::atomic<int> told{0};
  PortWatch watch([&] { return ++asked % 3 == 0 ? absl::OkStatus() : absl::UnavailableError("away"); },
                  {.interval = milliseconds(1), .patience = milliseconds(0), .failures = 3},
                  [&](const std::string&) { ++told; });
  EXPECT_TRUE(Soon([&] { return asked > 60; }));
  watch.Stop();
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace bellwether::rpc
