#include "bellwether/core/error_list.h"

#include <gmock/gmock.h>

namespace bellwether::core {
namespace {

TEST(ErrorListTest, KeepsThemInTheirOrder) {
  ErrorList errors;
  EXPECT_TRUE(errors.empty());
  errors.Add("line 1: one");
  errors.Add("line 2: two");
  EXPECT_EQ(errors.Text(), "line 1: one\nline 2: two");
  EXPECT_EQ(errors.count(), 2U);
}

TEST(ErrorListTest, SaysHowManyMoreThereAre) {
  ErrorList errors;
  for (size_t i = 0; i < ErrorList::kLines; ++i) errors.Add("x");
  EXPECT_EQ(errors.Lines().size(), ErrorList::kLines);
  for (int i = 0; i < 1'000'000; ++i) errors.Add("x");
  EXPECT_EQ(errors.Lines().size(), ErrorList::kLines + 1);
  EXPECT_EQ(errors.Lines().back(), "... and 1000000 more like these");
}

TEST(ErrorListTest, CutsALongOne) {
  ErrorList errors;
  errors.Add(std::string(1'000'000, 'x'));
  EXPECT_EQ(errors.Text(), std::string(ErrorList::kCharacters, 'x') + "...");
}

TEST(ErrorListTest, ALineIsOne) {
  ErrorList errors;
  errors.Add("\"x\nall is well\x1b[2J\"");
  EXPECT_EQ(errors.Text(), "\"x<U+000A>all is well<U+001B>[2J\"");
}

}  // namespace
}  // namespace bellwether::core
