#include "bellwether/core/text.h"

#include <gtest/gtest.h>

namespace bellwether::core {
namespace {

TEST(TextTest, CountsCodePoints) {
  EXPECT_EQ(CharacterCount(""), 0);
  EXPECT_EQ(CharacterCount("é↑😀a"), 4);
  for (const char* text : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x86", "\x80",
                           "\xF0\x80\x80\x80", "\xE0\x80\x80"}) {
    EXPECT_EQ(CharacterCount(text), -1);
  }
}

TEST(TextTest, FindsControlCharacters) {
  EXPECT_FALSE(HasControlCharacters("a b\u00e9", false));
  EXPECT_TRUE(HasControlCharacters("a\nb", false));
  EXPECT_FALSE(HasControlCharacters("a\nb\tc", true));
  EXPECT_TRUE(HasControlCharacters("a\x1b[31m", true));
  EXPECT_TRUE(HasControlCharacters("a\x7f", true));
  EXPECT_TRUE(HasControlCharacters("a\u009b31m", true));
  EXPECT_FALSE(HasControlCharacters("\u00a0\u00bf", false));
  EXPECT_FALSE(HasControlCharacters("\xC2", false));
}

TEST(TextTest, Shortens) {
  EXPECT_EQ(Shorten("aé↑", 3), "aé↑");
  EXPECT_EQ(Shorten("aé↑b", 3), "aé↑...");
  EXPECT_EQ(Shorten("a\xFF", 3), "a?");
}

TEST(TextTest, QuotesWithoutControlCharacters) {
  EXPECT_EQ(Quoted("85,71", 40), "\"85,71\"");
  EXPECT_EQ(Quoted("", 40), "\"\"");
  EXPECT_EQ(Quoted("a\x1b[2J\nb\u009bé\xFF", 40), "\"a<U+001B>[2J<U+000A>b<U+009B>é<0xFF>\"");
  EXPECT_EQ(Quoted("aé↑b", 3), "\"aé↑...\"");
}

TEST(TextTest, GroupsThousands) {
  EXPECT_EQ(WithThousands("72835"), "72,835");
  EXPECT_EQ(WithThousands("-1234567.125"), "-1,234,567.125");
  EXPECT_EQ(WithThousands("123"), "123");
  EXPECT_EQ(WithThousands("0.1234"), "0.1234");
}

}  // namespace
}  // namespace bellwether::core
