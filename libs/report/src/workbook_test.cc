#include "bellwether/report/workbook.h"

#include <gmock/gmock.h>

#include "bellwether/report/workbook_reader.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::report {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using Kind = WorkbookCell::Kind;

WorkbookSheet SheetOf(const std::vector<WorkbookCell>& cells) {
  WorkbookSheet sheet{"Readings", "A title", {"A line"}, {}, {cells}};
  for (size_t i = 0; i < cells.size(); ++i) {
    WorkbookColumn column;
    column.heading = std::string(1, static_cast<char>('a' + i));
    sheet.columns.push_back(std::move(column));
  }
  return sheet;
}

// The cells of one row, as they come back.
absl::StatusOr<std::vector<std::string>> Through(const std::vector<WorkbookCell>& cells) {
  const absl::StatusOr<std::string> bytes = WriteWorkbook("title", 0, {SheetOf(cells)});
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<std::vector<WorkbookTable>> tables = ReadWorkbook(*bytes);
  if (!tables.ok()) return tables.status();
  return tables->front().rows.back().fields;
}

TEST(WorkbookTest, ComesBackAsItWasWritten) {
  const auto bytes = WriteWorkbook("title", 0, {SheetOf({{"x"}, {"1", Kind::kFigure}})});
  ASSERT_THAT(bytes, IsOk());
  const auto tables = ReadWorkbook(*bytes);
  ASSERT_THAT(tables, IsOk());
  ASSERT_THAT(*tables, SizeIs(1));
  EXPECT_EQ(tables->front().name, "Readings");
  ASSERT_THAT(tables->front().rows, SizeIs(4));
  EXPECT_THAT(tables->front().rows[0].fields, ElementsAre("A title"));
  EXPECT_THAT(tables->front().rows[2].fields, ElementsAre("a", "b"));
  EXPECT_EQ(tables->front().rows[3].line, 4);
}

TEST(WorkbookTest, TextsStayTexts) {
  const auto cells = Through({{"=1+1"}, {"@SUM(A1)"}, {" two  spaces "}, {"a\nb"}, {"\x01_x0041_"}, {"<&>\"'£↑"}});
  ASSERT_THAT(cells, IsOk());
  EXPECT_THAT(*cells, ElementsAre("=1+1", "@SUM(A1)", " two  spaces ", "a\nb", "\x01_x0041_", "<&>\"'£↑"));
}

TEST(WorkbookTest, FiguresKeepTheirValue) {
  const auto cells = Through({{"88.10", Kind::kFigure},
                              {"-0.005", Kind::kFigure},
                              {"206933536.09", Kind::kFigure},
                              {"123456789012345", Kind::kFigure},
                              {"1234567890123456.78", Kind::kFigure},
                              {"[x]", Kind::kFigure},
                              {"0", Kind::kFigure},
                              {"100", Kind::kFigure}});
  ASSERT_THAT(cells, IsOk());
  EXPECT_THAT(*cells, ElementsAre("88.1", "-0.005", "206933536.09", "123456789012345", "1234567890123456.78", "[x]",
                                  "0", "100"));
}

TEST(WorkbookTest, AFigureIsKeptToFifteenDigits) {
  EXPECT_EQ(AsWorkbookKeeps("88.10"), "88.1");
  EXPECT_EQ(AsWorkbookKeeps("-0.30000000000000004"), "-0.3");
  EXPECT_EQ(AsWorkbookKeeps("206933536.09"), "206933536.09");
  EXPECT_EQ(AsWorkbookKeeps("1234567890123456"), "1234567890123460");
  EXPECT_EQ(AsWorkbookKeeps("1E-7"), "0.0000001");
  EXPECT_EQ(AsWorkbookKeeps("0.00"), "0");
  EXPECT_EQ(AsWorkbookKeeps("many"), "many");
  EXPECT_EQ(AsWorkbookKeeps(""), "");
  EXPECT_EQ(AsWorkbookKeeps("0x10"), "0x10");
}

TEST(WorkbookTest, SaysWhatNoWorkbookHolds) {
  EXPECT_THAT(WriteWorkbook("title", 0, {SheetOf({{std::string(40'000, 'x')}})}),
              IsError(absl::StatusCode::kInvalidArgument, "sheet Readings: "));
  EXPECT_THAT(WriteWorkbook("title", 0, {{"a/b", "", {}, {}, {}}}),
              IsError(absl::StatusCode::kInvalidArgument, "sheet a/b: "));
}

TEST(WorkbookTest, SaysWhereItIsBroken) {
  const auto bytes = WriteWorkbook("title", 0, {SheetOf({{"x"}})});
  ASSERT_THAT(bytes, IsOk());
  EXPECT_THAT(ReadWorkbook(bytes->substr(0, bytes->size() / 2)),
              IsError(absl::StatusCode::kInvalidArgument, "it was cut"));
  EXPECT_THAT(ReadWorkbook("PK\x03\x04 and no more"), IsError(absl::StatusCode::kInvalidArgument, "it was cut"));
  for (size_t i = 0; i < bytes->size(); i += 7) {  // Whatever is damaged, it is told or harmless.
    std::string damaged = *bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    (void)ReadWorkbook(damaged);
  }
}

}  // namespace
}  // namespace bellwether::report
