#include "bellwether/core/visible.h"

#include <gtest/gtest.h>

namespace bellwether::core {
namespace {

TEST(VisibleTest, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(Visible("a\x1b[2J\r\n\tb\x7f\u009bé"), "a<U+001B>[2J<U+000D><U+000A><U+0009>b<U+007F><U+009B>é");
  EXPECT_EQ(Visible("a\r\nb\rc\td", LineBreaks::kKept), "a\nb<U+000D>c d");
  EXPECT_EQ(Visible(std::string_view("a\0b", 3)), "a<U+0000>b");
  for (const char* mark : {"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
                           "\u2067", "\u2068", "\u2069", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u2028"}) {
    const std::string shown = Visible(std::string("a") + mark + "b", LineBreaks::kKept);
    EXPECT_EQ(shown.rfind("a<U+", 0), 0U) << shown;
    EXPECT_EQ(shown.find(mark), std::string::npos) << shown;
  }
  EXPECT_EQ(Visible("a\U000e0041b"), "a<U+E0041>b");
}

TEST(VisibleTest, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(Visible("a\xFF\xE2\x86"), "a<0xFF><0xE2><0x86>");
  EXPECT_EQ(Visible("\xC0\x9B"), "<0xC0><0x9B>") << "an overlong form is none";
}

TEST(VisibleTest, LeavesWhatPeopleWrite) {
  for (const char* text : {"", "é ↑ ⬆\uFE0F ▲", "👩\u200d👧", "क्\u200dष", "£1,967 – “quoted”"})
    EXPECT_EQ(Visible(text), text);
  EXPECT_EQ(Visible("ad\u200dmin\uFE0F"), "ad<U+200D>min<U+FE0F>") << "joins nothing, and hides";
}

}  // namespace
}  // namespace bellwether::core
