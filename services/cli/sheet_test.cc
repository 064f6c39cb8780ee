#include "services/cli/sheet.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::cli {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
constexpr auto kRefused = absl::StatusCode::kInvalidArgument;

absl::StatusOr<Sheet> Read(std::string_view text) {
  return Sheet::Read(text, {{"ref", "period", "value", "comment"}, {"ref", "period"}, {}, {"unit"}});
}

// The one row that each file has, and nothing else.
void ExpectRow(std::string_view text, std::string_view note = "") {
  auto sheet = Read(text);
  ASSERT_THAT(sheet, IsOk()) << text;
  ASSERT_EQ(sheet->size(), 1U) << text;
  EXPECT_EQ(sheet->Get(0, "ref"), "HB1") << text;
  EXPECT_EQ(sheet->Get(0, "period"), "2022-03") << text;
  EXPECT_EQ(sheet->Get(0, "value"), "18.5") << text;
  EXPECT_EQ(sheet->Get(0, "comment"), "") << text;
  if (note.empty()) {
    EXPECT_THAT(sheet->notes().Lines(), IsEmpty()) << text;
  } else {
    EXPECT_THAT(sheet->notes().Lines(), ElementsAre(HasSubstr(std::string(note)))) << text;
  }
}

TEST(SheetTest, WhatSpreadsheetsWrite) {
  ExpectRow("value,ref,period\n18.5,HB1,2022-03\n");
  ExpectRow("\xEF\xBB\xBFref,period,value\r\nHB1,2022-03,18.5\r\n");
  ExpectRow("Ref, PERIOD ,Value\nHB1,2022-03,18.5\n");
  ExpectRow("ref,period,value,,\nHB1,2022-03,18.5,,\n,,,,\n");
  ExpectRow("ref,period,value\nHB1,2022-03,18.5,,\n , \u00A0,\n");
  ExpectRow("ref,period,value,,\nHB1,2022-03,18.5\n");
  ExpectRow("period,value,ref\n2022-03,18.5,HB1\nSource: Benefits,,\n", "lines that are no rows left out (line 3");
  ExpectRow("ref,period,value,unit\nHB1,2022-03,18.5,days\n");
  ExpectRow("ref;period;value\nHB1;2022-03;18.5\n", "separated by semicolons");
  ExpectRow("ref\tperiod\tvalue\nHB1\t2022-03\t18.5\n", "separated by tabs");
  ExpectRow("sep=;\nref;period;value\nHB1;2022-03;18.5\n", "separated by semicolons");
  ExpectRow("ref,period,value\nHB1 ,2022-03\u00A0, 18.5\n",
            "3 cells read without spaces around them (first: line 2, ref)");
  ExpectRow("Performance March 2022,,\nref,period,value\nHB1,2022-03,18.5\n",
            "1 lines above the header left out (line 1: \"Performance March 2022");
  ExpectRow("ref,period,value\nHB1,2022-03,18.5\nSource: Benefits\n", "lines that are no rows left out (line 3");
  ExpectRow("ref,period,value,Owner\nHB1,2022-03,18.5,A. Nother\n", "columns of your own left out (line 1, \"Owner\")");
  ExpectRow("ref,period,value,\nHB1,2022-03,18.5,see me\n",
            "cells of columns without a name left out (line 2, column 4: \"see me\")");
}

TEST(SheetTest, AFileThatEndsWithinALineMayHaveBeenCut) {
  const char* note = "last line without an end, as of a file that was cut: look whether it is whole (line 2: \"HB1";
  ExpectRow("ref,period,value\nHB1,2022-03,18.5", note);
  ExpectRow("ref,period,value\r\nHB1,2022-03,18.5", note);
  ExpectRow("ref,period,value\rHB1,2022-03,18.5\r");
}

TEST(SheetTest, Utf16) {
  const std::string text = "ref,period,value\nHB1,2022-03,18.5\n";
  std::string little = "\xFF\xFE";
  std::string big = "\xFE\xFF";
  for (const char c : text) {
    little += {c, '\0'};
    big += {'\0', c};
  }
  ExpectRow(little);
  ExpectRow(big);
  EXPECT_THAT(Read(little.substr(0, little.size() - 1)), IsError(kRefused, "it was cut"));
  EXPECT_THAT(Read(std::string("\xFF\xFE\x00\xD8", 4)), IsError(kRefused, "UTF-16"));
  EXPECT_EQ(
      Read(std::string("\xFF\xFEr\0e\0f\0,\0p\0e\0r\0i\0o\0d\0\n\0\x91\x21,\0\x3D\xD8\x00\xDE", 32))->Get(0, "ref"),
      "\u2191");
}

TEST(SheetTest, SaysEverythingThatIsWrongAtOnce) {
  const auto sheet = Read("valeu,value,value,ref\n1,2,3,4\n1,2\n1,2,3,4,5\n");
  EXPECT_THAT(sheet, IsError(kRefused, "no column \"valeu\"; did you mean \"value\"?"));
  EXPECT_THAT(sheet, IsError(kRefused, "\"value\" stands twice"));
  EXPECT_THAT(sheet, IsError(kRefused, "\"period\" is missing"));
  EXPECT_THAT(sheet, IsError(kRefused, "line 3: 2 fields, but the header has 4: the line was cut"));
  EXPECT_THAT(sheet, IsError(kRefused, "line 4: 5 fields, but the header has 4: quote a cell"));
  EXPECT_THAT(Read(""), IsError(kRefused, "the file is empty"));
  EXPECT_THAT(Read("a,b\n1,2\n"), IsError(kRefused, "no line names the columns"));
  EXPECT_THAT(Read("ref,period\nT1,\"2022\n"), IsError(kRefused, "line 2: a quote that never closes"));
  EXPECT_THAT(Read("ref,period\nT1,\xA3\n"), IsError(kRefused, "line 2: the file is not UTF-8"));
}

TEST(SheetTest, OnlyWhatIsNearIsTakenForASlip) {
  const auto read = [](const std::string& name) {
    return Sheet::Read(absl::StrCat("ref,period,", name, "\nHB1,2022-03,x\n"),
                       {{"ref", "period", "reading_id", "value", "numerator", "denominator", "mean", "comment"},
                        {"ref", "period"},
                        {"unit"},
                        {}});
  };
  EXPECT_THAT(read("den"), IsError(kRefused, "did you mean \"denominator\"?"));
  EXPECT_THAT(read("maen"), IsError(kRefused, "did you mean \"mean\"?"));
  EXPECT_THAT(read("vlaue"), IsError(kRefused, "did you mean \"value\"?"));
  for (const char* own : {"RAG", "Team", "Year", "Units", "no"}) EXPECT_THAT(read(own), IsOk()) << own;
}

TEST(SheetTest, AWorkbookThatCannotBeReadIsToldHowToBeSaved) {
  EXPECT_THAT(Read("PK\x03\x04rest"), IsError(kRefused, "it was cut; save it again"));
  EXPECT_THAT(Read("\xD0\xCF\x11\xE0rest"),
              IsError(kRefused, "save it as \"Excel Workbook (.xlsx)\" without a password"));
}

TEST(SheetTest, AHundredThousandErrorsAreToldInAHundredLines) {
  std::string text = "ref,period\n";
  for (int i = 0; i < 100'000; ++i) text += "T1,2022-01,x\n";
  const auto sheet = Read(text);
  EXPECT_THAT(sheet, IsError(kRefused, "... and 99900 more like these"));
  EXPECT_LT(sheet.status().message().size(), 12'000U);
}

}  // namespace
}  // namespace bellwether::cli
