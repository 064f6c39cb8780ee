#include "services/web/reader.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "bellwether/testing/status_matchers.h"

namespace bellwether::web {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;

Readers OfTheProxy() {
  ReaderOptions options;
  options.header = "X-User";
  options.groups_header = "X-Groups";
  options.proxies = {"127.0.0.1"};
  absl::StatusOr<Readers> readers = Readers::Make(options);
  EXPECT_THAT(readers.status(), IsOk());
  return *std::move(readers);
}

absl::StatusOr<Reader> Named(std::vector<std::pair<std::string, std::string>> headers) {
  Request request;
  request.peer = "127.0.0.1";
  request.headers = std::move(headers);
  return OfTheProxy().Of(request);
}

TEST(ReadersTest, AHeaderThatIsThereTwiceIsRefused) {
  const auto ada = Named({{"X-User", "ada"}, {"X-Groups", "staff, members"}});
  ASSERT_THAT(ada.status(), IsOk());
  EXPECT_THAT(ada->groups, ElementsAre("members", "staff"));
  EXPECT_THAT(Named({{"X-User", "ada"}, {"x-user", "ben"}}).status(),
              IsError(absl::StatusCode::kInvalidArgument, "X-User is there twice"));
  EXPECT_THAT(Named({{"X-User", "ada"}, {"X-Groups", "staff"}, {"x-groups", "members"}}).status(),
              IsError(absl::StatusCode::kInvalidArgument, "X-Groups is there twice"));
  EXPECT_THAT(Named({{"X-User", "ada"}, {"X-Groups", ""}, {"X-Groups", ""}}).status(),
              IsError(absl::StatusCode::kInvalidArgument, "X-Groups is there twice"));
}

}  // namespace
}  // namespace bellwether::web
