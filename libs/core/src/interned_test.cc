#include "bellwether/core/interned.h"

#include <gtest/gtest.h>

namespace bellwether::core {
namespace {

TEST(InternedTest, KeepsEachNameOnce) {
  const std::string name = "revenues";
  EXPECT_EQ(Interned(name), Interned("revenues"));
  EXPECT_NE(Interned(name), Interned("Revenues"));
  EXPECT_EQ(Interned(name).name(), "revenues");
  EXPECT_EQ(Interned(""), Interned());
  EXPECT_TRUE(Interned().empty());
  EXPECT_EQ(Interned().name(), "");
}

}  // namespace
}  // namespace bellwether::core
