#include "bellwether/rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include "bellwether/program/flags.h"
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

TEST(CheckAddressTest, NamesTheFlag) {
  EXPECT_EQ(program::CheckAddress("--listen", "127.0.0.1:7401"), "");
  EXPECT_EQ(program::CheckAddress("--listen", "[::1]:0"), "");
  for (const char* text : {"", "7401", ":7401", "host:", "host:65536", "host:-1", "host:x"}) {
    EXPECT_THAT(program::CheckAddress("--listen", text), ::testing::StartsWith("--listen: ")) << text;
  }
}

}  // namespace
}  // namespace bellwether::rpc
