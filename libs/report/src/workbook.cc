#include "bellwether/report/workbook.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/memory_file.h"
#include "bellwether/report/workbook_reader.h"

namespace bellwether::report {
namespace {

// What a cell is to say, as the file format says it: it takes _xHHHH_ for the character of that code.
std::string Literal(const std::string& text) {
  std::string literal;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    const bool code = rest.size() >= 7 && rest.substr(0, 2) == "_x" && rest[6] == '_' &&
                      std::all_of(rest.begin() + 2, rest.begin() + 6,
                                  [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); });
    literal += code ? "_x005F_" : std::string(1, text[i]);
  }
  return literal;
}

// A decimal that a spreadsheet keeps as it is: it has 15 digits.
bool FitsNumber(const std::string& decimal) {
  if (!core::Decimal::Parse(decimal).ok()) return false;
  std::string digits;
  for (const char c : decimal) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c)) && !(digits.empty() && c == '0')) digits += c;
  }
  return digits.size() <= 15;
}

class Writer {
 public:
  Writer(lxw_workbook* book, const std::vector<WorkbookSheet>& sheets) : book_(book), sheets_(sheets) {
    title_ = Format();
    format_set_bold(title_);
    format_set_font_size(title_, 16);
    line_ = Format();
    heading_ = Format();
    format_set_bold(heading_);
    format_set_text_wrap(heading_);
    format_set_align(heading_, LXW_ALIGN_VERTICAL_BOTTOM);
    text_ = Format();
    format_set_text_wrap(text_);
    format_set_align(text_, LXW_ALIGN_VERTICAL_TOP);
    link_ = Format();
    format_set_underline(link_, LXW_UNDERLINE_SINGLE);
    format_set_font_color(link_, 0x12436D);
    format_set_align(link_, LXW_ALIGN_VERTICAL_TOP);
  }

  absl::Status Write() {
    for (const WorkbookSheet& sheet : sheets_) {
      lxw_worksheet* const made = workbook_add_worksheet(book_, sheet.name.c_str());
      if (made == nullptr)
        return absl::InvalidArgumentError(absl::StrCat("sheet ", sheet.name, ": no workbook has a sheet of such name"));
      if (absl::Status s = WriteSheet(made, sheet); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

 private:
  lxw_format* Format() {
    lxw_format* const format = workbook_add_format(book_);
    format_set_font_name(format, "Arial");
    format_set_font_size(format, 12);
    return format;
  }

  lxw_format* Number(const std::string& decimal) {
    const size_t point = decimal.find('.');
    const size_t places = point == std::string::npos ? 0 : decimal.size() - point - 1;
    lxw_format*& format = numbers_[places];
    if (format == nullptr) {
      format = Format();
      format_set_num_format(format, absl::StrCat("#,##0", places > 0 ? "." : "", std::string(places, '0')).c_str());
      format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    }
    return format;
  }

  absl::Status WriteSheet(lxw_worksheet* to, const WorkbookSheet& sheet) {
    worksheet_set_landscape(to);
    worksheet_set_paper(to, 9);  // A4.
    worksheet_fit_to_pages(to, 1, 0);
    lxw_row_t row = 0;
    const auto head = [&](const std::string& text, lxw_format* format) {
      return Check(worksheet_write_string(to, row++, 0, Literal(text).c_str(), format), sheet);
    };
    if (!sheet.title.empty()) {
      if (absl::Status s = head(sheet.title, title_); !s.ok()) return s;
    }
    for (const std::string& line : sheet.lines) {
      if (absl::Status s = head(line, line_); !s.ok()) return s;
    }
    return sheet.rows.empty() ? absl::OkStatus() : WriteTable(to, row, sheet);
  }

  absl::Status WriteTable(lxw_worksheet* to, lxw_row_t header, const WorkbookSheet& sheet) {
    std::vector<std::string> headings;
    for (const WorkbookColumn& column : sheet.columns) headings.push_back(Literal(column.heading));
    std::vector<lxw_table_column> columns(sheet.columns.size());
    std::vector<lxw_table_column*> pointers;
    for (size_t i = 0; i < columns.size(); ++i) {
      columns[i].header = headings[i].data();
      columns[i].header_format = heading_;
      pointers.push_back(&columns[i]);
      worksheet_set_column(to, Column(i), Column(i), sheet.columns[i].width, text_);
    }
    pointers.push_back(nullptr);
    std::string name = absl::StrReplaceAll(sheet.name, {{" ", "_"}});
    lxw_table_options options = {};
    options.name = name.data();
    options.columns = pointers.data();
    options.style_type = LXW_TABLE_STYLE_TYPE_LIGHT;
    options.style_type_number = 1;
    const auto last_row = static_cast<lxw_row_t>(header + sheet.rows.size());
    const lxw_col_t last_column = Column(columns.size() - 1);
    if (absl::Status s = Check(worksheet_add_table(to, header, 0, last_row, last_column, &options), sheet); !s.ok())
      return s;
    for (size_t i = 0; i < sheet.rows.size(); ++i) {
      for (size_t k = 0; k < sheet.rows[i].size(); ++k) {
        const auto row = static_cast<lxw_row_t>(header + 1 + i);
        if (absl::Status s = Check(WriteCell(to, row, Column(k), sheet.rows[i][k]), sheet); !s.ok()) return s;
      }
    }
    for (size_t k = 0; k < sheet.columns.size(); ++k) {
      if (absl::Status s = Validate(to, header + 1, last_row, Column(k), sheet.columns[k], sheet); !s.ok()) return s;
    }
    worksheet_freeze_panes(to, header + 1, Column(sheet.fixed_columns));
    worksheet_repeat_rows(to, header, header);
    return absl::OkStatus();
  }

  lxw_error WriteCell(lxw_worksheet* to, lxw_row_t row, lxw_col_t column, const WorkbookCell& cell) {
    if (cell.kind == WorkbookCell::Kind::kSheet) {
      return worksheet_write_url_opt(to, row, column, absl::StrCat("internal:'", cell.text, "'!A1").c_str(), link_,
                                     cell.text.c_str(), nullptr);
    }
    if (cell.kind == WorkbookCell::Kind::kFigure && FitsNumber(cell.text)) {
      double number = 0;
      std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), number);
      return worksheet_write_number(to, row, column, number, Number(cell.text));
    }
    if (cell.text.empty()) return worksheet_write_blank(to, row, column, text_);
    return worksheet_write_string(to, row, column, Literal(cell.text).c_str(), text_);
  }

  absl::Status Validate(lxw_worksheet* to, lxw_row_t first, lxw_row_t last, lxw_col_t at, const WorkbookColumn& column,
                        const WorkbookSheet& sheet) const {
    if (column.check == WorkbookColumn::Check::kNone) return absl::OkStatus();
    std::string hint = column.hint;
    std::vector<std::string> words = column.words;
    std::vector<char*> list;
    lxw_data_validation check = {};
    check.ignore_blank = LXW_VALIDATION_ON;
    check.show_input = LXW_VALIDATION_ON;
    check.show_error = LXW_VALIDATION_ON;
    // Asks, and takes it all the same: [c] for a figure that is withheld is no number.
    check.error_type = LXW_VALIDATION_ERROR_TYPE_WARNING;
    check.input_message = hint.data();
    check.error_message = hint.data();
    if (column.check == WorkbookColumn::Check::kLength) {
      check.validate = LXW_VALIDATION_TYPE_LENGTH;
      check.criteria = LXW_VALIDATION_CRITERIA_LESS_THAN_OR_EQUAL_TO;
      check.value_number = column.most;
    } else if (column.check == WorkbookColumn::Check::kWord) {
      for (std::string& word : words) list.push_back(word.data());
      list.push_back(nullptr);
      check.validate = LXW_VALIDATION_TYPE_LIST;
      check.value_list = list.data();
    } else {
      check.validate = LXW_VALIDATION_TYPE_DECIMAL;
      check.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
      check.minimum_number = -1e15;
      check.maximum_number = 1e15;
    }
    return Check(worksheet_data_validation_range(to, first, at, last, at, &check), sheet);
  }

  static lxw_col_t Column(size_t i) { return static_cast<lxw_col_t>(i); }
  static absl::Status Check(lxw_error error, const WorkbookSheet& sheet) {
    if (error == LXW_NO_ERROR) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("sheet ", sheet.name, ": ", lxw_strerror(error)));
  }

  lxw_workbook* const book_;
  const std::vector<WorkbookSheet>& sheets_;
  lxw_format* title_;
  lxw_format* line_;
  lxw_format* heading_;
  lxw_format* text_;
  lxw_format* link_;
  std::map<size_t, lxw_format*> numbers_;  // By decimal places.
};

// libxlsxwriter does not notice a temporary file that could not be written.
bool IsWhole(const std::string& bytes, const std::vector<WorkbookSheet>& sheets) {
  const absl::StatusOr<std::vector<WorkbookTable>> tables = ReadWorkbook(bytes);
  if (!tables.ok() || tables->size() != sheets.size()) return false;
  for (size_t i = 0; i < sheets.size(); ++i) {
    const WorkbookSheet& sheet = sheets[i];
    const size_t rows =
        (sheet.title.empty() ? 0 : 1) + sheet.lines.size() + (sheet.rows.empty() ? 0 : 1 + sheet.rows.size());
    if ((*tables)[i].rows.size() != rows) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> WriteWorkbook(const std::string& title, int64_t created,
                                          const std::vector<WorkbookSheet>& sheets) {
  const core::MemoryFile file;  // libxlsxwriter knows only files.
  if (file.descriptor() < 0) return absl::ResourceExhaustedError("no memory for a workbook");
  lxw_workbook* const book = workbook_new(file.Path().c_str());
  if (book == nullptr) return absl::ResourceExhaustedError("no memory for a workbook");
  std::string shown = title;
  lxw_doc_properties properties = {};
  properties.title = shown.data();
  properties.created = created;
  workbook_set_properties(book, &properties);
  const absl::Status written = Writer(book, sheets).Write();
  const lxw_error closed = workbook_close(book);  // Frees it, too.
  if (!written.ok()) return written;
  if (closed != LXW_NO_ERROR)
    return absl::ResourceExhaustedError(absl::StrCat("the workbook could not be made: ", lxw_strerror(closed)));
  absl::StatusOr<std::string> bytes = file.Content();
  if (bytes.ok() && !IsWhole(*bytes, sheets))
    return absl::ResourceExhaustedError("the workbook could not be made whole: is there room for temporary files?");
  return bytes;
}

}  // namespace bellwether::report
