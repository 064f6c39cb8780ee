#include "services/cli/csv.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "bellwether/testing/status_matchers.h"

namespace bellwether::cli {
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

TEST(CsvTableTest, ColumnsMayStandInAnyOrder) {
  const auto table = CsvTable::Parse("value,ref\n1,T1\n", {"ref", "value", "comment"}, {"ref"});
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->Get(0, "ref"), "T1");
  EXPECT_EQ(table->Get(0, "value"), "1");
  EXPECT_EQ(table->Get(0, "comment"), "");
}

TEST(CsvTableTest, SaysEverythingThatIsWrongAtOnce) {
  const auto table = CsvTable::Parse("valeu,value,value\n1,2,3\n1,2\n", {"ref", "value"}, {"ref"});
  EXPECT_THAT(table, IsError(kRefused, "no column \"valeu\""));
  EXPECT_THAT(table, IsError(kRefused, "\"value\" stands twice"));
  EXPECT_THAT(table, IsError(kRefused, "\"ref\" is missing"));
  EXPECT_THAT(table, IsError(kRefused, "line 3: 2 fields, but the header has 3"));
  EXPECT_THAT(CsvTable::Parse("", {"ref"}, {}), IsError(kRefused, "the file is empty"));
}

TEST(CsvTest, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check("parse after write is identity", [] {
    auto fields = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', ' ', '=')));
    fields.insert(fields.begin(), "x");
    const auto rows = ParseCsv(CsvLine(fields));
    RC_ASSERT(rows.ok());
    RC_ASSERT(rows->size() == 1u);
    RC_ASSERT(rows->front().fields == fields);
  }));
}

}  // namespace
}  // namespace bellwether::cli
