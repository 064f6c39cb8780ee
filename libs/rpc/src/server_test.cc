#include "bellwether/rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <httplib.h>

#include <atomic>

#include "bellwether/rpc/admin_server.h"
#include "bellwether/rpc/service_main.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::rpc {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;

TEST(ServerTest, RefusesAPortThatIsTaken) {
  absl::StatusOr<std::unique_ptr<Server>> first = Server::Start({}, {}, {});
  ASSERT_THAT(first, IsOk());
  ServerOptions options;
  options.address = "127.0.0.1:" + std::to_string((*first)->port());
  EXPECT_THAT(Server::Start(options, {}, {}), IsError(absl::StatusCode::kUnavailable, "cannot listen on"));
  (*first)->Shutdown(absl::Seconds(1));
}

TEST(AdminServerTest, SaysWhetherItIsReadyAndWhyNot) {
  std::atomic<bool> ready{false};
  absl::StatusOr<std::unique_ptr<AdminServer>> admin =
      AdminServer::Start("127.0.0.1:0", [&] { return ready ? std::string() : std::string("still reading the log"); });
  ASSERT_THAT(admin, IsOk());
  (*admin)->Show("/view", [] { return std::string("the view"); });
  httplib::Client client("127.0.0.1", (*admin)->port());
  EXPECT_EQ(client.Get("/livez")->status, 200);
  EXPECT_EQ(client.Get("/readyz")->status, 503);
  EXPECT_EQ(client.Get("/readyz")->body, "still reading the log\n");
  ready = true;
  EXPECT_EQ(client.Get("/readyz")->status, 200);
  EXPECT_EQ(client.Get("/view")->body, "the view");
  EXPECT_EQ(client.Get("/nothing")->status, 404);
  EXPECT_THAT(AdminServer::Start("127.0.0.1:" + std::to_string((*admin)->port()), [] { return std::string(); }),
              IsError(absl::StatusCode::kUnavailable, "cannot listen on"));
}

TEST(CheckAddressTest, NamesTheFlag) {
  EXPECT_EQ(CheckAddress("--listen", "127.0.0.1:7401"), "");
  EXPECT_EQ(CheckAddress("--listen", "[::1]:0"), "");
  for (const char* text : {"", "7401", ":7401", "host:", "host:65536", "host:-1", "host:x"}) {
    EXPECT_THAT(CheckAddress("--listen", text), ::testing::StartsWith("--listen: ")) << text;
  }
}

}  // namespace
}  // namespace bellwether::rpc
