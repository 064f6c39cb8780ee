#include "bellwether/core/seldom.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace bellwether::core {
namespace {

using Text = Seldom<std::string>;

TEST(SeldomTest, IsTheDefaultUntilItIsChanged) {
  Text text;
  EXPECT_EQ(*text, "");
  EXPECT_EQ(text->size(), 0u);
  text.Edit() = "words";
  EXPECT_EQ(*text, "words");
  static_assert(sizeof(Text) == sizeof(void*));
}

TEST(SeldomTest, EqualityIsThatOfTheValues) {
  Text edited;
  edited.Edit();
  EXPECT_EQ(edited, Text());
  EXPECT_EQ(Text("a"), Text("a"));
  EXPECT_FALSE(Text("a") == Text());
  EXPECT_FALSE(Text("a") == Text("b"));
}

TEST(SeldomTest, CopiesAreDeepAndWhatWasMovedFromIsEmpty) {
  Text text("a");
  Text copy = text;
  copy.Edit() = "b";
  EXPECT_EQ(*text, "a");
  const Text taken = std::move(text);
  EXPECT_EQ(*taken, "a");
  EXPECT_EQ(*text, "");  // NOLINT(bugprone-use-after-move): what is promised.
  copy = taken;
  EXPECT_EQ(copy, taken);
}

}  // namespace
}  // namespace bellwether::core
