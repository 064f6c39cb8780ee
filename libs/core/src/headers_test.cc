#include "bellwether/core/headers.h"

#include <gtest/gtest.h>

namespace bellwether::core {
namespace {

TEST(FindHeaderTest, GivesTheLastOfAName) {
  const Headers headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(FindHeader(headers, "a"), "3");
  EXPECT_EQ(FindHeader(headers, "b"), "2");
  EXPECT_EQ(FindHeader(headers, "c"), std::nullopt);
}

}  // namespace
}  // namespace bellwether::core
