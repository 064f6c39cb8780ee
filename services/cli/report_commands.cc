// bellwether report|findings|explain|indicator|watch
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/core/text.h"
#include "bellwether/report/chart.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/files.h"
#include "bellwether/report/pages.h"
#include "bellwether/report/text.h"
#include "services/cli/chart_text.h"
#include "services/cli/commands.h"
#include "services/cli/printer.h"
#include "services/cli/visible_message.h"

namespace bellwether::cli {

using report::CsvLine;
using report::EdgeText;
using report::EnumWord;
using report::FigureText;
using report::Keep;
using report::ObservationWord;
using report::Schemes;
using report::StatusOf;
using report::StatusText;
using report::TimeText;

namespace {

// What tells figures that are not sure from others in a table, where there is no room for the word: " [p]" of a
// provisional one, and so of any observation status.
class Marks {
 public:
  std::string Of(const v1::Cell& cell) {
    const std::string& code = cell.observation_status();
    const std::string word = cell.has_value() ? ObservationWord(code) : "";
    if (word.empty()) return "";
    const std::string mark = absl::StrCat("[", absl::AsciiStrToLower(code), "]");
    words_[mark] = absl::StrCat(mark, " ", word);
    return " " + mark;
  }
  // "[p] provisional": the marks that were given. Empty: none was.
  std::string Key(int width) const {
    if (words_.empty()) return "";
    const std::string all =
        absl::StrJoin(words_, ", ", [](std::string* out, const auto& word) { *out += word.second; });
    return absl::StrCat(absl::StrJoin(Wrap(all, width), "\n"), "\n");
  }

 private:
  std::map<std::string, std::string> words_;
};

// "85.71% ● [p]": the figure, its status' shape, its mark; the word of an absence where there is no figure.
std::string CellText(const Terminal& terminal, const v1::Cell& cell, const Schemes& schemes, const std::string& scheme,
                     const std::string& unit, Marks* marks) {
  if (cell.state() == v1::CELL_STATE_NOT_SHOWN || cell.state() == v1::CELL_STATE_UNSPECIFIED) return "";
  const StatusText status = StatusOf(schemes, scheme, cell);
  if (!cell.has_value()) return absl::StrCat("(", status.label, ")");
  std::string figure = FigureText(cell.value(), unit);
  if (cell.state() == v1::CELL_STATE_IN_PROGRESS) figure += " so far";
  if (!status.shape.empty()) absl::StrAppend(&figure, " ", Coloured(terminal, status.shape, status.colour));
  return figure + marks->Of(cell);
}

// "● Green".
std::string StatusCell(const Terminal& terminal, const StatusText& status) {
  return status.shape.empty() ? status.full
                              : absl::StrCat(Coloured(terminal, status.shape, status.colour), " ", status.full);
}

std::string TargetText(const v1::Score& score, const std::string& unit) {
  if (score.has_target()) return FigureText(score.target(), unit);
  if (!score.has_target_range()) return "";
  return absl::StrCat(score.target_range().has_low() ? FigureText(score.target_range().low(), unit) : "", " to ",
                      score.target_range().has_high() ? FigureText(score.target_range().high(), unit) : "");
}

std::string Legend(const Context& context, const google::protobuf::RepeatedPtrField<v1::Scheme>& schemes) {
  std::string text;
  for (const v1::Scheme& scheme : schemes) {
    int label = 14;  // The longest is never cut: a key that is read beside a table has to hold the table's words.
    for (const v1::Status& status : scheme.statuses()) label = std::max(label, DisplayWidth(status.label()));
    text += "\n" + absl::StrJoin(Wrap(report::NameAmong(schemes, scheme) + ":", context.terminal.width), "\n") + "\n";
    for (const v1::Status& status : scheme.statuses()) {
      const std::string own = absl::StrCat(
          "  ", Coloured(context.terminal, status.shape(), status.colour()), " ", Fit(status.label(), label), " ",
          absl::StrJoin(Wrap(status.meaning(), std::max(20, context.terminal.width - label - 5)),
                        "\n" + std::string(static_cast<size_t>(label) + 5, ' ')));
      absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(own), "\n");
    }
  }
  return text;
}

// "23 Green, 10 Amber, ...", in the order of the schemes' statuses.
std::string CountStatuses(const v1::GetReportResponse& report, const Schemes& schemes,
                          const v1::Cell& (v1::Score::*cell)() const) {
  std::vector<std::string> order;
  std::map<std::string, int> counts;
  for (const auto& [id, scheme] : schemes) {
    for (const v1::Status& status : scheme.statuses()) {
      if (std::find(order.begin(), order.end(), status.label()) == order.end()) order.push_back(status.label());
    }
  }
  for (const v1::ReportRow& row : report.rows()) {
    const v1::Cell& c = (row.score().*cell)();
    const std::string label = c.status().empty() ? "not shown" : StatusOf(schemes, row.score().scheme_id(), c).label;
    if (std::find(order.begin(), order.end(), label) == order.end()) order.push_back(label);
    ++counts[label];
  }
  std::vector<std::string> words;
  for (const std::string& label : order) {
    if (counts[label] > 0) words.push_back(absl::StrCat(counts[label], " ", label));
  }
  // What is less than sure is counted apart too.
  std::map<std::string, int> unsure;
  for (const v1::ReportRow& row : report.rows()) {
    const v1::Cell& c = (row.score().*cell)();
    if (c.has_value() && !ObservationWord(c.observation_status()).empty())
      ++unsure[ObservationWord(c.observation_status())];
  }
  for (const auto& [word, count] : unsure) words.push_back(absl::StrCat("of them ", count, " ", word));
  return absl::StrJoin(words, ", ");
}

std::string ReportTable(const Context& context, const v1::GetReportResponse& report) {
  Schemes schemes;
  Keep(report.schemes(), &schemes);
  const Terminal& terminal = context.terminal;
  // What goes first where there is no room for all.
  std::vector<Table::Column> columns = {{"Ref"}, {"Indicator", false, true}};
  for (const char* title : {"Q1", "Q2", "Q3", "Q4"}) columns.push_back({title, true, false, 5});
  columns.push_back({"Year to date", true, false, 3});
  columns.push_back({"Previous", true, false, 4});
  columns.push_back({"Current", true});
  columns.push_back({"Status"});
  columns.push_back({"Dir.", false, false, 1});
  columns.push_back({"Target", true, false, 2});
  Table table(columns);
  Marks marks;
  std::string heading;
  for (const v1::ReportRow& row : report.rows()) {
    const v1::IndicatorDefinition& d = row.definition();
    const v1::Score& s = row.score();
    const std::string own = absl::StrCat(d.directorate(), d.service().empty() ? "" : " / ", d.service());
    if (own != heading) table.AddHeading(heading = own);
    std::vector<std::string> cells = {d.ref(), d.description()};
    // The unit's word stands once at most, beside the current figure.
    const std::string sign = d.unit() == "percent" ? d.unit() : "count";
    const auto text = [&](const v1::Cell& cell) {
      return CellText(terminal, cell, schemes, s.scheme_id(), sign, &marks);
    };
    for (int i = 0; i < 4; ++i) cells.push_back(i < s.quarters_size() ? text(s.quarters(i)) : "");
    cells.push_back(text(s.year_to_date()));
    cells.push_back(s.previous().has_value() ? FigureText(s.previous().value(), sign) + marks.Of(s.previous())
                                             : text(s.previous()));
    cells.push_back(s.current().has_value() ? FigureText(s.current().value(), terminal.width >= 100 ? d.unit() : sign)
                                            : "");
    cells.push_back(StatusCell(terminal, StatusOf(schemes, s.scheme_id(), s.current())));
    cells.push_back(s.arrow());
    cells.push_back(TargetText(s, sign));
    table.AddRow(std::move(cells));
  }
  std::string text = absl::StrCat("Performance report of ", context.council, ", ", report.period(), ": ",
                                  report.total_rows(), " indicators\n",
                                  report.period_note().empty() ? "" : absl::StrCat(report.period_note(), ".\n"), "\n");
  text += table.Render(terminal);
  for (const std::string& counts :
       {absl::StrCat("Now: ", CountStatuses(report, schemes, &v1::Score::current)),
        absl::StrCat("Year to date: ", CountStatuses(report, schemes, &v1::Score::year_to_date))}) {
    absl::StrAppend(&text, "\n", absl::StrJoin(Wrap(counts, terminal.width), "\n"));
  }
  absl::StrAppend(&text, "\n", marks.Key(terminal.width), Legend(context, report.schemes()));
  return text;
}

std::string FindingsTable(const Context& context, const v1::ListFindingsResponse& response) {
  std::string text =
      absl::StrCat("Findings in the report of ", response.period(), ": ", response.findings_size(), "\n");
  for (const v1::Finding& f : response.findings()) {
    text += absl::StrCat("\n", f.ref(), "  ", EnumWord(f.kind()), "  ", f.period(), "  published ", f.published(),
                         ", computed ", f.computed(),
                         f.difference().empty() ? "" : absl::StrCat(", difference ", f.difference()), "\n");
    for (const std::string& line : Wrap(f.explanation(), context.terminal.width - 4)) text += "    " + line + "\n";
  }
  return text;
}

void PrintInputs(const google::protobuf::RepeatedPtrField<v1::ExplanationInput>& inputs, std::string* text) {
  for (const v1::ExplanationInput& i : inputs) {
    absl::StrAppend(text, "    ", i.name(), i.period().empty() ? "" : " " + i.period(), " = ", i.value(),
                    i.reading_id().empty()
                        ? ""
                        : absl::StrCat("  (reading ", i.reading_id(), i.source().empty() ? "" : " from " + i.source(),
                                       ", recorded ", TimeText(i.has_recorded_at(), i.recorded_at()), ")"),
                    "\n");
  }
}

std::string ExplanationText(const Context& context, const v1::ExplainScoreResponse& response) {
  const v1::Explanation& e = response.explanation();
  const int width = context.terminal.width;
  std::string text =
      absl::StrCat(e.ref(), "  ", response.definition().description(), "\n", e.period(), ", ", e.scheme_name(), "\n");
  const auto paragraph = [&](const std::string& words) {
    for (const std::string& line : Wrap(words, width - 2)) text += "  " + line + "\n";
  };
  for (const v1::CellExplanation& c : e.cells()) {
    text += absl::StrCat("\n", EnumWord(c.kind()), " ", c.period(), ": ", c.status(), "\n");
    paragraph(c.sentence());
    for (const v1::Warning& warning : c.warnings()) paragraph("Warning: " + warning.message());
    if (!c.rule().empty()) paragraph("Rule: " + c.rule());
    PrintInputs(c.inputs(), &text);
    for (const std::string& line : c.arithmetic()) text += "    " + line + "\n";
    for (const v1::EdgeDistance& edge : c.edges()) {
      text += absl::StrCat("    ", edge.status(), " begins ", edge.edge_is_inside() ? "beyond " : "at ",
                           EdgeText(edge.edge()), ", ", EdgeText(edge.distance()), " away",
                           absl::StrContains(EdgeText(edge.distance()), '/')
                               ? absl::StrCat(" (about ", edge.approximate_distance().value(), ")")
                               : "",
                           "\n");
    }
  }
  text +=
      absl::StrCat("\ndirection of travel: ", e.direction().arrow(), " ", EnumWord(e.direction().judgement()), "\n");
  paragraph(e.direction().sentence());
  if (!e.direction().rule().empty()) paragraph("Rule: " + e.direction().rule());
  PrintInputs(e.direction().inputs(), &text);
  for (const std::string& line : e.direction().arithmetic()) text += "    " + line + "\n";
  return text;
}

std::string FigureOf(const v1::Measurement& m) {
  switch (m.kind_case()) {
    case v1::Measurement::kValue:
      return m.value().value();
    case v1::Measurement::kRatio:
      return absl::StrCat(m.ratio().has_value() ? m.ratio().value().value() + " = " : "", m.ratio().numerator().value(),
                          "/", m.ratio().denominator().value());
    case v1::Measurement::kWeightedMean:
      return absl::StrCat(m.weighted_mean().mean().value(), " over ", m.weighted_mean().weight().value());
    case v1::Measurement::kNotAvailable:
      return "not available: " + m.not_available().reason();
    default:
      return "";
  }
}

// One line of a history for each score.
class History {
 public:
  // `refs`: with the ref under which each stands.
  History(const Terminal& terminal, bool refs) : terminal_(terminal), table_(Columns(refs)), refs_(refs) {}

  void Add(const v1::IndicatorDefinition& d, const google::protobuf::RepeatedPtrField<v1::Score>& scores,
           const Schemes& schemes) {
    for (const v1::Score& s : scores) {
      const StatusText status = StatusOf(schemes, s.scheme_id(), s.current());
      std::vector<std::string> row = {s.period()};
      if (refs_) row.push_back(d.ref());
      for (std::string cell : {s.current().has_value() ? FigureText(s.current().value(), d.unit()) : std::string(),
                               StatusCell(terminal_, status), s.arrow(),
                               CellText(terminal_, s.year_to_date(), schemes, s.scheme_id(), d.unit(), &marks_),
                               TargetText(s, d.unit())}) {
        row.push_back(std::move(cell));
      }
      table_.AddRow(std::move(row));
    }
  }
  std::string Render() const { return table_.Render(terminal_) + marks_.Key(terminal_.width); }

 private:
  static std::vector<Table::Column> Columns(bool refs) {
    std::vector<Table::Column> columns = {{"Period"}};
    if (refs) columns.push_back({"Ref"});
    for (Table::Column column : {Table::Column{"Figure", true}, Table::Column{"Status"}, Table::Column{"Dir."},
                                 Table::Column{"Year to date", true}, Table::Column{"Target", true}}) {
      columns.push_back(std::move(column));
    }
    return columns;
  }

  const Terminal& terminal_;
  Table table_;
  Marks marks_;
  const bool refs_;
};

void AppendComments(const google::protobuf::RepeatedPtrField<v1::Comment>& comments, const std::string& of, int width,
                    std::string* text) {
  for (const v1::Comment& c : comments) {
    absl::StrAppend(text, "\nComment on ", of, c.period(), "\n");
    for (const std::string& line : Wrap(c.text(), width - 2)) absl::StrAppend(text, "  ", line, "\n");
  }
}

// `chart`: drawn already; may be empty.
std::string IndicatorText(const Context& context, const v1::GetIndicatorResponse& r, const std::string& chart,
                          bool repeats) {
  const v1::IndicatorDefinition& d = r.definition();
  Schemes schemes{{r.scheme().id(), r.scheme()}};
  Keep(r.earlier_schemes(), &schemes);
  const std::string place =
      absl::StrCat(d.directorate(), d.directorate().empty() || d.service().empty() ? "" : " / ", d.service());
  std::string text = absl::StrCat(d.ref(), "  ", d.description(), "\n", place, place.empty() ? "unit " : "; unit ",
                                  d.unit(), "; polarity ", EnumWord(d.polarity()), "\n");
  std::string from = d.active_from();
  for (const v1::PredecessorHistory& before : r.predecessors()) {
    absl::StrAppend(&text, "until ", from, " it was ", before.definition().ref(),
                    before.compares() ? "" : ", whose figures do not compare", "\n");
    from = before.definition().active_from();
  }
  for (const v1::Successor& next : r.successors()) {
    absl::StrAppend(&text, "from ", next.active_from(), " on it is ", next.ref(),
                    next.compares() ? "" : ", whose figures do not compare", "\n");
  }
  if (r.successors().empty() && !d.retired_from().empty()) {
    absl::StrAppend(&text, "retired from ", d.retired_from(), " on\n");
  }
  text += "\n";
  if (!chart.empty()) text += chart + "\n";
  History history(context.terminal, !r.predecessors().empty());
  for (auto before = r.predecessors().rbegin(); before != r.predecessors().rend(); ++before) {
    history.Add(before->definition(), before->scores(), schemes);
  }
  history.Add(d, r.scores(), schemes);
  text += history.Render();
  if (r.has_trend()) {
    absl::StrAppend(&text, "\nTrend since ", r.trend().from_period(), ": ", r.trend().slope().value(), " a period\n");
  }
  const bool sender_known = std::any_of(r.revisions().begin(), r.revisions().end(),
                                        [](const v1::Occurrence& o) { return !o.record().submitted_by().empty(); });
  std::vector<Table::Column> columns = {{"Recorded"}, {"Period"},  {"Record", false, true}, {"Figure", false, true},
                                        {"Outcome"},  {"In force"}};
  if (sender_known) columns.push_back({"Sent by"});
  Table revisions(std::move(columns));
  int left_out = 0;
  for (const v1::Occurrence& o : r.revisions()) {
    if (!repeats && (o.outcome() == v1::OUTCOME_REPEAT || o.outcome() == v1::OUTCOME_CONFIRMATION)) {
      ++left_out;
      continue;
    }
    const bool reading = o.record().has_reading();
    std::vector<std::string> row = {
        TimeText(o.has_recorded_at(), o.recorded_at()),
        reading ? o.record().reading().period() : o.record().withdrawal().period(),
        reading ? o.record().reading().reading_id() : "withdraws " + o.record().withdrawal().reading_id(),
        reading ? FigureOf(o.record().reading().measurement()) : o.record().withdrawal().reason(),
        EnumWord(o.outcome()),
        o.in_force() ? "yes" : ""};
    if (sender_known) row.push_back(o.record().submitted_by());
    revisions.AddRow(std::move(row));
  }
  text += "\nReadings and withdrawals, as recorded\n" + revisions.Render(context.terminal);
  if (left_out > 0) absl::StrAppend(&text, left_out, " that only said the same again are left out: --repeats\n");
  for (const v1::PredecessorHistory& before : r.predecessors()) {
    absl::StrAppend(&text, "those of ", before.definition().ref(), ": bellwether indicator ", before.definition().ref(),
                    "\n");
  }
  for (auto before = r.predecessors().rbegin(); before != r.predecessors().rend(); ++before) {
    AppendComments(before->comments(), before->definition().ref() + ", ", context.terminal.width, &text);
  }
  AppendComments(r.comments(), "", context.terminal.width, &text);
  return text;
}

}  // namespace

grpc::Status FetchReport(Context& context, const ReportOptions& options, v1::GetReportResponse* report) {
  return context.client->EveryPage(&v1::QueryService::Stub::GetReport,
                                   RequestFor<v1::GetReportRequest>(context, options),
                                   [&](v1::GetReportResponse& page) { report::AddPage(std::move(page), report); });
}

namespace {

using report::FileFormat;

// What of `data`, beside the report, a format needs.
grpc::Status FetchBeside(Context& context, ReportOptions options, FileFormat::Needs needs, report::ReportData* data) {
  options.period = data->report.period();
  const absl::StatusOr<core::Period> period = core::Period::Parse(options.period);
  const int charts = needs == FileFormat::Needs::kCharts && period.ok() ? data->report.rows_size() : 0;
  for (int i = 0; i < charts; ++i) {
    v1::GetIndicatorRequest request;
    request.set_council(context.council);
    request.set_ref(data->report.rows(i).definition().ref());
    request.set_page_size(1);  // The revisions are not for the chart.
    *request.mutable_min_position() = data->report.position();
    v1::GetIndicatorResponse history;
    if (const grpc::Status s = context.client->query().GetIndicator(context.client->Context().get(), request, &history);
        !s.ok())
      return s;
    data->charts.emplace(request.ref(), report::ChartOf(history, period->last(), 1));
    context.streams->DrawProgress(absl::StrCat("charts: ", i + 1, " of ", charts));
  }
  context.streams->EndProgress();
  if (needs == FileFormat::Needs::kNothing) return grpc::Status::OK;
  if (needs == FileFormat::Needs::kCharts) {
    for (const v1::GetReportRequest& request : report::RequestsBefore(context.council, data->report)) {
      const grpc::Status s =
          context.client->EveryPage(&v1::QueryService::Stub::GetReport, request,
                                    [&](v1::GetReportResponse& page) { report::KeepBefore(page, data); });
      if (!s.ok()) return s;
    }
  }
  auto findings = RequestFor<v1::ListFindingsRequest>(context, options);
  *findings.mutable_min_position() = data->report.position();
  const grpc::Status status =
      context.client->EveryPage(&v1::QueryService::Stub::ListFindings, findings, [&](v1::ListFindingsResponse& page) {
        for (v1::Finding& f : *page.mutable_findings()) data->findings.push_back(std::move(f));
      });
  if (!status.ok()) return status;
  auto due_readings = RequestFor<v1::ListDueReadingsRequest>(context, options);
  *due_readings.mutable_min_position() = data->report.position();
  return context.client->EveryPage(&v1::QueryService::Stub::ListDueReadings, due_readings,
                                   [&](v1::ListDueReadingsResponse& page) {
                                     for (v1::DueReading& due : *page.mutable_readings())
                                       data->due.push_back(std::move(due));
                                   });
}

ExitCode WriteFormat(Context& context, const ReportOptions& options, const FileFormat& format,
                     v1::GetReportResponse report) {
  report::Site site;
  site.council = context.council;
  site.name = options.council_name;
  report::ReportData data;
  data.report = std::move(report);
  if (const grpc::Status s = FetchBeside(context, options, format.needs, &data); !s.ok())
    return context.client->Report(s, *context.err);
  const std::string file = options.output.empty() ? report::FileName(context.council, data.report, format)
                                                  : std::filesystem::path(options.output).filename().string();
  const absl::StatusOr<std::string> content = report::ReportFile(format, site, data, file);
  if (!content.ok()) {
    *context.err << "bellwether: " << content.status().message() << "\n";
    return kRefused;
  }
  if (format.name == "pdf") {
    const absl::StatusOr<std::string> pdf = PrintToPdf(
        *content, {}, [&](int seconds) { context.streams->DrawProgress(absl::StrCat("printing, ", seconds, " s")); });
    context.streams->EndProgress();
    if (pdf.ok()) return WriteData(context, options.output, *pdf);
    *context.err << "bellwether: " << pdf.status().message() << "\n";
    return kRefused;
  }
  return format.byte_order_mark ? WriteCsv(context, options.output, *content)
                                : WriteData(context, options.output, *content);
}

}  // namespace

ExitCode ShowReport(Context& context, const ReportOptions& options) {
  v1::GetReportResponse report;
  if (const grpc::Status s = FetchReport(context, options, &report); !s.ok())
    return context.client->Report(s, *context.err);
  if (report.rows().empty() && !(options.directorate.empty() && options.service.empty())) {
    *context.err << "bellwether: no indicator has the directorate " << core::Quoted(options.directorate, 200)
                 << " and the service " << core::Quoted(options.service, 200)
                 << " (empty: any); `bellwether report` shows their names\n";
    return kRefused;
  }
  if (const FileFormat* format = report::FormatOf(options.format))
    return WriteFormat(context, options, *format, std::move(report));
  MakeVisible(&report, context.terminal.ascii);
  if (!options.output.empty()) context.terminal.colour = false;
  return WriteText(context, options.output, ReportTable(context, report));
}

ExitCode ShowFindings(Context& context, const ReportOptions& options) {
  v1::ListFindingsResponse all;
  const grpc::Status status = context.client->EveryPage(&v1::QueryService::Stub::ListFindings,
                                                        RequestFor<v1::ListFindingsRequest>(context, options),
                                                        [&](v1::ListFindingsResponse& page) {
                                                          for (v1::Finding& f : *page.mutable_findings())
                                                            *all.add_findings() = std::move(f);
                                                          all.set_period(page.period());
                                                        });
  if (!status.ok()) return context.client->Report(status, *context.err);
  if (options.format == "json") return WriteData(context, options.output, report::Json(all));
  if (options.format == "table") {
    MakeVisible(&all, context.terminal.ascii);
    return WriteText(context, options.output, FindingsTable(context, all));
  }
  std::string text = CsvLine({"kind", "ref", "period", "cell", "published", "computed", "difference", "explanation"});
  for (const v1::Finding& f : all.findings()) {
    text += CsvLine({EnumWord(f.kind()), f.ref(), f.period(), EnumWord(f.cell()), f.published(), f.computed(),
                     f.difference(), f.explanation()});
  }
  return WriteCsv(context, options.output, text);
}

ExitCode ShowIndicator(Context& context, const std::string& ref, const std::string& format, bool repeats) {
  v1::GetIndicatorRequest request;
  request.set_council(context.council);
  request.set_ref(ref);
  v1::GetIndicatorResponse all;
  const grpc::Status status =
      context.client->EveryPage(&v1::QueryService::Stub::GetIndicator, request, [&](v1::GetIndicatorResponse& page) {
        if (all.has_definition()) {  // Later pages hold revisions only.
          all.mutable_revisions()->MergeFrom(page.revisions());
        } else {
          all = std::move(page);
        }
      });
  if (!status.ok()) return context.client->Report(status, *context.err);
  if (format == "json") return WriteData(context, "", report::Json(all));
  MakeVisible(&all);
  std::string chart;  // Of the scheme as it is: one whose arrows are spelled is none.
  if (!all.scores().empty()) {
    const absl::StatusOr<core::Period> newest = core::Period::ParseAnyYear(all.scores().rbegin()->period());
    if (newest.ok()) {
      report::Chart shown = report::ChartOf(all, newest->last(), YearsOfChart(context.terminal));
      shown.other.reset();  // A terminal has no room to tell two apart.
      chart = DrawText(shown, context.terminal);
    }
  }
  if (context.terminal.ascii) MakeVisible(&all, /*spelled=*/true);
  return WriteText(context, "", IndicatorText(context, all, chart, repeats));
}

ExitCode ExplainScore(Context& context, const std::string& ref, const std::string& period, const std::string& format,
                      bool brief) {
  v1::ExplainScoreRequest request;
  request.set_council(context.council);
  request.set_ref(ref);
  request.set_period(period);
  v1::ExplainScoreResponse response;
  if (const grpc::Status s = context.client->query().ExplainScore(context.client->Context().get(), request, &response);
      !s.ok()) {
    return context.client->Report(s, *context.err);
  }
  if (format == "json") return WriteData(context, "", report::Json(response));
  MakeVisible(&response, context.terminal.ascii);
  if (brief) {
    const auto& cells = response.explanation().cells();
    return WriteText(context, "", cells.empty() ? "" : cells.Get(0).sentence() + "\n");
  }
  return WriteText(context, "", ExplanationText(context, response));
}

}  // namespace bellwether::cli
