#include "bellwether/report/csv.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "absl/strings/str_replace.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::report {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::SizeIs;
constexpr auto kRefused = absl::StatusCode::kInvalidArgument;

TEST(CsvTest, ReadsWhatSpreadsheetsWrite) {
  const auto rows = ParseCsv("\xEF\xBB\xBFref,comment\r\nT1,\"two\r\nlines, and a \"\"quote\"\"\"\r\n\r\n,,\r\nT2,\n");
  ASSERT_THAT(rows, IsOk());
  ASSERT_THAT(*rows, SizeIs(3));
  EXPECT_THAT((*rows)[1].fields, ElementsAre("T1", "two\nlines, and a \"quote\""));
  EXPECT_EQ((*rows)[1].line, 2);
  EXPECT_THAT((*rows)[2].fields, ElementsAre("T2", ""));
  EXPECT_EQ((*rows)[2].line, 6);
}

TEST(CsvTest, SaysWhereItIsWrong) {
  EXPECT_THAT(ParseCsv("a\nb\"c\n"), IsError(kRefused, "line 2: a quote inside"));
  EXPECT_THAT(ParseCsv("a\n\"b\n\nc"), IsError(kRefused, "line 2: a quote that never closes"));
  EXPECT_THAT(ParseCsv("a\n\"b\"c\n"), IsError(kRefused, "line 2: text after a closing quote"));
  EXPECT_THAT(ParseCsv("a\n\xE9\n"), IsError(kRefused, "not UTF-8"));
}

TEST(CsvTest, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check("parse after write is identity", [] {
    auto fields = *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(
        rc::gen::element('a', ',', '"', '\n', ' ', '=', '\'', '-', '+', '@', '\t', '\r', '5', '.')));
    fields.insert(fields.begin(), "x");
    const auto rows = ParseCsv(CsvLine(fields));
    RC_ASSERT(rows.ok());
    RC_ASSERT(rows->size() == 1u);
    for (std::string& field : fields) field = absl::StrReplaceAll(field, {{"\r\n", "\n"}, {"\r", "\n"}});
    RC_ASSERT(rows->front().fields == fields);
  }));
}

TEST(CsvTest, NoSpreadsheetRunsACell) {
  for (const auto& [cell, written] : std::vector<std::pair<std::string, std::string>>{
           {"=1+1", "'=1+1"},
           {"+44 1604", "'+44 1604"},
           {"- staffing gap", "'- staffing gap"},
           {"@SUM(A1)", "'@SUM(A1)"},
           {"\t=1", "'\t=1"},
           {"\r=1", "\"'\r=1\""},
           {"\n=1", "\"'\n=1\""},
           {" =1", "' =1"},
           {"\uFF1D1", "'\uFF1D1"},
           {"-", "'-"},
           {"--5", "'--5"},
           {"-5.", "'-5."},
           {"-5-", "'-5-"},
           {"-5e3", "'-5e3"},
           {"+5", "'+5"},
           {"'=1", "''=1"},  // Else it would come back without its apostrophe.
           {"''=1", "'''=1"},
           {"' -5", "'' -5"},
           {"-5", "-5"},
           {"-0.50", "-0.50"},
           {"5", "5"},
           {"'twas so", "'twas so"},
           {"a=1", "a=1"},
           {"", ""}}) {
    EXPECT_EQ(CsvLine({"x", cell}), "x," + written + "\r\n");
    const auto rows = ParseCsv(CsvLine({"x", cell}));
    ASSERT_THAT(rows, IsOk());
    EXPECT_THAT(rows->front().fields, ElementsAre("x", absl::StrReplaceAll(cell, {{"\r", "\n"}})));
  }
}

TEST(CsvTest, WhatPeopleWriteStaysAsItIs) {
  const auto rows = ParseCsv("-5,'-5,=1,'tis,\"a\rb\r\nc\r\r\nd\"\nT2\n");
  ASSERT_THAT(rows, IsOk());
  EXPECT_THAT(rows->front().fields, ElementsAre("-5", "-5", "=1", "'tis", "a\nb\nc\n\nd"));
  EXPECT_EQ(rows->back().line, 6) << "each kind of line end is counted";
}

}  // namespace
}  // namespace bellwether::report
