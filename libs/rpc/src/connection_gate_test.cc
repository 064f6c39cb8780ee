#include "connection_gate.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bellwether/core/mutex.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::rpc {
namespace {

using bellwether::testing::IsOk;

bool Soon(const std::function<bool()>& condition) {
  for (const absl::Time end = absl::Now() + absl::Seconds(30); absl::Now() < end;
       absl::SleepFor(absl::Milliseconds(10))) {
    if (condition()) return true;
  }
  return false;
}

sockaddr_in Loopback(const char* host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, host, &address.sin_addr);
  address.sin_port = htons(static_cast<in_port_t>(port));
  return address;
}

// A gate whose connections are kept until the test lets them go.
class ConnectionGateTest : public ::testing::Test {
 protected:
  void Open(GateLimits limits) {
    absl::StatusOr<Listening> listening = ListenOn("127.0.0.1:0");
    ASSERT_THAT(listening, IsOk());
    port_ = listening->port;
    gate_.emplace(*std::move(listening), limits, [this](int, int connection) {
      const core::MutexLock lock(mutex_);
      taken_.emplace_back(connection);
    });
  }

  static OwnedFd Caller() { return OwnedFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
  sockaddr_in Connect(const OwnedFd& caller, const char* from) const {
    sockaddr_in own = Loopback(from, 0);
    EXPECT_EQ(bind(caller.get(), reinterpret_cast<sockaddr*>(&own), sizeof(own)), 0);
    socklen_t length = sizeof(own);
    getsockname(caller.get(), reinterpret_cast<sockaddr*>(&own), &length);
    if (before_) before_(own);
    const sockaddr_in address = Loopback("127.0.0.1", port_);
    EXPECT_EQ(connect(caller.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return own;
  }
  OwnedFd Call(const char* from) const {
    OwnedFd caller = Caller();
    Connect(caller, from);
    return caller;
  }
  // What was refused has been closed.
  static bool Closed(const OwnedFd& caller) {
    char byte = 0;
    return recv(caller.get(), &byte, 1, MSG_DONTWAIT) == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
  size_t taken() {
    const core::MutexLock lock(mutex_);
    return taken_.size();
  }
  // As gRPC does when a connection is gone.
  void LetGo() {
    const core::MutexLock lock(mutex_);
    taken_.pop_back();
  }

  int port_ = 0;
  std::function<void(const sockaddr_in&)> before_;
  core::Mutex mutex_;
  std::vector<OwnedFd> taken_ ABSL_GUARDED_BY(mutex_);
  std::optional<ConnectionGate> gate_;
};

TEST_F(ConnectionGateTest, OneAddressCannotHaveAllAndAllCannotHaveMoreThanThereAre) {
  Open({.connections = 4, .connections_an_address = 3});
  std::vector<OwnedFd> callers;
  for (int i = 0; i < 3; ++i) callers.push_back(Call("127.0.0.2"));
  const OwnedFd fourth = Call("127.0.0.2");
  EXPECT_TRUE(Soon([&] { return Closed(fourth); }));
  EXPECT_EQ(taken(), 3);
  const OwnedFd other = Call("127.0.0.3");
  EXPECT_TRUE(Soon([&] { return taken() == 4; }));
  const OwnedFd more = Call("127.0.0.4");
  EXPECT_TRUE(Soon([&] { return Closed(more); }));
  for (const OwnedFd& caller : callers) EXPECT_FALSE(Closed(caller));
  LetGo();
  EXPECT_TRUE(Soon([&] {
    const size_t before = taken();
    callers.push_back(Call("127.0.0.4"));
    return Soon([&] { return taken() > before || Closed(callers.back()); }) && taken() > before;
  }));
}

TEST_F(ConnectionGateTest, TheServersOwnQuestionIsAlwaysTaken) {
  Open({.connections = 1, .connections_an_address = 1});
  const OwnedFd first = Call("127.0.0.1");
  EXPECT_TRUE(Soon([&] { return taken() == 1; }));
  before_ = [this](const sockaddr_in& own) {
    sockaddr_storage address{};
    std::memcpy(&address, &own, sizeof(own));
    gate_->Expect(address);
  };
  EXPECT_FALSE(gate_->IsAtWork());
  const OwnedFd own = Call("127.0.0.1");
  EXPECT_TRUE(Soon([&] { return taken() == 2; }));
  EXPECT_TRUE(gate_->IsAtWork());
}

// gRPC 1.51.1 would never accept again.
TEST_F(ConnectionGateTest, GoesOnWhenDescriptorsAreThereAgain) {
  Open({.connections = 100, .connections_an_address = 100});
  const OwnedFd caller = Caller();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none = {4,
                       before.rlim_max};  // As many as are open at the least; poll() wants room for what it looks at.
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  Connect(caller, "127.0.0.1");
  const prometheus::Counter& failures = telemetry::CounterOf("bellwether_accept_failures_total", "");
  EXPECT_TRUE(Soon([&] { return failures.Value() > 0; }));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(Soon([&] { return taken() == 1; }));
}

TEST_F(ConnectionGateTest, ListensNoMoreOnceItIsStopped) {
  Open({.connections = 100, .connections_an_address = 100});
  const OwnedFd kept = Call("127.0.0.1");
  EXPECT_TRUE(Soon([&] { return taken() == 1; }));
  gate_->Stop();
  const OwnedFd late = Caller();
  const sockaddr_in address = Loopback("127.0.0.1", port_);
  EXPECT_NE(connect(late.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_FALSE(Closed(kept));
}

}  // namespace
}  // namespace bellwether::rpc
