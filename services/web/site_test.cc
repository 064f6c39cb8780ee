#include "services/web/site.h"

#include <gmock/gmock.h>

namespace bellwether::web {
namespace {

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(SiteTest, APageIsGoodForTheDayAndAroundMidnightForTheMinute) {
  EXPECT_EQ(GoodFor(At("2026-07-01T00:00:00Z")), "2026-07-01") << "one in the morning";
  EXPECT_EQ(GoodFor(At("2026-07-01T22:49:59Z")), "2026-07-01");
  EXPECT_EQ(GoodFor(At("2026-07-01T22:55:10Z")), GoodFor(At("2026-07-01T22:55:50Z")));
  const char* const minutes[] = {"2026-07-01T22:50:01Z", "2026-07-01T22:59:59Z", "2026-07-01T23:00:01Z",
                                 "2026-07-01T23:09:59Z", "2026-07-01T23:10:01Z"};
  for (const char* one : minutes) {
    for (const char* other : minutes) EXPECT_EQ(GoodFor(At(one)) == GoodFor(At(other)), one == other) << one;
  }
  EXPECT_EQ(GoodFor(At("2026-07-01T23:10:01Z")), "2026-07-02");
}

}  // namespace
}  // namespace bellwether::web
