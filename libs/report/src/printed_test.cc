#include "bellwether/report/printed.h"

#include <gmock/gmock.h>

#include "bellwether/core/decimal.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::report {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
constexpr auto kRefused = absl::StatusCode::kInvalidArgument;
constexpr DecimalMark kPoint = DecimalMark::kPoint;

TEST(PrintedFigureTest, WhatCanMeanOneFigureIsRead) {
  for (const auto& [printed, figure] :
       std::vector<std::pair<std::string, std::string>>{{"91.00", "91.00"},
                                                        {"-3.5", "-3.5"},
                                                        {"71%", "71"},
                                                        {"47.0 %", "47.0"},
                                                        {"1,967", "1967"},
                                                        {"1,234,567.5", "1234567.5"},
                                                        {"\u00A325,579", "25579"},
                                                        {"-\u00A35", "-5"},
                                                        {"\u00A3-5", "-5"},
                                                        {"\u20AC 5", "5"},
                                                        {"1 234", "1234"},
                                                        {"1\u00A0234\u202F567", "1234567"},
                                                        {"\u22125", "-5"},
                                                        {"(12)", "-12"},
                                                        {"(\u00A35)", "-5"},
                                                        {".5", "0.5"},
                                                        {"+3", "3"},
                                                        {"007", "7"},
                                                        {"00.5", "0.5"},
                                                        {"'18.5", "18.5"},
                                                        {"92.0 [p]", "92.0"}}) {
    const auto read = ReadFigure(printed, kPoint);
    ASSERT_THAT(read, IsOk()) << printed;
    EXPECT_EQ(read->value, figure) << printed;
    EXPECT_EQ(read->what.empty(), printed == figure) << printed;
  }
}

TEST(PrintedFigureTest, WhatCanMeanTwoOrNoneIsRefused) {
  for (const auto& [printed, told] :
       std::vector<std::pair<std::string, std::string>>{{"-", "is no figure"},
                                                        {"N/A", "is no figure"},
                                                        {"\u2013", "is no figure"},
                                                        {"\u00A31.2m", "abbreviated"},
                                                        {"5k", "abbreviated"},
                                                        {"1E+05", "cut short"},
                                                        {"4.01701E+11", "cut short"},
                                                        {"#DIV/0!", "spreadsheet's error"},
                                                        {"####", "spreadsheet's error"},
                                                        {"18,5", "decimal comma"},
                                                        {"8 [c]", "beside a mark"},
                                                        {"[p]", "no figure"}}) {
    EXPECT_THAT(ReadFigure(printed, kPoint), IsError(kRefused, told)) << printed;
  }
  // Handed back, for the service to refuse.
  for (const std::string printed : {"1,967 (down from 2,732)", "1,23,4", "12.3.4", "about 5", "5-", "--5", "1 23", "%",
                                    "()", "\u00A3", "1,,000", "1.e"}) {
    const auto read = ReadFigure(printed, kPoint);
    ASSERT_THAT(read, IsOk()) << printed;
    EXPECT_FALSE(core::Decimal::Parse(read->value).ok()) << printed << " as " << read->value;
  }
}

TEST(PrintedFigureTest, ADecimalCommaIsReadWhereTheFileHasOne) {
  EXPECT_EQ(DecimalMarkOf({"18,5", "1.234", "5"}), DecimalMark::kComma);
  EXPECT_EQ(DecimalMarkOf({"18.5", "1,234"}), DecimalMark::kPoint);
  EXPECT_EQ(DecimalMarkOf({"18.5", "18,5"}), DecimalMark::kEither);
  EXPECT_EQ(DecimalMarkOf({"1,234", "5"}), DecimalMark::kEither);
  EXPECT_EQ(DecimalMarkOf({"1.234.567"}), DecimalMark::kComma);
  EXPECT_EQ(DecimalMarkOf({"1,234.5"}), DecimalMark::kPoint);
  EXPECT_EQ(ReadFigure("1.234,5", DecimalMark::kComma)->value, "1234.5");
  EXPECT_EQ(ReadFigure("1.234", DecimalMark::kComma)->value, "1234");
  EXPECT_EQ(ReadFigure("18,5", DecimalMark::kEither)->value, "18.5");
  EXPECT_EQ(ReadFigure("18.5", DecimalMark::kEither)->value, "18.5");
  EXPECT_THAT(ReadFigure("1,234", DecimalMark::kEither), IsError(kRefused, "can be 1.234 and 1234"));
  EXPECT_THAT(ReadFigure("1.234", DecimalMark::kEither), IsError(kRefused, "can be 1.234 and 1234"));
  EXPECT_THAT(ReadFigure("18.5", DecimalMark::kComma), IsError(kRefused, "decimal point"));
  EXPECT_THAT(
      ReadFigure("1,23", DecimalMark::kPoint),  // The only one of a file with commas between its cells, perhaps.
      IsError(kRefused, "has a decimal comma, and this file's figures are read with a point: write it so"));
}

TEST(PrintedFigureTest, MarksOfStatisticians) {
  EXPECT_EQ(ReadFigure("[c]", kPoint)->observation_status, 'Q');
  EXPECT_EQ(ReadFigure("[x]", kPoint)->observation_status, 'O');
  EXPECT_EQ(ReadFigure("[Z]", kPoint)->observation_status, 'M');
  EXPECT_EQ(ReadFigure("92.0[p]", kPoint)->observation_status, 'P');
  EXPECT_EQ(ReadFigure("<5", kPoint)->observation_status, 'Q');
  EXPECT_EQ(ReadFigure("<5", kPoint)->value, "");
}

TEST(PrintedFigureTest, NumeratorAndDenominatorInBrackets) {
  const auto read = ReadFigure("115% (9,498 / 8,241)", kPoint);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->value, "115");
  EXPECT_EQ(read->numerator, "9498");
  EXPECT_EQ(read->denominator, "8241");
}

TEST(PrintedPeriodTest, WhatCanMeanOnePeriodIsRead) {
  for (const auto& [printed, period] :
       std::vector<std::pair<std::string, std::string>>{{"2022-03", "2022-03"},
                                                        {"Mar-22", "2022-03"},
                                                        {"Mar 2022", "2022-03"},
                                                        {"MARCH 2022", "2022-03"},
                                                        {"Sept-22", "2022-09"},
                                                        {"2022 March", "2022-03"},
                                                        {"1 March 2022", "2022-03"},
                                                        {"01-Mar-22", "2022-03"},
                                                        {"March 31, 2022", "2022-03"},
                                                        {"2022-03-01", "2022-03"},
                                                        {"2022-03-01 00:00:00", "2022-03"},
                                                        {"2022-03-01T00:00", "2022-03"},
                                                        {"31/03/2022", "2022-03"},
                                                        {"03/31/2022", "2022-03"},
                                                        {"31/03/22", "2022-03"},
                                                        {"03/03/2022", "2022-03"},
                                                        {"03/2022", "2022-03"},
                                                        {"3/2022", "2022-03"},
                                                        {"2022/03", "2022-03"},
                                                        {"2022-3", "2022-03"},
                                                        {"202203", "2022-03"},
                                                        {"20220331", "2022-03"},
                                                        {"2021/22", "2021-22"},
                                                        {"2021/2022", "2021-22"},
                                                        {"2021\u201322", "2021-22"},
                                                        {"Q3 2021/22", "2021-22-Q3"},
                                                        {"2021-22 Q3", "2021-22-Q3"},
                                                        {"2021/22 H1", "2021-22-H1"},
                                                        {"2021-22-q3", "2021-22-Q3"},
                                                        {"Q4 21/22", "2021-22-Q4"},
                                                        {"21/22 Q4", "2021-22-Q4"},
                                                        {"11/12 Q4", "2011-12-Q4"},
                                                        {"FY2021/22", "2021-22"},
                                                        {"FY 11/12", "2011-2012"},
                                                        {"FY 2021-22 H1", "2021-22-H1"},
                                                        {"2022M03", "2022-03"},
                                                        {"2022-M12", "2022-12"},
                                                        {"Feb-22 YTD", "2022-02-YTD"},
                                                        {"2011-12", "2011-12"},
                                                        {"Dec-11", "2011-12"},
                                                        {"2022", "2022"},
                                                        {"2011/2012", "2011-2012"},
                                                        {"2022-Q1", "2022-Q1"}}) {
    const auto read = ReadPeriod(printed);
    ASSERT_THAT(read, IsOk()) << printed;
    EXPECT_EQ(*read, period) << printed;
  }
}

TEST(PrintedPeriodTest, WhatCanMeanTwoPeriodsIsRefused) {
  EXPECT_THAT(ReadPeriod("01/02/2022"), IsError(kRefused, "can be 2022-02-01 and 2022-01-02"));
  EXPECT_THAT(ReadPeriod("22-Mar"), IsError(kRefused, "can be a day"));
  EXPECT_THAT(ReadPeriod("Q1 2022"), IsError(kRefused, "calendar year and of a financial year"));
  EXPECT_THAT(ReadPeriod("2011/12"), IsError(kRefused, "the month 2011-12 and the year 2011-2012"));
  EXPECT_THAT(ReadPeriod("44621"), IsError(kRefused, "number of a day"));
  for (const std::string none :
       {"2022-13", "tomorrow", "21/22", "11/12", "FY22", "21/23 Q4", "2022M3", "2022-M13", "32/13/2022", "30 Feb 2022",
        "2021-23", "Marchish 2022", "", "12", "2022-03-01 12:30"}) {
    const auto read = ReadPeriod(none);
    ASSERT_THAT(read, IsOk()) << none;
    EXPECT_EQ(*read, none);
  }
}

TEST(PrintedPeriodTest, Days) {
  EXPECT_EQ(*ReadDay("31/03/2022"), "2022-03-31");
  EXPECT_EQ(*ReadDay("2022-03-31"), "2022-03-31");
  EXPECT_EQ(*ReadDay("31 March 2022"), "2022-03-31");
  EXPECT_THAT(ReadDay("01/02/2022"), IsError(kRefused, "can be"));
  EXPECT_EQ(*ReadDay("March 2022"), "March 2022");
}

TEST(PrintedTextTest, ScrambledWordsAreMended) {
  EXPECT_EQ(Unscrambled("Rise \u00E2\u20AC\u201C after the \u00C2\u00A32m"), "Rise \u2013 after the \u00A32m");
  EXPECT_EQ(Unscrambled("\u00E2\u2020\u2018G"), "\u2191G");
  EXPECT_EQ(Unscrambled("a \u00E2\u20AC\u0153front door\u00E2\u20AC\u009D b"), "a \u201Cfront door\u201D b");
  for (const char* right : {"plain", "\u00A32m", "caf\u00E9", "\u2191G", "\u201Cquoted\u201D", ""})
    EXPECT_EQ(Unscrambled(right), std::nullopt) << right;
}

TEST(PrintedTextTest, WhatSpreadsheetsShow) {
  for (const auto& [decimal, shown] : std::vector<std::pair<std::string, std::string>>{{"91.00", "91"},
                                                                                       {"90.50", "90.5"},
                                                                                       {"0.10", "0.1"},
                                                                                       {"-0.50", "-0.5"},
                                                                                       {"206933536.09", "206933536.1"},
                                                                                       {"401700887", "401700887"},
                                                                                       {"401700887000", "4.01701E+11"},
                                                                                       {"0.123456789", "0.123456789"},
                                                                                       {"12.345678901", "12.3456789"},
                                                                                       {"9999999999.96", "10000000000"},
                                                                                       {"0", "0"},
                                                                                       {"0.00", "0"}}) {
    EXPECT_EQ(AsSpreadsheetShows(decimal), shown) << decimal;
  }
}

TEST(PrintedTextTest, WhatSpreadsheetsChangeIsWrittenAsText) {
  for (const char* changed : {"9.10", "007", "1-2", "1/2", "MAR1", "Sep-3", "2022-02", "2022-02-28", "1E5", "12e3",
                              "20220201000123456789", "true", ".5", "5.", "1:2", "3 May", "May 2022"}) {
    EXPECT_TRUE(SpreadsheetChanges(changed)) << changed;
    EXPECT_EQ(AsText(changed), std::string("'") + changed);
  }
  for (const char* kept : {"T1", "9.1", "12", "0", "0.5", "T21a", "file-0a4e2f56322cf3d3-4", "2022-02-a", "", "KPI 1",
                           "NI 14", "\u2191G", "- gap", "May", "1.2.3", "row-12ab", "market", "3 of 4"}) {
    EXPECT_FALSE(SpreadsheetChanges(kept)) << kept;
  }
  for (const std::string text : {"9.10", "'9.10", "''9.10", "T1", "'T1", "", "'"})
    EXPECT_EQ(FromText(AsText(text)), text);
}

}  // namespace
}  // namespace bellwether::report
