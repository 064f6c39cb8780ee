#include "services/cli/readings_csv.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "bellwether/codec/reading.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/period.h"
#include "bellwether/core/text.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/text.h"
#include "bellwether/report/workbook_reader.h"
#include "services/cli/files.h"
#include "services/cli/sheet.h"

namespace bellwether::cli {

using report::AsWorkbookKeeps;
using report::DecimalMark;
using report::DecimalMarkOf;
using report::FromText;
using report::PrintedFigure;
using report::ReadDay;
using report::ReadFigure;
using report::ReadPeriod;
using report::Trimmed;
using report::Unscrambled;
namespace {

constexpr std::string_view kFigureColumns[] = {"value",  "numerator", "denominator",      "mean",      "weight",
                                               "volume", "amount",    "amount_in_period", "attainment"};
// One of them is filled where a row has a figure, or says why it has none.
constexpr std::string_view kMeasurementColumns[] = {"value", "numerator", "denominator", "mean", "weight", "reason"};
// What a row may have and still say nothing.
constexpr std::string_view kAddressColumns[] = {"council",     "ref",    "period", "reading_id",         "corrects",
                                                "description", "source", "as_at",  "observation_status", "comment_id"};

// What has a worth beside a figure alone.
constexpr std::string_view kBesideColumns[] = {"volume", "amount", "amount_in_period", "attainment"};

// A unit as it is compared: people write % for percent, "Day" for days.
std::string PlainUnit(std::string_view unit) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"%", "percent"}, {"pct", "percent"}, {"percentage", "percent"}, {"\u00A3", "pound"},
      {"gbp", "pound"}, {"no", "count"},    {"no.", "count"},          {"nr", "count"},
      {"num", "count"}, {"#", "count"},     {"number", "count"}};
  std::string plain =
      absl::StrReplaceAll(absl::AsciiStrToLower(core::ToAbsl(unit)), {{" ", ""}, {"\u00A0", ""}, {"-", ""}, {",", ""}});
  if (plain.size() > 2 && plain.back() == 's') plain.pop_back();
  for (const auto& [name, meant] : kNames) {
    if (plain == name) return std::string(meant);
  }
  return plain;
}

bool IsPercent(std::string_view unit) { return unit == "percent"; }  // As every catalogue has it once it is applied.

// SDMX's code of what stands in the column observation_status: a code, or the word that reports have for it. Empty: it
// is none.
std::string CodeOf(std::string_view written) {
  const std::string upper = absl::AsciiStrToUpper(core::ToAbsl(written));
  if (upper == "A" || !report::ObservationWord(upper).empty()) return upper;
  std::string word = absl::AsciiStrToLower(upper);
  std::replace_if(
      word.begin(), word.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
  for (char code = 'A'; code <= 'Z'; ++code) {
    if (!word.empty() && report::ObservationWord(std::string(1, code)) == word) return std::string(1, code);
  }
  return "";
}

// Whether a spreadsheet may have made it of a day such as "2022-03-02".
bool IsSpellingOf(std::string_view written, const std::string& day) {
  const std::vector<std::string> parts = absl::StrSplit(day, '-');
  int month = 0;
  int of_month = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[1], &month) || !absl::SimpleAtoi(parts[2], &of_month)) return false;
  for (const auto& [first, second] : {std::pair(of_month, month), std::pair(month, of_month)}) {
    if (written == absl::StrFormat("%02d/%02d/%s", first, second, parts[0]) ||
        written == absl::StrFormat("%d/%d/%s", first, second, parts[0])) {
      return true;
    }
  }
  return false;
}

// A figure with more digits behind the point than a Decimal has, as a spreadsheet's division gives it. Empty: it has
// not, or is so small that it would lose its worth.
std::string Rounded(const std::string& figure) {
  const size_t point = figure.find('.');
  double number = 0;
  if (point == std::string::npos || figure.size() - point - 1 <= core::Decimal::kMaxScale ||
      !absl::SimpleAtod(figure, &number) || std::fabs(number) < 0.001)
    return "";
  return AsWorkbookKeeps(absl::StrFormat("%.*f", core::Decimal::kMaxScale, number));
}

// What one row says, column by column, once it is read.
class RowReader {
 public:
  RowReader(Sheet& sheet, size_t row, std::string_view default_council, const Known& known, DecimalMark mark,
            bool as_written)
      : sheet_(sheet), row_(row), known_(known), mark_(mark), as_written_(as_written) {
    address_.council = sheet.Get(row, "council").empty() ? std::string(default_council) : sheet.Get(row, "council");
    address_.ref = FromText(sheet.Get(row, "ref"));
    definition_ = known.Find(address_.council, address_.ref);
    if (definition_ != nullptr && definition_->ref() != address_.ref) {
      Note("refs read as the indicators that they mean", "ref", address_.ref, definition_->ref());
      address_.ref = definition_->ref();
    }
    const std::string written = FromText(sheet.Get(row, "period"));
    if (const auto period = ReadPeriod(written); period.ok()) {
      address_.period = *period;
      if (*period != written) Note("periods read from how they are printed", "period", written, *period);
    } else {
      Wrong("period", period.status().message());
    }
    in_force_ = known.InForce(address_);
  }

  const Address& address() const { return address_; }
  const std::vector<std::string>& errors() const { return errors_; }

  // A footer, such as "Source: ...".
  bool IsNoRow() const {
    return definition_ == nullptr && !core::CheckRef(address_.ref).ok() && !Filled(/*besides_words=*/false);
  }
  // To be filled in yet.
  bool IsEmpty() const { return !Filled(/*besides_words=*/true); }
  // Of an exported row: what it was exported with is in force, and is not there any more.
  bool FigureWasEmptied() const {
    if (in_force_ == nullptr || !in_force_->has_reading() || sheet_.Get(row_, "reading_id").empty() ||
        SaysNoFigure(sheet_.Get(row_, "observation_status")))
      return false;
    bool was_there = false;
    for (const std::string_view column : kMeasurementColumns) {
      if (!sheet_.Get(row_, column).empty()) return false;
      was_there = was_there || (sheet_.Has(column) && !ReadingCell(in_force_->reading(), column).empty());
    }
    return was_there;
  }
  bool CommentWasEmptied() const {
    const std::string_view id = sheet_.Has("comment_id") ? "comment_id" : "reading_id";
    return in_force_ != nullptr && in_force_->has_comment() && !sheet_.Get(row_, id).empty() && sheet_.Has("comment") &&
           sheet_.Get(row_, "comment").empty();
  }

  // Rows that a quote which closes too late has made part of a cell.
  void RowsWithin() {
    for (const Sheet::LineWithin& within : sheet_.LinesWithin(row_)) {
      const absl::StatusOr<std::string> period = ReadPeriod(FromText(within.required[1]));
      if (known_.Find(address_.council, FromText(within.required[0])) == nullptr || !period.ok() ||
          !core::Period::Parse(*period).ok())
        continue;
      errors_.push_back(absl::StrCat("line ", within.line, ", which is a row of ", within.required[0], " for ", *period,
                                     ", is within one of its cells: a quote opens that cell and closes too late; take "
                                     "it away, or write it twice"));
      return;
    }
  }

  ReadingsRow Read() {
    ReadingsRow row;
    row.line = sheet_.line(row_);
    row.reading_id = FromText(sheet_.Get(row_, "reading_id"));
    Description();
    v1::Reading reading;
    for (const std::string_view column : kFigureColumns) Figure(column);
    Status();
    if (Measurement(reading.mutable_measurement())) {
      Unit();
      SetAddress(&reading);
      Fill(&reading);
      row.reading = std::move(reading);
    }
    if (std::string words = Words("comment"); !words.empty()) {
      v1::Comment comment;
      SetAddress(&comment);
      comment.set_text(std::move(words));
      comment.set_comment_id(FromText(sheet_.Get(row_, "comment_id")));
      comment.set_source(FromText(sheet_.Get(row_, "source")));
      row.comment = std::move(comment);
    }
    const bool beside = std::any_of(std::begin(kBesideColumns), std::end(kBesideColumns),
                                    [&](std::string_view column) { return !sheet_.Get(row_, column).empty(); });
    if (!row.reading && errors_.empty() && !FigureWasEmptied() && (beside || !row.comment)) {
      errors_.push_back(absl::StrCat(
          row.comment ? "what stands beside a figure, and no figure" : "neither a figure nor a comment",
          ": fill value, or numerator and denominator, or mean and weight, or reason for a figure that is not "
          "available",
          row.comment ? "" : ", or comment"));
    }
    return row;
  }

 private:
  bool Filled(bool besides_words) const {
    for (const std::string& column : ReadingsColumns()) {
      const bool is_address =
          std::find(std::begin(kAddressColumns), std::end(kAddressColumns), column) != std::end(kAddressColumns);
      if (column == "observation_status" && SaysNoFigure(sheet_.Get(row_, column))) return true;
      if (is_address) continue;
      if (!besides_words && column == "published_status") continue;
      if (!sheet_.Get(row_, column).empty()) return true;
    }
    return false;
  }

  // Also one that is no observation status: it was written for some reason.
  static bool SaysNoFigure(std::string_view status) {
    const std::string code = CodeOf(status);
    return code.empty() ? !status.empty() : codec::SaysNotAvailable(code);
  }

  void Note(std::string_view kind, std::string_view column, std::string_view from, std::string_view to) {
    sheet_.notes().Add(
        kind, sheet_.line(row_), column,
        absl::StrCat(core::Quoted(from, 60), to.empty() ? "" : " as ", to.empty() ? "" : core::Quoted(to, 60)));
  }
  void Wrong(std::string_view column, absl::string_view what) {
    errors_.push_back(absl::StrCat(core::ToAbsl(column), ": ", what));
  }

  // Rows that moved against their refs.
  void Description() {
    const std::string words = FromText(sheet_.Get(row_, "description"));
    if (definition_ == nullptr || words.empty() || absl::EqualsIgnoreCase(definition_->description(), words)) return;
    const std::string other = known_.RefOfDescription(address_.council, words);
    if (!other.empty() && other != address_.ref) {
      Wrong("description", absl::StrCat(core::Quoted(words, 60), " is what ", other, " measures, and the ref is ",
                                        address_.ref, ": have rows moved? Correct the ref, or the row"));
    }
  }

  void Unit() {
    const std::string written = FromText(sheet_.Get(row_, "unit"));
    if (definition_ == nullptr || written.empty() || PlainUnit(written) == PlainUnit(definition_->unit())) return;
    Wrong("unit",
          absl::StrCat(core::Quoted(written, 40), ", and the unit of ", address_.ref, " is ", definition_->unit(),
                       ": write the figure in that, or call the column otherwise if it is about something "
                       "else"));
  }

  void Figure(std::string_view column) {
    const std::string& written = sheet_.Get(row_, column);
    if (written.empty()) return;
    const bool is_value = column == "value" || column == "mean";
    const std::string in_force = in_force_ == nullptr || as_written_ ? "" : ReadingCell(in_force_->reading(), column);
    const std::string kept = sheet_.as_kept()(in_force);
    if (!in_force.empty() && written != in_force && written == kept) {
      Note("figures in force as a spreadsheet shows them", column, written, in_force);
      return Put(column, in_force);
    }
    std::string_view text = written;
    std::string_view what;
    if (is_value && definition_ != nullptr && !IsPercent(definition_->unit()) && definition_->unit().size() > 1 &&
        absl::EndsWithIgnoreCase(core::ToAbsl(text), absl::StrCat(" ", definition_->unit()))) {
      text = Trimmed(text.substr(0, text.size() - definition_->unit().size()));
      what = "figures read without their unit";
    }
    absl::StatusOr<PrintedFigure> figure = ReadFigure(text, MarkFor(text));
    if (!figure.ok()) return Wrong(column, figure.status().message());
    const std::string_view unit = definition_ == nullptr ? std::string_view() : std::string_view(definition_->unit());
    const bool percent = is_value ? definition_ == nullptr || IsPercent(unit) : column == "attainment";
    if (figure->sign == "%" && !percent) {
      return Wrong(
          column,
          absl::StrCat(core::Quoted(written, 40), " has a % sign",
                       is_value ? absl::StrCat(", and the unit of ", address_.ref, " is ", core::ToAbsl(unit)) : "",
                       ": write the figure in its own unit"));
    }
    const bool money = is_value ? !IsPercent(unit) : absl::StartsWith(core::ToAbsl(column), "amount");
    if (!figure->sign.empty() && figure->sign != "%" && !money) {
      return Wrong(
          column,
          absl::StrCat(core::Quoted(written, 40), " has a currency sign",
                       is_value ? absl::StrCat(", and the unit of ", address_.ref, " is ", core::ToAbsl(unit)) : "",
                       ": write the figure in its own unit"));
    }
    if (!figure->numerator.empty() || figure->observation_status != 0) {
      if (column != "value" || !sheet_.Get(row_, "numerator").empty() || !sheet_.Get(row_, "denominator").empty()) {
        return Wrong(column,
                     absl::StrCat(core::Quoted(written, 40), " says more than one figure: write the figure alone"));
      }
      Put("numerator", figure->numerator);
      Put("denominator", figure->denominator);
      mark_status_ = figure->observation_status;
      if (figure->value.empty()) mark_reason_ = written[0] == '<' ? written : "";
    }
    if (const std::string rounded = sheet_.is_workbook() ? Rounded(figure->value) : ""; !rounded.empty()) {
      Note("figures with more digits behind the point than are recorded, rounded", column, figure->value, rounded);
      figure->value = rounded;
    }
    if (what.empty()) what = figure->what;
    if (!what.empty()) Note(what, column, written, figure->value);
    const auto now = core::Decimal::Parse(in_force);
    const auto then = core::Decimal::Parse(figure->value);
    if (now.ok() && then.ok() && figure->value != in_force && (core::SameValue(*now, *then) || figure->value == kept)) {
      if (what.empty()) Note("figures in force as a spreadsheet shows them", column, written, in_force);
      figure->value = in_force;
    }
    Put(column, figure->value);
  }

  void Status() {
    std::string code = sheet_.Get(row_, "observation_status");
    if (const std::string meant = CodeOf(code); !meant.empty() && meant != code) {
      Note(code.size() == 1 ? "codes read in capitals" : "words read as the codes that they mean", "observation_status",
           code, meant);
      code = meant;
    }
    if (mark_status_ != 0 && !code.empty() && code != "A" && code != std::string(1, mark_status_)) {
      Wrong("observation_status", absl::StrCat("is ", core::Quoted(code, 20), ", but the value is marked as ",
                                               std::string(1, mark_status_), ": leave one of them out"));
    }
    Put("observation_status", mark_status_ != 0 ? std::string(1, mark_status_) : code);
  }

  // Words, as they were before a spreadsheet had them.
  std::string Words(std::string_view column) {
    std::string words = FromText(sheet_.Get(row_, column));
    if (words.empty()) return words;
    const std::string in_force = in_force_ == nullptr  ? ""
                                 : column == "comment" ? in_force_->comment().text()
                                                       : ReadingCell(in_force_->reading(), column);
    if (words == in_force) return words;
    if (std::optional<std::string> meant = Unscrambled(words)) {
      Note("texts whose characters another program had scrambled, mended", column, words, *meant);
      words = *std::move(meant);
    }
    if (words.find('\v') != std::string::npos) {
      Note("line breaks of Word read as line breaks", column, "", "");
      words = absl::StrReplaceAll(words, {{"\v", "\n"}});
    }
    if (column == "published_arrow" && words.find('?') != std::string::npos) {
      Wrong(column, absl::StrCat(core::Quoted(words, 20),
                                 " has the ? that a program writes where its file cannot hold a"
                                 " character: save the file as CSV UTF-8, and mend the arrow"));
    }
    return words;
  }

  // The figure of a row. False: it has none, or two.
  bool Measurement(v1::Measurement* measurement) {
    std::string reason = Words("reason");
    if (reason.empty()) reason = mark_reason_;
    const bool ratio = Has("numerator") || Has("denominator");
    const bool mean = Has("mean") || Has("weight");
    const bool value = Has("value");
    if ((ratio || value) && mean) {
      errors_.push_back("fill value, or numerator and denominator (with or without value), or mean and weight");
      return false;
    }
    if (ratio) {
      v1::Ratio& parts = *measurement->mutable_ratio();
      if (Has("numerator")) parts.mutable_numerator()->set_value(cells_["numerator"]);
      if (Has("denominator")) parts.mutable_denominator()->set_value(cells_["denominator"]);
      if (value) parts.mutable_value()->set_value(cells_["value"]);
    } else if (mean) {
      v1::WeightedMean& parts = *measurement->mutable_weighted_mean();
      if (Has("mean")) parts.mutable_mean()->set_value(cells_["mean"]);
      if (Has("weight")) parts.mutable_weight()->set_value(cells_["weight"]);
    } else if (value) {
      measurement->mutable_value()->set_value(cells_["value"]);
    } else if (!reason.empty() || SaysNoFigure(cells_["observation_status"])) {
      measurement->mutable_not_available()->set_reason(reason);
    } else {
      return false;
    }
    return true;
  }

  void Fill(v1::Reading* reading) {
    reading->set_reading_id(FromText(sheet_.Get(row_, "reading_id")));
    reading->set_corrects(FromText(sheet_.Get(row_, "corrects")));
    reading->set_observation_status(cells_["observation_status"]);
    const std::string written = FromText(sheet_.Get(row_, "as_at"));
    const std::string now = in_force_ == nullptr ? "" : in_force_->reading().as_at();
    if (IsSpellingOf(written, now)) {
      reading->set_as_at(now);
    } else if (const auto day = ReadDay(written); day.ok()) {
      reading->set_as_at(*day);
      if (*day != written) Note("days read from how they are printed", "as_at", written, *day);
    } else {
      Wrong("as_at", day.status().message());
    }
    reading->set_published_arrow(Words("published_arrow"));
    reading->set_published_status(Words("published_status"));
    reading->set_source(Words("source"));
    using Mutable = v1::Decimal* (v1::OtherMeasures::*)();
    static constexpr std::pair<std::string_view, Mutable> kOthers[] = {
        {"volume", &v1::OtherMeasures::mutable_volume},
        {"amount", &v1::OtherMeasures::mutable_amount},
        {"amount_in_period", &v1::OtherMeasures::mutable_amount_in_period},
        {"attainment", &v1::OtherMeasures::mutable_attainment}};
    for (const auto& [column, mutable_field] : kOthers) {
      if (Has(column)) (reading->mutable_other()->*mutable_field)()->set_value(cells_[std::string(column)]);
    }
  }

  template <typename Record>
  void SetAddress(Record* record) const {
    record->set_council(address_.council);
    record->set_ref(address_.ref);
    record->set_period(address_.period);
  }

  // Where commas divide the cells, one in a figure that can only be a decimal comma is told.
  DecimalMark MarkFor(std::string_view figure) const {
    const bool is_told = sheet_.separator() == ',' && DecimalMarkOf({figure}) == DecimalMark::kComma;
    return is_told ? DecimalMark::kPoint : mark_;
  }

  void Put(std::string_view column, std::string text) {
    if (!text.empty()) cells_[std::string(column)] = std::move(text);
  }
  bool Has(std::string_view column) const { return cells_.find(std::string(column)) != cells_.end(); }

  Sheet& sheet_;
  const size_t row_;
  const Known& known_;
  const DecimalMark mark_;
  const bool as_written_;
  Address address_;
  const v1::IndicatorDefinition* definition_ = nullptr;
  const v1::ReadingInForce* in_force_ = nullptr;
  std::map<std::string, std::string> cells_;
  char mark_status_ = 0;
  std::string mark_reason_;
  std::vector<std::string> errors_;
};

DecimalMark MarkOf(const Sheet& sheet) {
  std::vector<std::string_view> figures;
  for (size_t i = 0; i < sheet.size(); ++i) {
    for (const std::string_view column : kFigureColumns) {
      if (const std::string& cell = sheet.Get(i, column); !cell.empty()) figures.push_back(cell);
    }
  }
  if (sheet.separator() != ',') return DecimalMarkOf(figures);
  // Figures with a decimal comma would be torn, unless they are quoted: where one is, "1,234" beside it may be 1.234.
  const bool has_comma = std::any_of(figures.begin(), figures.end(), [](std::string_view figure) {
    return DecimalMarkOf({figure}) == DecimalMark::kComma;
  });
  return has_comma ? DecimalMark::kEither : DecimalMark::kPoint;
}

}  // namespace

absl::StatusOr<ReadingsFile> ParseReadings(std::string_view text, std::string_view default_council, const Known& known,
                                           bool as_written) {
  const SheetColumns columns{ReadingsColumns(),
                             {"ref", "period"},
                             {"description", "unit"},
                             {"last_period", "last_figure", "due_date", "owner"}};
  absl::StatusOr<Sheet> sheet = Sheet::Read(text, columns);
  if (!sheet.ok()) return sheet.status();
  ReadingsFile file;
  file.as_kept = sheet->as_kept();
  for (const std::string& column : ReadingsColumns()) {
    if (sheet->Has(column)) file.columns.push_back(column);
  }
  const DecimalMark mark = MarkOf(*sheet);
  std::set<std::string> refs;
  for (size_t i = 0; i < sheet->size(); ++i) {
    RowReader reader(*sheet, i, default_council, known, mark, as_written);
    const int line = sheet->line(i);
    if (reader.IsNoRow()) {
      sheet->notes().Add("lines that are no rows left out", line, "", core::Quoted(reader.address().ref, 60));
      continue;
    }
    file.addresses.push_back(reader.address());
    refs.insert(reader.address().ref);
    reader.RowsWithin();
    const std::string place = absl::StrCat(reader.address().ref, " ", reader.address().period);
    const bool figure_emptied = reader.FigureWasEmptied();
    const bool comment_emptied = reader.CommentWasEmptied();
    if (figure_emptied)
      sheet->notes().Add(
          "figures that were emptied stay in force (`bellwether readings withdraw REF PERIOD` takes one back)", line,
          "", place);
    if (comment_emptied)
      sheet->notes().Add(
          "comments that were emptied stay in force (`bellwether comment REF PERIOD \"\"` takes one back)", line,
          "comment", place);
    if (reader.errors().empty() && reader.IsEmpty()) {
      if (!figure_emptied && !comment_emptied) sheet->notes().Add("rows that are not filled in", line, "", place);
      continue;
    }
    ReadingsRow row = reader.Read();
    for (const std::string& error : reader.errors()) {
      file.errors.Add(
          absl::StrCat("line ", line, " (", reader.address().ref, " ", reader.address().period, "): ", error));
    }
    if (reader.errors().empty() && (row.reading || row.comment)) file.rows.push_back(std::move(row));
  }
  const bool has_figures =
      std::any_of(file.rows.begin(), file.rows.end(), [](const ReadingsRow& row) { return row.reading.has_value(); });
  const bool has_columns = std::any_of(std::begin(kMeasurementColumns), std::end(kMeasurementColumns),
                                       [&](std::string_view column) { return sheet->Has(column); });
  if (!has_figures && file.errors.empty() && (file.rows.empty() || !has_columns) &&
      !sheet->figures_left_out().empty()) {
    std::vector<std::string> left_out;
    for (const Sheet::LeftOut& column : sheet->figures_left_out()) {
      left_out.push_back(absl::StrCat(
          column.name.empty() ? "a column without a name" : absl::StrCat("the column ", core::Quoted(column.name, 40)),
          " (", column.figure, " in line ", column.line, ")"));
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "no row has a figure in a column that is read, and there are figures in ", absl::StrJoin(left_out, ", "),
        ": call the column value, or numerator and denominator, or mean and weight; or take it out"));
  }
  for (const ReadingsRow& row : file.rows) {
    const Address address = row.address();
    const std::string other = known.Disguised(address.council, address.ref);
    if (!other.empty() && refs.count(other) == 0) {
      sheet->notes().Add("refs that a spreadsheet also makes of another ref: look whether it did", row.line, "ref",
                         absl::StrCat(address.ref, ", or ", other));
    }
  }
  file.notes = sheet->notes().Lines();
  return file;
}

std::string IdOf(const v1::Reading& reading) {
  v1::Reading said = reading;
  said.clear_reading_id();
  said.clear_source();
  std::string text = absl::StrCat(said.council(), "\n", said.ref(), "\n", said.period());
  for (const std::string& column : ReadingsColumns()) {
    if (column != "source" && column != "reading_id" && column != "comment_id")
      absl::StrAppend(&text, "\n", ReadingCell(said, column));
  }
  return absl::StrCat("row-", Digest(text));
}

std::string IdOf(const v1::Comment& comment) {
  return absl::StrCat(
      "comment-", Digest(absl::StrJoin({comment.council(), comment.ref(), comment.period(), comment.text()}, "\n")));
}

}  // namespace bellwether::cli
