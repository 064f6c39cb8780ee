#include "services/cli/sheet.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/near.h"
#include "bellwether/core/text.h"
#include "bellwether/report/printed.h"

namespace bellwether::cli {

using report::CsvRow;
using report::ParseCsv;
using report::Trimmed;
namespace {

constexpr size_t kTitleRows = 50;  // Within so many the header is looked for.

void AppendUtf8(uint32_t point, std::string* text) {
  if (point < 0x80) {
    *text += static_cast<char>(point);
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr uint32_t kFirst[] = {0, 0xC0, 0xE0, 0xF0};
  *text += static_cast<char>(kFirst[more] | point >> (6U * static_cast<uint32_t>(more)));
  for (int i = more - 1; i >= 0; --i)
    *text += static_cast<char>(0x80U | (point >> (6U * static_cast<uint32_t>(i)) & 0x3FU));
}

// Of UTF-16 with a byte-order mark. Error: InvalidArgument.
absl::StatusOr<std::string> FromUtf16(std::string_view bytes) {
  const bool little = bytes[0] == '\xFF';
  const auto unit = [&](size_t i) {
    const auto one = static_cast<unsigned char>(bytes[i]);
    const auto two = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<uint32_t>(little ? two << 8U | one : one << 8U | two);
  };
  std::string text;
  for (size_t i = 2; i < bytes.size(); i += 2) {
    if (i + 1 == bytes.size())
      return absl::InvalidArgumentError("the file is UTF-16 and ends within a character: it was cut");
    uint32_t point = unit(i);
    if (point >= 0xD800 && point < 0xE000) {
      const uint32_t low = i + 3 < bytes.size() ? unit(i + 2) : 0;
      if (point >= 0xDC00 || low < 0xDC00 || low >= 0xE000)
        return absl::InvalidArgumentError("the file begins as UTF-16 and goes on otherwise: save it as \"CSV UTF-8\"");
      point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
      i += 2;
    }
    AppendUtf8(point, &text);
  }
  return text;
}

// A workbook is no text; and what to do.
bool IsWorkbook(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") || bytes.starts_with("\xD0\xCF\x11\xE0");
}

// A line that is not UTF-8, counted from 1.
absl::Status NotUtf8(std::string_view text) {
  int line = 1;
  while (true) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (core::CharacterCount(text.substr(0, end)) < 0 || end == text.size()) break;
    text.remove_prefix(end + 1);
    ++line;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "line ", line,
      ": the file is not UTF-8, so that \u00A3 and arrows cannot be told from one another: save it as \"CSV "
      "UTF-8 (Comma delimited)\""));
}

// "Reading ID " -> "reading_id"
std::string NameOf(std::string_view cell) {
  std::string name = absl::AsciiStrToLower(core::ToAbsl(Trimmed(cell)));
  for (char& c : name) {
    if (c == ' ' || c == '-') c = '_';
  }
  return name;
}

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// How many of the required columns a row names; of a header all.
size_t Required(const CsvRow& row, const SheetColumns& columns) {
  std::set<std::string> named;
  for (const std::string& cell : row.fields) {
    if (std::string name = NameOf(cell); Holds(columns.required, name)) named.insert(std::move(name));
  }
  return named.size();
}

std::string_view NameOfSeparator(char separator) {
  return separator == ';' ? "semicolons" : separator == '\t' ? "tabs" : separator == '|' ? "bars" : "commas";
}

}  // namespace

absl::StatusOr<Sheet> Sheet::Read(std::string_view text, const SheetColumns& columns) {
  if (IsWorkbook(text)) {
    return absl::InvalidArgumentError(
        "the file is a workbook, and CSV is read: in Excel choose File, Save As, \"CSV UTF-8 (Comma delimited)\"; in "
        "LibreOffice File, Save As, \"Text CSV\", character set UTF-8; with the sheet of the figures in front, which "
        "alone is "
        "saved");
  }
  std::string decoded;
  Sheet sheet;
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    absl::StatusOr<std::string> utf8 = FromUtf16(text);
    if (!utf8.ok()) return utf8.status();
    decoded = *std::move(utf8);
    text = decoded;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (core::CharacterCount(text) < 0) return NotUtf8(text);
  // "sep=;" is for Excel, which shows it to nobody.
  const bool stated = text.starts_with("sep=") && text.size() > 4;
  const std::string separators = stated ? std::string(1, text[4]) : ",;\t|";
  size_t header = 0;
  size_t best = 0;
  for (const char separator : separators) {
    absl::StatusOr<std::vector<CsvRow>> first;
    for (size_t count = kTitleRows; count > 0; count /= 2) {  // What is wrong behind the header is told later.
      first = ParseCsv(text, separator, count);
      if (first.ok()) break;
    }
    for (size_t i = 0; first.ok() && i < first->size(); ++i) {
      const size_t named = Required((*first)[i], columns);
      if (named <= best) continue;
      best = named;
      header = i;
      sheet.separator_ = separator;
    }
  }
  absl::StatusOr<std::vector<CsvRow>> rows = ParseCsv(text, sheet.separator_);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::InvalidArgumentError("the file is empty: a line must name the columns");
  if (sheet.separator_ != ',') {
    sheet.notes_.Add(absl::StrCat("file separated by ", core::ToAbsl(NameOfSeparator(sheet.separator_))),
                     (*rows)[header].line, "", "");
  }
  for (size_t i = stated ? 1 : 0; i < header; ++i)
    sheet.notes_.Add("lines above the header left out", (*rows)[i].line, "",
                     core::Quoted(absl::StrJoin((*rows)[i].fields, " "), 60));

  const int header_line = (*rows)[header].line;
  core::ErrorList wrong;
  std::vector<std::string> own;  // Somebody's own columns, as they are called.
  for (const std::string& cell : (*rows)[header].fields) {
    std::string name = NameOf(cell);
    if (Holds(columns.known, name)) {
      if (Holds(sheet.header_, name))
        wrong.Add(absl::StrCat("line ", header_line, ": the column \"", name, "\" stands twice"));
      sheet.header_.push_back(std::move(name));
      continue;
    }
    sheet.header_.emplace_back();
    if (Holds(columns.information, name) || name.empty()) continue;
    const auto near = std::find_if(columns.known.begin(), columns.known.end(),
                                   [&](const std::string& known) { return core::IsNear(name, known); });
    if (near != columns.known.end()) {
      wrong.Add(absl::StrCat("line ", header_line, ": there is no column ", core::Quoted(cell, 40), "; did you mean \"",
                             *near, "\"? The columns are ", absl::StrJoin(columns.known, ",")));
    } else {
      own.push_back(core::Quoted(Trimmed(cell), 40));
    }
  }
  for (const std::string& name : columns.required) {
    if (Holds(sheet.header_, name)) continue;
    wrong.Add(absl::StrCat("line ", header_line, ": the column \"", name, "\" is missing",
                           best == 0 ? absl::StrCat("; no line names the columns, of which these must be there: ",
                                                    absl::StrJoin(columns.required, ", "))
                                     : ""));
  }
  if (text.back() != '\n' && text.back() != '\r') {
    sheet.notes_.Add("last line without an end, as of a file that was cut: look whether it is whole", rows->back().line,
                     "", core::Quoted(absl::StrJoin(rows->back().fields, " "), 60));
  }
  for (const std::string& name : own) sheet.notes_.Add("columns of your own left out", header_line, name, "");
  for (size_t i = header + 1; i < rows->size() && (best > 0 || wrong.empty()); ++i) {
    CsvRow& row = (*rows)[i];
    const bool empty =
        std::all_of(row.fields.begin(), row.fields.end(), [](const std::string& f) { return Trimmed(f).empty(); });
    if (empty) continue;
    while (row.fields.size() > sheet.header_.size() && Trimmed(row.fields.back()).empty()) row.fields.pop_back();
    const auto is_filled = [](const std::string& f) { return !Trimmed(f).empty(); };
    const auto filled = std::find_if(row.fields.begin(), row.fields.end(), is_filled);
    const auto place = static_cast<size_t>(filled - row.fields.begin());
    const bool alone = std::none_of(filled + 1, row.fields.end(), is_filled);
    // A row has a ref and a period at least. A single word may be what is left of one.
    if (alone && filled->find(' ') != std::string::npos &&
        (place >= sheet.header_.size() || sheet.header_[place] != "comment")) {
      sheet.notes_.Add("lines that are no rows left out", row.line, "", core::Quoted(*filled, 60));
      continue;
    }
    const std::vector<std::string>& names = (*rows)[header].fields;
    while (row.fields.size() < names.size() && Trimmed(names[row.fields.size()]).empty()) row.fields.emplace_back();
    if (row.fields.size() != sheet.header_.size()) {
      wrong.Add(absl::StrCat(
          "line ", row.line, ": ", row.fields.size(), " fields, but the header has ", sheet.header_.size(),
          row.fields.size() > sheet.header_.size() ? ": quote a cell that holds the separator" : ": the line was cut"));
      continue;
    }
    for (size_t k = 0; k < row.fields.size(); ++k) {
      std::string& cell = row.fields[k];
      if (sheet.header_[k].empty()) {
        const bool named = !Trimmed((*rows)[header].fields[k]).empty();
        if (!named && !Trimmed(cell).empty())
          sheet.notes_.Add("cells of columns without a name left out", row.line, absl::StrCat("column ", k + 1),
                           core::Quoted(cell, 60));
        continue;
      }
      const std::string_view trimmed = Trimmed(cell);
      if (trimmed.size() == cell.size()) continue;
      // Words stay as they are, but for cells that hold nothing else.
      if (trimmed.empty() ||
          (sheet.header_[k] != "comment" && sheet.header_[k] != "reason" && sheet.header_[k] != "source")) {
        sheet.notes_.Add("cells read without spaces around them", row.line, sheet.header_[k], "");
        cell = std::string(trimmed);
      }
    }
    sheet.rows_.push_back(std::move(row));
  }
  if (wrong.empty() && sheet.rows_.empty())
    wrong.Add(absl::StrCat("line ", header_line, ": the columns are named, and there is no row below"));
  if (!wrong.empty()) return absl::InvalidArgumentError(wrong.Text());
  return sheet;
}

size_t Sheet::ColumnOf(std::string_view column) const {
  return static_cast<size_t>(std::find(header_.begin(), header_.end(), column) - header_.begin());
}

bool Sheet::Has(std::string_view column) const { return ColumnOf(column) < header_.size(); }

const std::string& Sheet::Get(size_t row, std::string_view column) const {
  static const std::string none;
  const size_t place = ColumnOf(column);
  return place == header_.size() ? none : rows_[row].fields[place];
}

}  // namespace bellwether::cli
