// Comma-separated values as RFC 4180 has them, with the places of what is wrong. Reads what spreadsheets really write:
// a byte-order mark, Windows line ends, quoted line breaks.
//
// A spreadsheet runs a cell that begins like a formula. So what is written has an apostrophe before each cell that
// begins, behind any apostrophes and spaces, with = + - @, their wide forms, a tab or a line break; but for plain
// numbers such as -3.5. The apostrophe of such a cell is no part of it when it is read: what was written comes back,
// whatever it was.
#ifndef BELLWETHER_REPORT_CSV_H_
#define BELLWETHER_REPORT_CSV_H_

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bellwether::report {

// What a file of UTF-8 begins with, without which Excel takes it for something else.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// One record of a file.
struct CsvRow {
  int line = 0;  // Where it begins, from 1.
  std::vector<std::string> fields;
};

// Reads a whole file, or its first rows where `rows` says how many; empty lines are left out. Errors: InvalidArgument,
// with the line: text that is not UTF-8, a quote that does not end, text after a closing quote, a bare quote inside a
// field.
absl::StatusOr<std::vector<CsvRow>> ParseCsv(std::string_view text, char separator = ',',
                                             size_t rows = std::numeric_limits<size_t>::max());

// One line, ended by "\r\n", that ParseCsv reads back, but for line ends within a field, which all come back as LF.
// Fields are quoted where they must be.
std::string CsvLine(const std::vector<std::string>& fields);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_CSV_H_
