#include "services/cli/sheet.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/near.h"
#include "bellwether/core/text.h"
#include "bellwether/core/utf8.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/workbook_reader.h"

namespace bellwether::cli {

using report::CsvRow;
using report::ParseCsv;
using report::Trimmed;
namespace {

constexpr size_t kTitleRows = 50;  // Within so many the header is looked for.

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
    core::AppendUtf8(point, &text);
  }
  return text;
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

// The row of the first ones that names most of the required columns, if it names more than `best`, becomes the header.
void FindHeader(const std::vector<CsvRow>& rows, const SheetColumns& columns, size_t* header, size_t* best) {
  for (size_t i = 0; i < rows.size() && i < kTitleRows; ++i) {
    const size_t named = Required(rows[i], columns);
    if (named <= *best) continue;
    *best = named;
    *header = i;
  }
}

// A workbook's one sheet that is such a table. What else of it is read or left out is noted.
absl::StatusOr<report::WorkbookTable> TableOf(std::string_view bytes, const SheetColumns& columns, size_t* header,
                                              size_t* best, Notes* notes) {
  absl::StatusOr<std::vector<report::WorkbookTable>> tables = report::ReadWorkbook(bytes);
  if (!tables.ok()) return tables.status();
  std::vector<report::WorkbookTable*> such;
  std::vector<std::string> names;
  bool is_hidden = false;  // Of a hidden one.
  for (report::WorkbookTable& table : *tables) {
    size_t of_table = 0;
    size_t named = 0;
    FindHeader(table.rows, columns, &of_table, &named);
    names.push_back(core::Quoted(table.name, 40));
    if (named < columns.required.size()) continue;
    if (table.hidden) {
      is_hidden = true;
      continue;
    }
    *header = of_table;
    *best = named;
    such.push_back(&table);
  }
  if (such.size() != 1) {
    std::string why;  // A header of formulas without their results, say.
    for (const report::WorkbookTable& table : *tables) {
      if (why.empty() && !table.doubts.empty()) why = absl::StrCat("; and ", table.doubts.front().what);
    }
    return absl::InvalidArgumentError(absl::StrCat(
        such.empty() ? "no sheet" : "more than one sheet", " of the workbook has a row with the columns ",
        absl::StrJoin(columns.required, ", "), such.empty() && is_hidden ? ", but for a hidden one: show it" : "",
        "; one is read. Its sheets: ", names.empty() ? "none that has cells" : absl::StrJoin(names, ", "),
        such.empty() ? why : ""));
  }
  report::WorkbookTable table = std::move(*such.front());
  const int line = table.rows[*header].line;
  const auto own = names.begin() + (such.front() - tables->data());
  const std::string read = *own;
  names.erase(own);
  if (!names.empty()) {
    notes->Add(absl::StrCat("of the ", tables->size(), " sheets of the workbook read"), line, "",
               absl::StrCat(read, ", not ", absl::StrJoin(names, ", ")));
  }
  for (const int hidden_line : table.hidden_lines) {
    if (hidden_line > line) notes->Add("rows that the workbook hides read as the others", hidden_line, "", "");
  }
  // A sheet's rows end anywhere: cells that no column is named for are those of one without a name.
  std::vector<std::string>& names_of_columns = table.rows[*header].fields;
  for (const CsvRow& row : table.rows) {
    if (row.line > line && row.fields.size() > names_of_columns.size()) names_of_columns.resize(row.fields.size());
  }
  return table;
}

// The column that somebody may have meant who wrote another name: the shortest that it is the beginning of, else the
// nearest. Empty: none.
std::string Meant(std::string_view name, const std::vector<std::string>& known) {
  std::string meant;
  for (const std::string& column : known) {
    if (name.size() > 2 && absl::StartsWith(column, core::ToAbsl(name)) &&
        (meant.empty() || column.size() < meant.size()))
      meant = column;
  }
  if (!meant.empty()) return meant;
  size_t nearest = 0;
  for (const std::string& column : known) {
    const size_t distance = core::EditDistance(name, column);
    if (!core::IsNear(name, column) || (!meant.empty() && distance >= nearest)) continue;
    meant = column;
    nearest = distance;
  }
  return meant;
}

std::string_view NameOfSeparator(char separator) {
  return separator == ';' ? "semicolons" : separator == '\t' ? "tabs" : separator == '|' ? "bars" : "commas";
}

}  // namespace

absl::StatusOr<Sheet> Sheet::Read(std::string_view text, const SheetColumns& columns) {
  std::string decoded;
  Sheet sheet;
  sheet.required_ = columns.required;
  size_t header = 0;
  size_t best = 0;  // How many of the required columns the header names.
  bool stated = false;
  report::WorkbookTable table;
  absl::StatusOr<std::vector<CsvRow>> rows;
  if (text.starts_with("PK\x03\x04")) {
    sheet.is_workbook_ = true;
    absl::StatusOr<report::WorkbookTable> read = TableOf(text, columns, &header, &best, &sheet.notes_);
    if (!read.ok()) return read.status();
    table = *std::move(read);
    rows = std::move(table.rows);
  } else if (text.starts_with("\xD0\xCF\x11\xE0")) {
    return absl::InvalidArgumentError(
        "the file is a workbook of an old kind (.xls), or one with a password: save it as \"Excel Workbook (.xlsx)\" "
        "without a password");
  } else {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
      absl::StatusOr<std::string> utf8 = FromUtf16(text);
      if (!utf8.ok()) return utf8.status();
      decoded = *std::move(utf8);
      text = decoded;
    }
    if (text.starts_with(report::kByteOrderMark)) text.remove_prefix(report::kByteOrderMark.size());
    if (core::CharacterCount(text) < 0) return NotUtf8(text);
    // "sep=;" is for Excel, which shows it to nobody.
    stated = text.starts_with("sep=") && text.size() > 4;
    const std::string separators = stated ? std::string(1, text[4]) : ",;\t|";
    for (const char separator : separators) {
      absl::StatusOr<std::vector<CsvRow>> first;
      for (size_t count = kTitleRows; count > 0; count /= 2) {  // What is wrong behind the header is told later.
        first = ParseCsv(text, separator, count);
        if (first.ok()) break;
      }
      const size_t best_before = best;
      if (first.ok()) FindHeader(*first, columns, &header, &best);
      if (best > best_before) sheet.separator_ = separator;
    }
    rows = ParseCsv(text, sheet.separator_);
  }
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
    if (Holds(columns.known, name) || Holds(columns.looked_at, name)) {
      if (Holds(sheet.header_, name))
        wrong.Add(absl::StrCat("line ", header_line, ": the column \"", name, "\" stands twice"));
      sheet.header_.push_back(std::move(name));
      continue;
    }
    sheet.header_.emplace_back();
    if (Holds(columns.information, name) || name.empty()) continue;
    if (const std::string meant = Meant(name, columns.known); !meant.empty()) {
      wrong.Add(absl::StrCat("line ", header_line, ": there is no column ", core::Quoted(cell, 40), "; did you mean \"",
                             meant, "\"? The columns are ", absl::StrJoin(columns.known, ",")));
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
  for (const report::WorkbookDoubt& doubt : table.doubts) {
    bool known = doubt.first_line <= header_line;  // It may be the name of one.
    for (size_t i = doubt.first_column; i <= doubt.last_column && i < sheet.header_.size(); ++i)
      known = known || !sheet.header_[i].empty();
    if (doubt.last_line >= header_line && known) wrong.Add(doubt.what);
  }
  for (size_t i = 0; i < table.hidden_columns.size() && i < sheet.header_.size(); ++i) {
    if (table.hidden_columns[i] && !sheet.header_[i].empty())
      sheet.notes_.Add("columns that the workbook hides read as the others", header_line, sheet.header_[i], "");
  }
  if (!sheet.is_workbook_ && text.back() != '\n' && text.back() != '\r') {
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
    if (!sheet.is_workbook_ && row.fields.size() != sheet.header_.size()) {
      wrong.Add(absl::StrCat(
          "line ", row.line, ": ", row.fields.size(), " fields, but the header has ", sheet.header_.size(),
          row.fields.size() > sheet.header_.size() ? ": quote a cell that holds the separator" : ": the line was cut"));
      continue;
    }
    for (size_t k = 0; k < row.fields.size(); ++k) {
      std::string& cell = row.fields[k];
      if (sheet.header_[k].empty()) {
        const std::string_view name = Trimmed((*rows)[header].fields[k]);
        const bool named = !name.empty();
        if (!Holds(columns.information, NameOf(name))) sheet.NoteFigure(name, row.line, Trimmed(cell));
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

void Sheet::NoteFigure(std::string_view name, int line, std::string_view cell) {
  const auto is_figure = [&](report::DecimalMark mark) {
    const auto figure = report::ReadFigure(cell, mark);
    return figure.ok() && core::Decimal::Parse(figure->value).ok();
  };
  if (cell.empty() || (!is_figure(report::DecimalMark::kPoint) && !is_figure(report::DecimalMark::kComma))) return;
  const auto noted = std::find_if(figures_left_out_.begin(), figures_left_out_.end(),
                                  [&](const LeftOut& column) { return column.name == name; });
  if (noted == figures_left_out_.end())
    figures_left_out_.push_back({std::string(name), line, core::Quoted(std::string(cell), 40)});
}

std::vector<Sheet::LineWithin> Sheet::LinesWithin(size_t row) const {
  std::vector<LineWithin> within;
  if (is_workbook_) return within;
  int line = rows_[row].line;
  const std::vector<std::string>& fields = rows_[row].fields;
  for (size_t column = 0; column < fields.size(); ++column) {
    const std::vector<std::string> lines = absl::StrSplit(fields[column], '\n');
    for (size_t i = 1; i < lines.size(); ++i) {
      ++line;
      // The last of them ends where the quote closes, which is in the cell's own column.
      const size_t wanted = i + 1 < lines.size() ? header_.size() : column + 1;
      const absl::StatusOr<std::vector<CsvRow>> rows = ParseCsv(lines[i], separator_);
      if (!rows.ok() || rows->size() != 1 || rows->front().fields.size() != wanted) continue;
      LineWithin found{line, {}};
      for (const std::string& name : required_) {
        const size_t place = ColumnOf(name);
        found.required.emplace_back(place < wanted ? Trimmed(rows->front().fields[place]) : std::string_view());
      }
      within.push_back(std::move(found));
    }
  }
  return within;
}

size_t Sheet::ColumnOf(std::string_view column) const {
  return static_cast<size_t>(std::find(header_.begin(), header_.end(), column) - header_.begin());
}

bool Sheet::Has(std::string_view column) const { return ColumnOf(column) < header_.size(); }

const std::string& Sheet::Get(size_t row, std::string_view column) const {
  static const std::string none;
  const size_t place = ColumnOf(column);
  return place < rows_[row].fields.size() ? rows_[row].fields[place] : none;
}

Sheet::AsKept Sheet::as_kept() const { return is_workbook_ ? &report::AsWorkbookKeeps : &report::AsSpreadsheetShows; }

}  // namespace bellwether::cli
