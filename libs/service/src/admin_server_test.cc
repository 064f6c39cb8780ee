#include "bellwether/service/admin_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <httplib.h>
#include <ifaddrs.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/rpc/listen.h"
#include "bellwether/testing/status_matchers.h"
#include "http_port.h"

namespace bellwether::service {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using rpc::ListenOn;
using rpc::OwnedFd;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::Duration kPatience = absl::Seconds(30);

class AdminServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AdminPages pages;
    pages.not_live_reason = [this] { return live_ ? std::string() : std::string("deaf"); };
    pages.not_ready_reason = [this] { return ready_ ? std::string() : std::string("still reading the log"); };
    pages.more = {{"/view", [] { return std::string("the view"); }},
                  {"/large", [] { return std::string(64 << 20, 'x'); }}};
    auto admin = AdminServer::Start("127.0.0.1:0", std::move(pages));
    ASSERT_THAT(admin, IsOk());
    admin_ = *std::move(admin);
  }

  // A caller that has said `text`.
  OwnedFd Say(const std::string& text) const {
    OwnedFd caller(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<in_port_t>(admin_->port()));
    EXPECT_EQ(connect(caller.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(send(caller.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    return caller;
  }

  // An address of this machine that is not loopback. Absent: it has none.
  static std::optional<in_addr> OutwardAddress() {
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0) return std::nullopt;
    std::optional<in_addr> found;
    for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
      if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
      const in_addr address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr;
      if (ntohl(address.s_addr) >> 24U != IN_LOOPBACKNET) found = address;
    }
    freeifaddrs(all);
    return found;
  }

  // All that the server says until it closes.
  static std::string Hear(const OwnedFd& caller) {
    std::string heard;
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      pollfd wait{caller.get(), POLLIN, 0};
      poll(&wait, 1, 100);
      char bytes[4096];
      const ssize_t size = recv(caller.get(), bytes, sizeof(bytes), MSG_DONTWAIT);
      if (size == 0 || (size < 0 && errno != EAGAIN)) return heard;
      if (size > 0) heard.append(bytes, static_cast<size_t>(size));
    }
    return heard + "(and it was not closed)";
  }

  int Status(const std::string& path) const {
    httplib::Client client("127.0.0.1", admin_->port());
    client.set_read_timeout(10);
    const auto result = client.Get(path);
    return result ? result->status : -1;
  }

  std::atomic<bool> live_{true};
  std::atomic<bool> ready_{false};
  std::unique_ptr<AdminServer> admin_;
};

TEST_F(AdminServerTest, SaysWhetherItLivesAndIsReadyAndWhyNot) {
  httplib::Client client("127.0.0.1", admin_->port());
  EXPECT_EQ(client.Get("/livez")->body, "ok\n");
  live_ = false;
  EXPECT_EQ(client.Get("/livez")->status, 503);
  EXPECT_EQ(client.Get("/livez")->body, "deaf\n");
  EXPECT_EQ(client.Get("/readyz")->status, 503);
  EXPECT_EQ(client.Get("/readyz")->body, "still reading the log\n");
  ready_ = true;
  EXPECT_EQ(client.Get("/readyz")->status, 200);
  EXPECT_EQ(client.Get("/view")->body, "the view");
  EXPECT_EQ(client.Get("/view?a=b")->body, "the view");
  EXPECT_EQ(client.Head("/view")->status, 200);
  EXPECT_EQ(client.Get("/nothing")->status, 404);
  EXPECT_EQ(client.Put("/log-level", "loud", "text/plain")->status, 400);
  EXPECT_EQ(client.Put("/log-level", "info\n", "text/plain")->body, "info\n");
  EXPECT_EQ(client.Put("/view", "info", "text/plain")->status, 405);
  EXPECT_EQ(client.Delete("/log-level")->get_header_value("Allow"), "GET, HEAD, PUT");
  EXPECT_THAT(AdminServer::Start(absl::StrCat("127.0.0.1:", admin_->port()), {}),
              IsError(absl::StatusCode::kUnavailable, "cannot listen on"));
  EXPECT_THAT(AdminServer::Start("127.0.0.1", {}), IsError(absl::StatusCode::kInvalidArgument, "is not HOST:PORT"));
}

TEST_F(AdminServerTest, LivesWhateverOthersDo) {
  std::vector<OwnedFd> callers;
  for (int i = 0; i < HttpPort::kMostConnections * 2; ++i) {
    callers.push_back(Say(i % 2 == 0 ? "GET /livez HTTP/1.1\r\nHo" : ""));
  }
  for (int i = 0; i < 3; ++i) {
    callers.push_back(Say("GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));  // Never reads.
    const absl::Time begin = absl::Now();
    EXPECT_EQ(Status("/livez"), 200);
    EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  }
}

TEST_F(AdminServerTest, ARequestThatDripsIsEnded) {
  const OwnedFd caller = Say("GET /livez HTTP/1.1\r\n");
  const absl::Time begin = absl::Now();
  pollfd wait{caller.get(), POLLIN, 0};
  while (poll(&wait, 1, 100) == 0 && absl::Now() - begin < kPatience) send(caller.get(), "x", 1, MSG_NOSIGNAL);
  EXPECT_EQ(Hear(caller), "");
  EXPECT_LT(absl::Now() - begin, kPatience);
}

TEST_F(AdminServerTest, ReadsNoBodyThatIsTooLong) {
  const std::string length = "\r\nHost: x\r\nContent-Length: 262144000\r\n\r\n";
  EXPECT_THAT(Hear(Say("PUT /log-level HTTP/1.1" + length)), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Hear(Say("POST /nothing HTTP/1.1" + length)), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      Hear(Say("PUT /log-level HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(2048, 'x'))),
      StartsWith("HTTP/1.1 413 "));
  // Not read at all.
  EXPECT_THAT(Hear(Say("POST /nothing HTTP/1.1\r\nContent-Length: 9\r\n\r\n")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Hear(Say("POST /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Hear(Say("GET /livez HTTP/1.1\r\nx: " + std::string(HttpPort::kMostHeaderBytes, 'x'))),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Hear(Say("\x16\x03\x01 hello, hello\r\n\r\n")), StartsWith("HTTP/1.1 400 "));
}

TEST_F(AdminServerTest, ALargePageIsHeldForOneCaller) {
  const OwnedFd slow = Say("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  pollfd wait{slow.get(), POLLIN, 0};
  ASSERT_EQ(poll(&wait, 1, 30'000), 1);
  EXPECT_EQ(Status("/large"), 503);
  EXPECT_EQ(Status("/view"), 200);
  EXPECT_THAT(Hear(slow), HasSubstr("xxx"));
  EXPECT_EQ(Status("/large"), 200);
}

TEST(ListenOnTest, TakesWhatCheckAddressAllows) {
  for (const char* address : {"127.0.0.1:0", "localhost:0", "0.0.0.0:0"}) {
    const auto listening = ListenOn(address);
    ASSERT_THAT(listening, IsOk()) << address;
    EXPECT_GT(listening->port, 0);
    EXPECT_FALSE(listening->sockets.empty());
    EXPECT_THAT(ListenOn(absl::StrCat("127.0.0.1:", listening->port)),
                IsError(absl::StatusCode::kUnavailable, "is another process on the port?"))
        << address;
  }
  EXPECT_THAT(ListenOn("nowhere.invalid:0"), IsError(absl::StatusCode::kUnavailable, "nowhere.invalid"));
  EXPECT_THAT(ListenOn("127.0.0.1:65536"), IsError(absl::StatusCode::kInvalidArgument, "is not HOST:PORT"));
}

TEST_F(AdminServerTest, OtherMachinesAreGivenHealthAndMetricsAlone) {
  const std::optional<in_addr> outward = OutwardAddress();
  if (!outward) GTEST_SKIP() << "this machine has no address but loopback";
  auto open = AdminServer::Start("0.0.0.0:0", {.more = {{"/view", [] { return std::string("the view"); }}}});
  ASSERT_THAT(open, IsOk());
  // From an address that is not loopback's, as from elsewhere.
  httplib::Client elsewhere(inet_ntoa(*outward), (*open)->port());
  for (const char* path : {"/livez", "/readyz", "/metrics"}) EXPECT_EQ(elsewhere.Get(path)->status, 200) << path;
  for (const char* path : {"/log-level", "/view"}) EXPECT_EQ(elsewhere.Get(path)->status, 403) << path;
  EXPECT_EQ(elsewhere.Put("/log-level", "debug", "text/plain")->status, 403);
  httplib::Client here("127.0.0.1", (*open)->port());
  for (const char* path : {"/log-level", "/view"}) EXPECT_EQ(here.Get(path)->status, 200) << path;
}

}  // namespace
}  // namespace bellwether::service
