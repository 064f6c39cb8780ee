// Readings files that are written.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/reading.h"
#include "bellwether/core/limits.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/text.h"
#include "bellwether/report/workbook.h"
#include "services/cli/readings_csv.h"

namespace bellwether::cli {

using report::AsText;
using report::CsvLine;
namespace {

std::string Text(bool has, const v1::Decimal& d) { return has ? d.value() : ""; }

// Columns of figures stay figures for a spreadsheet, and all others are texts for it; but for periods and days, which
// come back from it so that they are known again.
bool IsText(std::string_view column) {
  return column == "ref" || column == "reading_id" || column == "corrects" || column == "published_arrow" ||
         column == "published_status" || column == "reason" || column == "source" || column == "comment" ||
         column == "comment_id";
}

// What an indicator's figure is made of.
std::set<std::string> WantedColumns(const v1::DueReading& due, const v1::IndicatorDefinition* definition) {
  const v1::Measurement& last = due.last_measurement();
  if (last.has_ratio()) {
    return last.ratio().has_value() ? std::set<std::string>{"value", "numerator", "denominator"}
                                    : std::set<std::string>{"numerator", "denominator"};
  }
  if (last.has_weighted_mean()) return {"mean", "weight"};
  if (last.has_value() || definition == nullptr) return {"value"};
  for (const v1::RollUpRule rule : {definition->quarter_rule(), definition->year_to_date_rule()}) {
    if (rule == v1::ROLL_UP_RULE_RATIO) return {"numerator", "denominator"};
    if (rule == v1::ROLL_UP_RULE_WEIGHTED_MEAN) return {"mean", "weight"};
  }
  return {"value"};
}

std::string FigureOf(const v1::Measurement& m) {
  if (m.has_value()) return m.value().value();
  if (m.has_weighted_mean())
    return absl::StrCat(m.weighted_mean().mean().value(), " over ", m.weighted_mean().weight().value());
  if (m.has_ratio()) {
    const std::string parts = absl::StrCat(m.ratio().numerator().value(), " out of ", m.ratio().denominator().value());
    return m.ratio().has_value() ? absl::StrCat(m.ratio().value().value(), " (", parts, ")") : parts;
  }
  return m.has_not_available() ? "none" : "";
}

}  // namespace

const std::vector<std::string>& ReadingsColumns() {
  static const std::vector<std::string> columns = {"council",
                                                   "ref",
                                                   "period",
                                                   "reading_id",
                                                   "corrects",
                                                   "value",
                                                   "numerator",
                                                   "denominator",
                                                   "mean",
                                                   "weight",
                                                   "volume",
                                                   "amount",
                                                   "amount_in_period",
                                                   "attainment",
                                                   "observation_status",
                                                   "as_at",
                                                   "published_arrow",
                                                   "published_status",
                                                   "reason",
                                                   "source",
                                                   "comment",
                                                   "comment_id"};
  return columns;
}

std::string ReadingCell(const v1::Reading& r, std::string_view column) {
  const v1::Measurement& m = r.measurement();
  const v1::OtherMeasures& o = r.other();
  if (column == "council") return r.council();
  if (column == "ref") return r.ref();
  if (column == "period") return r.period();
  if (column == "reading_id") return r.reading_id();
  if (column == "corrects") return r.corrects();
  if (column == "value")
    return m.has_ratio() ? Text(m.ratio().has_value(), m.ratio().value()) : Text(m.has_value(), m.value());
  if (column == "numerator") return Text(m.has_ratio(), m.ratio().numerator());
  if (column == "denominator") return Text(m.has_ratio(), m.ratio().denominator());
  if (column == "mean") return Text(m.has_weighted_mean(), m.weighted_mean().mean());
  if (column == "weight") return Text(m.has_weighted_mean(), m.weighted_mean().weight());
  if (column == "volume") return Text(o.has_volume(), o.volume());
  if (column == "amount") return Text(o.has_amount(), o.amount());
  if (column == "amount_in_period") return Text(o.has_amount_in_period(), o.amount_in_period());
  if (column == "attainment") return Text(o.has_attainment(), o.attainment());
  if (column == "observation_status") return r.observation_status();
  if (column == "as_at") return r.as_at();
  if (column == "published_arrow") return r.published_arrow();
  if (column == "published_status") return r.published_status();
  if (column == "reason") return m.not_available().reason();
  return column == "source" ? r.source() : "";
}

std::string ReadingsHeader() { return CsvLine(ReadingsColumns()); }

std::string ReadingsLine(const v1::ReadingInForce& in_force) {
  const v1::Comment& c = in_force.comment();
  v1::Reading r = in_force.reading();
  if (!in_force.has_reading()) {
    r.set_council(c.council());
    r.set_ref(c.ref());
    r.set_period(c.period());
    r.set_source(c.source());
  }
  std::vector<std::string> fields;
  for (const std::string& column : ReadingsColumns()) {
    std::string cell = column == "comment"      ? c.text()
                       : column == "comment_id" ? c.comment_id()
                                                : ReadingCell(r, column);
    fields.push_back(IsText(column) ? AsText(cell) : std::move(cell));
  }
  return CsvLine(fields);
}

namespace {

// What a template has: columns, and a row for each reading that is due.
struct TemplateTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

TemplateTable TableOf(const std::string& council, const std::vector<v1::DueReading>& due, const Known& definitions) {
  std::set<std::string> wanted;
  for (const v1::DueReading& reading : due)
    wanted.merge(WantedColumns(reading, definitions.Find(council, reading.ref())));
  TemplateTable table{{"ref", "description", "unit", "period"}, {}};
  std::vector<std::string>& columns = table.columns;
  for (const std::string& column : ReadingsColumns()) {
    if (wanted.count(column) > 0) columns.push_back(column);
  }
  if (wanted.empty()) columns.emplace_back("value");
  columns.insert(columns.end(), {"last_figure", "due_date"});
  if (std::any_of(due.begin(), due.end(), [](const v1::DueReading& d) { return d.has_owner(); }))
    columns.emplace_back("owner");
  columns.insert(columns.end(), {"observation_status", "reason", "comment"});
  for (const v1::DueReading& reading : due) {
    std::vector<std::string> fields;
    for (const std::string& column : columns) {
      fields.push_back(column == "ref"           ? reading.ref()
                       : column == "description" ? reading.description()
                       : column == "unit"        ? reading.unit()
                       : column == "period"      ? reading.period()
                       : column == "last_figure" ? FigureOf(reading.last_measurement())
                       : column == "due_date"    ? reading.due_date()
                       : column == "owner"       ? reading.owner().name()
                                                 : "");
    }
    table.rows.push_back(std::move(fields));
  }
  return table;
}

// Those for a figure that is not there come first.
std::vector<std::string> ObservationWords() {
  std::vector<std::string> words;
  for (const bool absent : {true, false}) {
    for (char code = 'A'; code <= 'Z'; ++code) {
      std::string word = report::ObservationWord(std::string(1, code));
      if (!word.empty() && codec::SaysNotAvailable(std::string(1, code)) == absent) words.push_back(std::move(word));
    }
  }
  return words;
}

// What a person may type into a column of the template, and how wide it is.
report::WorkbookColumn ColumnOf(const std::string& name) {
  using Check = report::WorkbookColumn::Check;
  report::WorkbookColumn column;
  column.heading = name;
  if (name == "description") {
    column.width = 50;
  } else if (name == "observation_status") {
    column.width = 20;
    column.check = Check::kWord;
    column.words = ObservationWords();
    column.hint = "Empty for a figure as usual. Where there is none, the word that says why, such as missing.";
  } else if (name == "reason") {
    column.width = 40;
    column.check = Check::kLength;
    column.most = core::limits::kNotAvailableReasonCharacters;
    column.hint =
        absl::StrCat("Why there is no figure, in at most ", column.most, " characters; with an observation_status.");
  } else if (name == "comment") {
    column.width = 60;
    column.check = Check::kLength;
    column.most = core::limits::kCommentCharacters;
    column.hint = absl::StrCat("What readers should know of the figure, in at most ", column.most, " characters.");
  } else if (name != "ref" && name != "unit" && name != "period" && name != "last_figure" && name != "due_date" &&
             name != "owner") {
    column.width = 16;
    column.check = Check::kFigure;
    column.hint = absl::StrCat(name == "value" || name == "mean" ? "A number, in the unit of the row. " : "A number. ",
                               "Fill what the last figure was made of. No figure: leave it empty, and fill "
                               "observation_status and reason.");
  } else {
    column.width = name == "owner" || name == "last_figure" ? 24 : 14;
  }
  return column;
}

}  // namespace

std::string Template(const std::string& council, const std::vector<v1::DueReading>& due, const Known& definitions) {
  const TemplateTable table = TableOf(council, due, definitions);
  std::string text = CsvLine(table.columns);
  for (std::vector<std::string> row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string& column = table.columns[i];
      if (column == "ref" || column == "description" || column == "unit" || column == "owner") row[i] = AsText(row[i]);
    }
    text += CsvLine(row);
  }
  return text;
}

absl::StatusOr<std::string> TemplateWorkbook(const std::string& council, const std::vector<v1::DueReading>& due,
                                             const Known& definitions) {
  const TemplateTable table = TableOf(council, due, definitions);
  report::WorkbookSheet sheet;
  sheet.name = "Readings";
  sheet.fixed_columns = 2;
  for (const std::string& name : table.columns) sheet.columns.push_back(ColumnOf(name));
  if (table.rows.empty()) sheet.lines = {"Nothing is due."};
  for (const std::vector<std::string>& row : table.rows) {
    std::vector<report::WorkbookCell> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back({row[i], table.columns[i] == "last_figure" ? report::WorkbookCell::Kind::kFigure
                                                                 : report::WorkbookCell::Kind::kText});
    }
    sheet.rows.push_back(std::move(cells));
  }
  return report::WriteWorkbook(absl::StrCat("Readings of ", council, " that are due"), /*created=*/0, {sheet});
}

}  // namespace bellwether::cli
