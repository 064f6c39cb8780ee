#include "bellwether/report/csv.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"

namespace bellwether::report {
namespace {

absl::Status AtLine(int line, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", core::ToAbsl(what)));
}

// Whether a spreadsheet would take it for a formula: it begins so behind apostrophes and spaces.
bool BeginsLikeAFormula(std::string_view cell) {
  cell.remove_prefix(std::min(cell.find_first_not_of("' "), cell.size()));
  // The wide forms of = + - @ are taken for them where people write Chinese or Japanese.
  for (const std::string_view start : {"=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"}) {
    if (cell.substr(0, start.size()) == start) return true;
  }
  return false;
}

// -3.5: the services write all figures so, and they must stay figures.
bool IsPlainNumber(std::string_view cell) {
  constexpr std::string_view kDigits = "0123456789";
  if (cell.substr(0, 1) == "-") cell.remove_prefix(1);
  const size_t whole = std::min(cell.find_first_not_of(kDigits), cell.size());
  if (whole == 0 || whole == cell.size()) return whole > 0;
  const std::string_view rest = cell.substr(whole + 1);
  return cell[whole] == '.' && !rest.empty() && rest.find_first_not_of(kDigits) == std::string_view::npos;
}

std::string Inert(const std::string& cell) {
  return BeginsLikeAFormula(cell) && !IsPlainNumber(cell) ? "'" + cell : cell;
}

std::string Meant(std::string cell) {
  if (cell[0] == '\'' && BeginsLikeAFormula(cell)) cell.erase(0, 1);
  return cell;
}

// Reads one record from `text` on, which is advanced past its line end.
class RecordReader {
 public:
  RecordReader(std::string_view text, char separator) : rest_(text), ends_({separator, '\r', '\n'}) {}
  bool done() const { return rest_.empty(); }

  absl::StatusOr<CsvRow> Next() {
    CsvRow row;
    row.line = line_;
    while (true) {
      absl::StatusOr<std::string> field = Field();
      if (!field.ok()) return field.status();
      row.fields.push_back(Meant(*std::move(field)));
      if (rest_.empty()) return row;
      const char end = rest_[0];
      rest_.remove_prefix(1);
      if (end == ends_[0]) continue;
      if (end == '\r' && !rest_.empty() && rest_[0] == '\n') rest_.remove_prefix(1);
      ++line_;
      return row;
    }
  }

 private:
  absl::StatusOr<std::string> Field() {
    if (rest_.empty() || rest_[0] != '"') {
      const std::string_view field = rest_.substr(0, rest_.find_first_of(ends_));
      if (field.find('"') != std::string_view::npos) {
        return AtLine(line_, "a quote inside a field that is not quoted: quote the field and double the quote");
      }
      rest_.remove_prefix(field.size());
      return std::string(field);
    }
    rest_.remove_prefix(1);
    std::string field;
    const int begin = line_;
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"' && (rest_.empty() || rest_[0] != '"')) {
        if (!rest_.empty() && ends_.find(rest_[0]) == std::string::npos) {
          return AtLine(line_, "text after a closing quote");
        }
        return field;
      }
      if (c == '"') rest_.remove_prefix(1);
      if (c != '\r' && c != '\n') {
        field += c;
        continue;
      }
      if (c == '\r' && !rest_.empty() && rest_[0] == '\n') rest_.remove_prefix(1);
      field += '\n';  // However the file ends its lines.
      ++line_;
    }
    return AtLine(begin, "a quote that never closes");
  }

  std::string_view rest_;
  const std::string ends_;  // What ends a field: the separator, and line ends.
  int line_ = 1;
};

}  // namespace

absl::StatusOr<std::vector<CsvRow>> ParseCsv(std::string_view text, char separator, size_t rows) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (core::CharacterCount(text) < 0) {
    return absl::InvalidArgumentError("the file is not UTF-8: save it as \"CSV UTF-8\"");
  }
  std::vector<CsvRow> parsed;
  RecordReader reader(text, separator);
  while (!reader.done() && parsed.size() < rows) {
    absl::StatusOr<CsvRow> row = reader.Next();
    if (!row.ok()) return row.status();
    const bool empty =
        std::all_of(row->fields.begin(), row->fields.end(), [](const std::string& f) { return f.empty(); });
    if (!empty) parsed.push_back(*std::move(row));
  }
  return parsed;
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    const std::string field = Inert(fields[i]);
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      line += field;
      continue;
    }
    line += '"';
    for (const char c : field) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace bellwether::report
