#include "bellwether/markup/markup.h"

#include <gtest/gtest.h>

#include <string>

namespace bellwether::markup {
namespace {

TEST(MarkupTest, EscapesTextWhereverItStands) {
  const std::string hostile = "<script>alert('1')</script> & \"quoted\"";
  EXPECT_EQ(El("p", {}, hostile).ToString(),
            "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;</p>");
  EXPECT_EQ(El("p", {{"title", "\" onclick=\"x"}}, "").ToString(), "<p title=\"&quot; onclick=&quot;x\"></p>");
}

TEST(MarkupTest, ShowsWhatWouldTurnTheLineOrStayUnseen) {
  EXPECT_EQ(Markup("a\u202Eb").ToString(), "a&lt;U+202E&gt;b");
  EXPECT_EQ(Markup(std::string_view("a\0b", 3)).ToString(), "a&lt;U+0000&gt;b");
  EXPECT_EQ(Markup("\xFF").ToString(), "&lt;0xFF&gt;");
  EXPECT_EQ(Markup("👩\u200D👧 é").ToString(), "👩\u200D👧 é");
}

TEST(MarkupTest, NestsElements) {
  EXPECT_EQ(El("ul", {}, El("li", {{"class", "a"}}, "1"), El("li", {}, "2")).ToString(),
            "<ul><li class=\"a\">1</li><li>2</li></ul>");
  EXPECT_EQ(Void("input", {{"type", "text"}, Attribute::If(false, "checked", "")}).ToString(), "<input type=\"text\">");
}

TEST(AddressTest, KeepsEachPartInItsPlace) {
  EXPECT_EQ(Address::Of({}).ToString(), "/");
  EXPECT_EQ(Address::Of({"E06000061", "../x?y#z"}).ToString(), "/E06000061/..%2Fx%3Fy%23z");
  EXPECT_EQ(Address::Of({"a"}).WithSuffix(".csv").With("d", "a&b=c").With("e", "ü").At("T 1").ToString(),
            "/a.csv?d=a%26b%3Dc&e=%C3%BC#T%201");
  EXPECT_EQ(El("a", {Href(Address::Here("javascript:alert(1)"))}, "x").ToString(),
            "<a href=\"#javascript%3Aalert%281%29\">x</a>");
  EXPECT_EQ(PercentDecoded(PercentEncoded("a b%/ü")), "a b%/ü");
  EXPECT_EQ(PercentDecoded("%zz%4"), "%zz%4");
}

TEST(ParagraphsTest, AreDividedByEmptyLines) {
  EXPECT_EQ(Paragraphs("a\nb\r\n\r\n\n<c>").ToString(), "<p>a<br>\nb</p>\n<p>&lt;c&gt;</p>\n");
  EXPECT_EQ(Paragraphs(" \n ").ToString(), "");
}

TEST(StyleElementTest, IsEndedByNothingInIt) {
  EXPECT_EQ(StyleElement("a{}</style><script>").ToString(), "<style>a{}/style>script></style>");
}

}  // namespace
}  // namespace bellwether::markup
