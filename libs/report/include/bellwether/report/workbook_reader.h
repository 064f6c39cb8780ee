// Workbooks (.xlsx) that people filled in, as tables of text. Pure. Safe from any thread.
#ifndef BELLWETHER_REPORT_WORKBOOK_READER_H_
#define BELLWETHER_REPORT_WORKBOOK_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bellwether/report/csv.h"

namespace bellwether::report {

// More than these no table of figures has.
inline constexpr size_t kMostWorkbookColumns = 256;
inline constexpr size_t kMostWorkbookBytes = size_t{64} << 20;  // Unpacked; and of the cells, once they are read.
inline constexpr size_t kMostWorkbookSheets = 256;

// Cells that cannot be read without doubt, and so are read as empty: an error of the spreadsheet's, a formula without
// its result, a time of the day, cells that are merged, what lies beyond kMostWorkbookColumns.
struct WorkbookDoubt {
  int first_line = 0;  // As of CsvRow; to last_line.
  int last_line = 0;
  size_t first_column = 0;  // From 0; to last_column.
  size_t last_column = 0;
  std::string what;  // With the sheet, the cell, and what to do.
};

struct WorkbookTable {
  std::string name;
  bool hidden = false;
  // The rows that hold something, each with its number as its line, and their cells from the first column on, without
  // the empty ones behind the last.
  std::vector<CsvRow> rows;
  std::vector<WorkbookDoubt> doubts;
  std::vector<int> hidden_lines;     // Of `rows`.
  std::vector<bool> hidden_columns;  // From the first on; those behind the last are not.
};

// All sheets with cells. A number is the one that was saved, whatever is shown of it, with the 15 digits that a
// spreadsheet keeps, without an exponent. One that is shown as a percentage is the percentage: "85.71%" of 0.8571. One
// that is shown as a date is that day: "2022-03-01". A formula is its result, as it was saved.
//
// Errors: InvalidArgument, with the part of the file, or the sheet and the cell, and what to do.
absl::StatusOr<std::vector<WorkbookTable>> ReadWorkbook(std::string_view bytes);

// What a workbook keeps of a figure: 15 digits, without needless zeros. What is no number is kept as it is.
std::string AsWorkbookKeeps(std::string_view decimal);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_WORKBOOK_READER_H_
