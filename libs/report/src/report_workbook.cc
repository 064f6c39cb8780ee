// The report as a workbook.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bellwether/report/columns.h"
#include "bellwether/report/text.h"
#include "bellwether/report/workbook.h"
#include "file_contents.h"
#include "parts.h"

namespace bellwether::report {
namespace {

using Cells = std::vector<WorkbookCell>;
using Kind = WorkbookCell::Kind;

// What stands where there is nothing, as the Analysis Function has it: no cell of a table is empty.
constexpr const char* kNotAvailable = "[x]";
constexpr const char* kNotApplicable = "[z]";
constexpr const char* kWithheld = "[c]";
constexpr const char* kNoneRecorded = "[w]";

WorkbookCell Text(const std::string& text) { return {text.empty() ? kNoneRecorded : text, Kind::kText}; }

WorkbookCell CellOf(const ReportColumn& column, const v1::ReportRow& row, const Schemes& schemes) {
  const std::string text = column.read(row);
  const bool figure = column.kind == ReportColumn::Kind::kFigure;
  if (std::string_view(column.name) == "judgement" && !text.empty())
    return Text(JudgementText(row.score().judgement()));  // Not its code.
  if (column.kind == ReportColumn::Kind::kText) return Text(text);
  if (column.cell == nullptr) return {text.empty() ? kNotApplicable : text, figure ? Kind::kFigure : Kind::kText};
  const v1::Cell& cell = column.cell(row.score());
  if (cell.state() == v1::CELL_STATE_NOT_SHOWN || cell.state() == v1::CELL_STATE_UNSPECIFIED)
    return {kNotApplicable, Kind::kText};
  if (!figure) return Text(StatusOf(schemes, row.score().scheme_id(), cell).full);
  if (!text.empty()) return {text, Kind::kFigure};
  return {cell.state() == v1::CELL_STATE_SUPPRESSED       ? kWithheld
          : cell.state() == v1::CELL_STATE_NOT_APPLICABLE ? kNotApplicable
                                                          : kNotAvailable,
          Kind::kText};
}

int WidthOf(const ReportColumn& column) {
  const std::string_view name = column.name;
  if (name == "comment") return 70;
  if (name == "description") return 45;
  return column.kind == ReportColumn::Kind::kText && name != "ref" ? 24 : 16;
}

// The columns from `begin` to before `end`, with the refs in front.
WorkbookSheet Rows(const std::string& name, const std::string& title, const v1::GetReportResponse& report, size_t begin,
                   size_t end) {
  WorkbookSheet sheet{name, title, {"Shorthand in square brackets is explained on the sheet Notes."}, {}, {}, 1};
  std::vector<const ReportColumn*> columns;
  for (size_t i = 0; i < end; ++i) {
    if (i == 0 || i >= begin) columns.push_back(&ReportColumns()[i]);
  }
  for (const ReportColumn* column : columns) {
    WorkbookColumn made;
    made.heading = column->heading;
    made.width = WidthOf(*column);
    sheet.columns.push_back(std::move(made));
  }
  Schemes schemes;
  Keep(report.schemes(), &schemes);
  for (const v1::ReportRow& row : report.rows()) {
    Cells cells;
    for (const ReportColumn* column : columns) cells.push_back(CellOf(*column, row, schemes));
    sheet.rows.push_back(std::move(cells));
  }
  return sheet;
}

WorkbookSheet Table(const std::string& name, const std::string& title,
                    const std::vector<std::pair<const char*, int>>& columns) {
  WorkbookSheet sheet{name, title, {}, {}, {}, 1};
  for (const auto& [heading, width] : columns) {
    WorkbookColumn column;
    column.heading = heading;
    column.width = width;
    sheet.columns.push_back(std::move(column));
  }
  return sheet;
}

WorkbookSheet FindingsSheet(const ReportData& data) {
  WorkbookSheet sheet = Table("Findings", "What in the figures does not add up",
                              {{"Ref", 10},
                               {"What", 20},
                               {"Period", 14},
                               {"Where", 16},
                               {"Published", 20},
                               {"Computed", 20},
                               {"Difference", 16},
                               {"Why", 90}});
  for (const v1::Finding& f : data.findings) {
    sheet.rows.push_back({Text(f.ref()), Text(FindingText(f.kind())), Text(f.period()), Text(EnumWord(f.cell())),
                          Text(f.published()), Text(f.computed()),
                          f.difference().empty() ? WorkbookCell{kNotApplicable, Kind::kText} : Text(f.difference()),
                          Text(f.explanation())});
  }
  if (sheet.rows.empty()) sheet.lines = {"Nothing: every figure agrees with the others."};
  return sheet;
}

WorkbookSheet OutstandingSheet(const ReportData& data) {
  WorkbookSheet sheet =
      Table("Outstanding", "Figures that are still wanted",
            {{"Ref", 10}, {"Indicator", 50}, {"Period", 14}, {"Due", 14}, {"Days overdue", 12}, {"Owner", 30}});
  for (const v1::DueReading& due : data.due) {
    sheet.rows.push_back({Text(due.ref()),
                          Text(due.description()),
                          Text(due.period()),
                          Text(due.due_date()),
                          {absl::StrCat(due.days_overdue()), Kind::kFigure},
                          Text(due.owner().name())});
  }
  if (sheet.rows.empty()) sheet.lines = {"None: every figure that is due is there."};
  return sheet;
}

WorkbookSheet StatusesSheet(const v1::GetReportResponse& report) {
  WorkbookSheet sheet = Table("Statuses", "How a figure stands against its target",
                              {{"Scheme", 30}, {"Status", 16}, {"Code", 16}, {"Sign", 8}, {"Meaning", 90}});
  for (const v1::Scheme& scheme : report.schemes()) {
    const std::string name = NameAmong(report.schemes(), scheme);
    for (const v1::Status& s : scheme.statuses())
      sheet.rows.push_back({Text(name), Text(s.label()), Text(s.id()), Text(s.shape()), Text(s.meaning())});
  }
  return sheet;
}

WorkbookSheet DirectionsSheet(const v1::GetReportResponse& report) {
  WorkbookSheet sheet = Table("Directions", "How performance moved since the period before",
                              {{"Scheme", 30}, {"Arrow", 10}, {"Meaning", 110}});
  for (const v1::Scheme& scheme : report.schemes()) {
    const std::string name = NameAmong(report.schemes(), scheme);
    for (const v1::DirectionRule& rule : scheme.directions())
      sheet.rows.push_back({Text(name), Text(rule.arrow()), Text(RuleText(rule))});
  }
  return sheet;
}

WorkbookSheet NotesSheet() {
  WorkbookSheet sheet = Table("Notes", "Shorthand and terminology", {{"Word", 24}, {"Meaning", 110}});
  const std::pair<const char*, const char*> shorthand[] = {
      {kWithheld, "Withheld, such as a count below five"},
      {kNoneRecorded, "None recorded"},
      {kNotAvailable, "Not available: the figure is missing, not due yet, withdrawn, or cannot be computed"},
      {kNotApplicable, "Not applicable: the report has nothing to show here"},
      {"percent", "A unit: 85.71 in a row of that unit is 85.71%"}};
  for (const auto& [word, meaning] : shorthand) sheet.rows.push_back({Text(word), Text(meaning)});
  for (const auto& [word, meaning] : Terminology()) sheet.rows.push_back({Text(word), Text(meaning)});
  return sheet;
}

}  // namespace

absl::StatusOr<std::string> ReportWorkbook(const Site& site, const ReportData& data) {
  const v1::GetReportResponse& report = data.report;
  const std::string period = PeriodName(report.period());
  const std::string title = absl::StrCat("Performance report of ", NameOf(site), ", ", period);
  // The report as people read it ends with the comment; what lies behind the figures comes after.
  const auto is_comment = [](const ReportColumn& column) { return std::string_view(column.name) == "comment"; };
  const auto comment = static_cast<size_t>(std::find_if(ReportColumns().begin(), ReportColumns().end(), is_comment) -
                                           ReportColumns().begin());

  std::vector<WorkbookSheet> sheets;
  std::vector<std::string> about = {
      absl::StrCat(report.rows_size(), " indicators, and a row for each."),
      "The sheet Contents leads to the others; Notes explains shorthand and words; each other sheet has one table.",
      absl::StrCat("Made from the council's records up to ", PositionText(report.position()), ".")};
  if (!report.period_note().empty()) about.insert(about.begin() + 1, report.period_note() + ".");
  if (!site.contact.empty()) about.push_back(absl::StrCat("Contact: ", site.contact));
  sheets.push_back({"Cover", title, std::move(about), {}, {}});
  sheets.push_back(Table("Contents", "Contents", {{"Sheet", 20}, {"What it has", 80}}));
  sheets.push_back(NotesSheet());
  sheets.push_back(Rows("Report", title, report, 1, comment + 1));
  sheets.push_back(Rows("Details", absl::StrCat("What lies behind the figures, ", period), report, comment + 1,
                        ReportColumns().size()));
  sheets.push_back(FindingsSheet(data));
  sheets.push_back(OutstandingSheet(data));
  sheets.push_back(StatusesSheet(report));
  sheets.push_back(DirectionsSheet(report));
  for (size_t i = 2; i < sheets.size(); ++i)
    sheets[1].rows.push_back({{sheets[i].name, Kind::kSheet}, Text(sheets[i].title)});

  int64_t newest = 0;
  for (const v1::ReportRow& row : report.rows()) newest = std::max(newest, row.score().recorded_at().seconds());
  return WriteWorkbook(title, newest, sheets);
}

}  // namespace bellwether::report
