// A table as spreadsheets save it: its separator, its header, titles above it, empty rows and columns, columns that are
// somebody's own. What is clear is read, and what was made of it is told.
#ifndef BELLWETHER_SERVICES_CLI_SHEET_H_
#define BELLWETHER_SERVICES_CLI_SHEET_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bellwether/report/csv.h"
#include "services/cli/notes.h"

namespace bellwether::cli {

// The names that a table may have.
struct SheetColumns {
  std::vector<std::string> known;
  std::vector<std::string> required;     // Of the known.
  std::vector<std::string> looked_at;    // May be read, and no other name is taken for a slip of one.
  std::vector<std::string> information;  // For whoever fills it in: left out without a word.
};

// A file with a header, read by column names: their order, case and spaces are free.
class Sheet {
 public:
  // `text` may be UTF-8 or UTF-16, separated by commas, semicolons, tabs or bars; or a workbook (.xlsx), of which the
  // one sheet with the required columns that is not hidden is read, its rows as lines. Errors: InvalidArgument, as of
  // ParseCsv and ReadWorkbook; no such sheet, or two; no header; and all at once, as an ErrorList tells them: columns
  // that are missing, repeated, or near one that is known, rows with cells beyond the header or without some of its,
  // and doubtful cells of known columns.
  static absl::StatusOr<Sheet> Read(std::string_view text, const SheetColumns& columns);

  size_t size() const { return rows_.size(); }
  int line(size_t row) const { return rows_[row].line; }
  // The cell, trimmed; empty where the file lacks the column.
  const std::string& Get(size_t row, std::string_view column) const;
  // Whether the file has the column.
  bool Has(std::string_view column) const;

  // A line within one of the row's cells that could be a row by itself: as where a quote closes some rows too late.
  struct LineWithin {
    int line = 0;
    std::vector<std::string> required;  // What it has in the required columns, in their order.
  };
  std::vector<LineWithin> LinesWithin(size_t row) const;

  // The first cell with a figure of each column that is nobody's: what it is called, and the cell's place.
  struct LeftOut {
    std::string name;  // Empty: without one.
    int line = 0;
    std::string figure;
  };
  const std::vector<LeftOut>& figures_left_out() const { return figures_left_out_; }

  char separator() const { return separator_; }
  bool is_workbook() const { return is_workbook_; }
  // What a spreadsheet makes of a figure that it saves in such a file.
  using AsKept = std::string (*)(std::string_view figure);
  AsKept as_kept() const;
  Notes& notes() { return notes_; }

 private:
  size_t ColumnOf(std::string_view column) const;
  void NoteFigure(std::string_view name, int line, std::string_view cell);

  std::vector<std::string> header_;   // Empty: a column that is left out.
  std::vector<report::CsvRow> rows_;  // Those of a workbook may end before the header does.
  char separator_ = ',';
  bool is_workbook_ = false;
  std::vector<std::string> required_;
  std::vector<LeftOut> figures_left_out_;
  Notes notes_;
};

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_SHEET_H_
