#include "services/cli/terminal.h"

#include <gmock/gmock.h>

#include "bellwether/v1/ingestion_service.pb.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/cli/visible_message.h"

namespace bellwether::cli {
namespace {

using ::testing::ElementsAre;

TEST(TerminalTest, MeasuresAndFits) {
  EXPECT_EQ(DisplayWidth("↓ é"), 3);
  EXPECT_EQ(DisplayWidth("⬆\uFE0F"), 1);
  EXPECT_EQ(Fit("abc", 5), "abc  ");
  EXPECT_EQ(Fit("abc", 5, true), "  abc");
  EXPECT_EQ(Fit("↓↓↓↓", 3), "↓↓…");
  EXPECT_EQ(Fit("abc", 0), "");
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
  EXPECT_EQ(table.Render(30),
            "Ref  Indicator          Figure\n"
            "──────────────────────────────\n"
            "A directorate with a very lon…\n"
            "T1   A description th…  85.71%\n");
}

TEST(TerminalTest, ACellIsOneLine) {
  Table table({{"Ref"}, {"Indicator"}});
  table.AddHeading("two\nlines");
  table.AddRow({"T1", "and\nmore"});
  EXPECT_EQ(table.Render(30), "Ref  Indicator\n──────────────\ntwo lines\nT1   and more\n");
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

TEST(TerminalTest, ColoursOnlyWhereThereIsColour) {
  Terminal terminal;
  EXPECT_EQ(Coloured(terminal, "x", "#00703C"), "x");
  terminal.colour = true;
  EXPECT_EQ(Coloured(terminal, "x", "#00703C"), "\x1b[38;2;0;112;60mx\x1b[0m");
  EXPECT_EQ(Coloured(terminal, "x", ""), "x");
}

}  // namespace
}  // namespace bellwether::cli
