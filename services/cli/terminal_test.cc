#include "services/cli/terminal.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "bellwether/v1/ingestion_service.pb.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/cli/visible_message.h"

namespace bellwether::cli {
namespace {

using ::testing::ElementsAre;

Terminal OfWidth(int width) {
  Terminal terminal;
  terminal.width = width;
  return terminal;
}

TEST(TerminalTest, MeasuresAndFits) {
  EXPECT_EQ(DisplayWidth("↓ é"), 3);
  EXPECT_EQ(DisplayWidth("⬆\uFE0F"), 1);
  EXPECT_EQ(Fit("abc", 5), "abc  ");
  EXPECT_EQ(Fit("abc", 5, true), "  abc");
  EXPECT_EQ(Fit("↓↓↓↓", 3), "↓↓…");
  EXPECT_EQ(Fit("abc", 0), "");
  EXPECT_EQ(DisplayWidth("\x1b[1mab\x1b[0m"), 2) << "our escape sequences take no column";
  EXPECT_EQ(Fit("\x1b[1mabcdef\x1b[0m", 4), "\x1b[1mabc\x1b[0m…") << "and what is cut ends its colour";
  EXPECT_EQ(DisplayWidth("世界👩e\u0301"), 7) << "ideographs and emoji are wide, marks have no width of their own";
}

TEST(TerminalTest, WrapsAtSpaces) {
  EXPECT_THAT(Wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrap("one\n\ntwo", 7), ElementsAre("one", "", "two"));
  EXPECT_THAT(Wrap("", 7), ElementsAre(""));
}

TEST(TerminalTest, TablesGiveWayWhereTheyMay) {
  Table table({{"Ref"}, {"Indicator", false, true}, {"Figure", true}});
  table.AddHeading("A directorate with a very long name indeed");
  table.AddRow({"T1", "A description that is far too long", "85.71%"});
  EXPECT_EQ(table.Render(OfWidth(30)),
            "Ref  Indicator          Figure\n"
            "──────────────────────────────\n"
            "A directorate with a very lon…\n"
            "T1   A description th…  85.71%\n");
}

TEST(TerminalTest, ACellIsOneLine) {
  Table table({{"Ref"}, {"Indicator"}});
  table.AddHeading("two\nlines");
  table.AddRow({"T1", "and\nmore"});
  EXPECT_EQ(table.Render(OfWidth(30)), "Ref  Indicator\n──────────────\ntwo lines\nT1   and more\n");
}

TEST(TerminalTest, WhatAServerSaysSteersNothing) {
  v1::ReportRow row;
  row.mutable_definition()->set_description("a\x1b[2J");
  row.mutable_definition()->add_notes("\u202eb");
  row.mutable_definition()->add_targets()->set_wording("c\nd\xFF");
  MakeVisible(&row);
  EXPECT_EQ(row.definition().description(), "a<U+001B>[2J");
  EXPECT_EQ(row.definition().notes(0), "<U+202E>b");
  EXPECT_EQ(row.definition().targets(0).wording(), "c\nd<0xFF>");
  v1::DeadLetter letter;
  letter.set_value("\xFF\x1b");
  MakeVisible(&letter);
  EXPECT_EQ(letter.value(), "\xFF\x1b") << "bytes";
}

TEST(TerminalTest, ColumnsGoBeforeTheWordsAreLeftWithoutRoom) {
  Table table({{"Ref"},
               {"Indicator", false, true},
               {"Q1", true, false, 2},
               {"Q2", true, false, 2},
               {"Year", true, false, 1},
               {"Now", true}});
  table.AddRow({"T1", "Average time to answer a call", "102", "101", "107", "134"});
  EXPECT_EQ(table.Render(OfWidth(60)),
            "Ref  Indicator                       Q1   Q2  Year  Now\n"
            "───────────────────────────────────────────────────────\n"
            "T1   Average time to answer a call  102  101   107  134\n");
  EXPECT_EQ(table.Render(OfWidth(46)),
            "Ref  Indicator              Q1   Q2  Year  Now\n"
            "──────────────────────────────────────────────\n"
            "T1   Average time to ans…  102  101   107  134\n");
  EXPECT_EQ(table.Render(OfWidth(44)),
            "Ref  Indicator                     Year  Now\n"
            "────────────────────────────────────────────\n"
            "T1   Average time to answer a ca…   107  134\n");
  EXPECT_EQ(table.Render(OfWidth(34)),
            "Ref  Indicator                 Now\n"
            "──────────────────────────────────\n"
            "T1   Average time to answer …  134\n");
  EXPECT_EQ(table.Render(OfWidth(20)),
            "Ref  Indicator   Now\n"
            "────────────────────\n"
            "T1   Average t…  134\n");
}

TEST(TerminalTest, AFontWithoutArrowsHasThemSpelled) {
  EXPECT_EQ(Spelled("↑G ↓ ⇨ ● Green, £5 – “so”"), "up G down (level) * Green, £5 - \"so\"");
  EXPECT_EQ(Spelled("café 世界"), "café 世界") << "letters are words'";
  Terminal terminal = OfWidth(12);
  terminal.ascii = true;
  Table table({{"Ref"}, {"Indicator", false, true}});
  table.AddRow({"T1", "A long description"});
  EXPECT_EQ(table.Render(terminal), "Ref  Indicat~\n------------\nT1   A long ~\n");
  v1::ReportRow row;
  row.mutable_score()->set_arrow("↓R");
  MakeVisible(&row, /*spelled=*/true);
  EXPECT_EQ(row.score().arrow(), "down R");
}

// The three components of the colour that a text is drawn in.
std::vector<int> ComponentsOf(const std::string& coloured) {
  std::vector<int> components;
  for (const auto part : absl::StrSplit(coloured.substr(7, coloured.find('m') - 7), ';'))
    components.push_back(std::stoi(std::string(part)));
  return components;
}

TEST(TerminalTest, ColoursAreSeenOnBlackAndOnWhite) {
  Terminal terminal;
  terminal.colour = true;
  for (const char* colour : {"#FFB300", "#555555", "#12436d", "#000000", "#FFFFFF", "#2E7D32", "#C62828", "#00ACC1"}) {
    double luminance = 0.05;
    const double shares[] = {0.2126, 0.7152, 0.0722};
    const std::vector<int> rgb = ComponentsOf(Coloured(terminal, "x", colour));
    ASSERT_EQ(rgb.size(), 3);
    for (size_t i = 0; i < 3; ++i) luminance += shares[i] * std::pow((rgb[i] / 255.0 + 0.055) / 1.055, 2.4);
    EXPECT_GE(luminance / 0.05, 3) << colour << " on black";
    EXPECT_GE(1.05 / luminance, 3) << colour << " on white";
  }
}

TEST(TerminalTest, ColoursOnlyWhereThereIsColour) {
  Terminal terminal;
  EXPECT_EQ(Coloured(terminal, "x", "#00703C"), "x");
  terminal.colour = true;
  EXPECT_EQ(Coloured(terminal, "x", "#D4351C"), "\x1b[38;2;212;53;28mx\x1b[0m");
  EXPECT_EQ(Bold(terminal, "x"), "\x1b[1mx\x1b[0m");
  EXPECT_EQ(Coloured(terminal, "x", ""), "x");
}

}  // namespace
}  // namespace bellwether::cli
