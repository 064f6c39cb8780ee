// Workbooks (.xlsx), written as the Government Analysis Function asks for: what a sheet is about in its first cell, one
// table a sheet, marked as a table, with a name; no merged cells; numbers as numbers.
//
// Texts are written as texts: no program runs one, whatever it begins with. Every row holds something. Pure, but for
// temporary files that libxlsxwriter makes (TMPDIR, /tmp), which have no name. Safe from any thread.
#ifndef BELLWETHER_REPORT_WORKBOOK_H_
#define BELLWETHER_REPORT_WORKBOOK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace bellwether::report {

struct WorkbookCell {
  enum class Kind {
    kText,
    kFigure,  // A decimal, shown with the digits that it has. Of more than 15 it is a text: a number would lose some.
    kSheet,   // The name of a sheet of this workbook, which it leads to.
  };
  std::string text;
  Kind kind = Kind::kText;
};

struct WorkbookColumn {
  // What a person may type into its cells; what else is typed, the program asks about.
  enum class Check {
    kNone,
    kFigure,  // A number.
    kLength,  // A text of at most `most` characters.
    kWord,    // One of `words`, which it offers.
  };
  std::string heading;  // No two the same.
  int width = 12;       // In characters.
  Check check = Check::kNone;
  int most = 0;
  std::vector<std::string> words;  // Without commas; at most 255 characters, with one between two.
  std::string hint;  // Shown beside a cell that is being filled, where there is a check. At most 255 characters.
};

struct WorkbookSheet {
  std::string name;                // At most 31 characters, letters and spaces.
  std::string title;               // In the first cell. Empty: the table begins there.
  std::vector<std::string> lines;  // Below it.
  std::vector<WorkbookColumn> columns;
  std::vector<std::vector<WorkbookCell>> rows;  // None: there is no table.
  size_t fixed_columns = 0;                     // So many stay in sight.
};

// `title` is that of the document. `created`: in seconds since 1970, as the document says it; 0: now. Errors:
// InvalidArgument, a text or table that no workbook can hold, with its sheet; ResourceExhausted, there is no room for
// temporary files.
absl::StatusOr<std::string> WriteWorkbook(const std::string& title, int64_t created,
                                          const std::vector<WorkbookSheet>& sheets);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_WORKBOOK_H_
