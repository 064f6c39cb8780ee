#include "bellwether/report/columns.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/printed.h"
#include "bellwether/report/text.h"

namespace bellwether::report {
namespace {

using Row = v1::ReportRow;
using Score = v1::Score;
using enum ReportColumn::Kind;

std::string Value(const v1::Cell& cell) { return Plain(cell.has_value(), cell.value()); }

template <int i>
const v1::Cell& Quarter(const Score& score) {
  return i < score.quarters_size() ? score.quarters(i) : v1::Cell::default_instance();
}

// The figure of a cell, its status, and what the services compute for it.
template <const v1::Cell& (*cell)(const Score&)>
std::string Figure(const Row& row) {
  return Value(cell(row.score()));
}
template <const v1::Cell& (*cell)(const Score&)>
std::string Status(const Row& row) {
  return cell(row.score()).status();
}
template <const v1::Cell& (*cell)(const Score&)>
std::string Computed(const Row& row) {
  return Plain(cell(row.score()).has_computed(), cell(row.score()).computed());
}

const v1::Cell& YearToDate(const Score& score) { return score.year_to_date(); }
const v1::Cell& Previous(const Score& score) { return score.previous(); }
const v1::Cell& Current(const Score& score) { return score.current(); }

std::string BenchmarkLabel(const Row& row) {
  const v1::Benchmark& b = row.definition().benchmark();
  return absl::StrCat(b.comparator(), b.comparator().empty() || b.period().empty() ? "" : ", ", b.period());
}
std::string Numerator(const Row& row) {
  const v1::Measurement& m = row.score().current().supplied();
  return Plain(m.has_ratio(), m.ratio().numerator());
}
std::string Denominator(const Row& row) {
  const v1::Measurement& m = row.score().current().supplied();
  return Plain(m.has_ratio(), m.ratio().denominator());
}

}  // namespace

const std::vector<ReportColumn>& ReportColumns() {
  static const std::vector<ReportColumn> columns = {
      {"ref", kText, "Ref", "Reference of the indicator", [](const Row& r) { return r.definition().ref(); }},
      {"alternate_refs", kText, "Other refs", "What else the indicator is called, divided by semicolons",
       [](const Row& r) { return absl::StrJoin(r.definition().alternate_refs(), ";"); }},
      {"directorate", kText, "Directorate", "Directorate that answers for the indicator",
       [](const Row& r) { return r.definition().directorate(); }},
      {"service", kText, "Service", "Service that answers for the indicator",
       [](const Row& r) { return r.definition().service(); }},
      {"description", kText, "Indicator", "What is measured",
       [](const Row& r) { return r.definition().description(); }},
      {"unit", kWord, "Unit", "Unit of the row's figures; \"percent\" is of 100",
       [](const Row& r) { return r.definition().unit(); }},
      {"polarity", kWord, "Polarity", "Which way is good: higher, lower, close-to (the target), or none",
       [](const Row& r) { return EnumWord(r.definition().polarity()); }},
      {"benchmark", kFigure, "Benchmark", "Somebody else's figure to compare with",
       [](const Row& r) { return Plain(r.definition().benchmark().has_value(), r.definition().benchmark().value()); }},
      {"q1", kFigure, "Quarter 1", "Figure of the first quarter of the year", Figure<Quarter<0>>, Quarter<0>},
      {"q1_status", kWord, "Quarter 1 status", "Status of that figure", Status<Quarter<0>>, Quarter<0>},
      {"q2", kFigure, "Quarter 2", "Figure of the second quarter", Figure<Quarter<1>>, Quarter<1>},
      {"q2_status", kWord, "Quarter 2 status", "Status of that figure", Status<Quarter<1>>, Quarter<1>},
      {"q3", kFigure, "Quarter 3", "Figure of the third quarter", Figure<Quarter<2>>, Quarter<2>},
      {"q3_status", kWord, "Quarter 3 status", "Status of that figure", Status<Quarter<2>>, Quarter<2>},
      {"q4", kFigure, "Quarter 4", "Figure of the fourth quarter", Figure<Quarter<3>>, Quarter<3>},
      {"q4_status", kWord, "Quarter 4 status", "Status of that figure", Status<Quarter<3>>, Quarter<3>},
      {"ytd", kFigure, "Year to date", "Figure of the year up to and with the current period", Figure<YearToDate>,
       YearToDate},
      {"ytd_status", kWord, "Year to date status", "Status of that figure", Status<YearToDate>, YearToDate},
      {"previous_period", kPeriod, "Previous period", "The period before the current one",
       [](const Row& r) { return r.score().previous().period(); }},
      {"previous", kFigure, "Previous figure", "Figure of the previous period", Figure<Previous>, Previous},
      {"current_period", kPeriod, "Current period", "The period that the report shows of the indicator",
       [](const Row& r) { return r.score().current().period(); }},
      {"current", kFigure, "Current figure", "Figure of the current period", Figure<Current>, Current},
      {"status", kWord, "Status", "Status of the current figure", Status<Current>, Current},
      {"movement", kWord, "Movement", "Where the figure went since the previous period: up, down or same",
       [](const Row& r) { return EnumWord(r.score().movement()); }},
      {"judgement", kWord, "Direction of travel", "What that movement means for performance",
       [](const Row& r) { return EnumWord(r.score().judgement()); }},
      {"arrow", kWord, "Arrow", "The scheme's sign of the direction of travel",
       [](const Row& r) { return r.score().arrow(); }},
      {"target", kFigure, "Target", "What the current figure is to reach",
       [](const Row& r) { return Plain(r.score().has_target(), r.score().target()); }},
      {"target_low", kFigure, "Target from", "Lower end of a target that is a range",
       [](const Row& r) { return Plain(r.score().target_range().has_low(), r.score().target_range().low()); }},
      {"target_high", kFigure, "Target to", "Upper end of a target that is a range",
       [](const Row& r) { return Plain(r.score().target_range().has_high(), r.score().target_range().high()); }},
      {"tolerance_low", kFigure, "Tolerated from", "Lowest figure that is still tolerated",
       [](const Row& r) { return Plain(r.score().tolerated().has_low(), r.score().tolerated().low()); }},
      {"tolerance_high", kFigure, "Tolerated to", "Highest figure that is still tolerated",
       [](const Row& r) { return Plain(r.score().tolerated().has_high(), r.score().tolerated().high()); }},
      {"comment", kText, "Comment", "The owner's words about the current period",
       [](const Row& r) { return r.comment().text(); }},
      {"q1_computed", kFigure, "Quarter 1 computed", "What its months make of the first quarter", Computed<Quarter<0>>},
      {"q2_computed", kFigure, "Quarter 2 computed", "What its months make of the second quarter",
       Computed<Quarter<1>>},
      {"q3_computed", kFigure, "Quarter 3 computed", "What its months make of the third quarter", Computed<Quarter<2>>},
      {"q4_computed", kFigure, "Quarter 4 computed", "What its months make of the fourth quarter",
       Computed<Quarter<3>>},
      {"ytd_computed", kFigure, "Year to date computed", "What its months make of the year to date",
       Computed<YearToDate>},
      {"published_arrow", kText, "Published arrow", "The arrow that the source published with the figure",
       [](const Row& r) { return r.score().current().published_arrow(); }},
      {"numerator", kFigure, "Numerator", "What the current figure counts, where its source says it: a number",
       Numerator},
      {"denominator", kFigure, "Denominator", "Out of how many: a number", Denominator},
      {"volume", kFigure, "Volume", "How many cases the current figure is about: a number",
       [](const Row& r) {
         const v1::OtherMeasures& other = r.score().current().other();
         return Plain(other.has_volume(), other.volume());
       }},
      {"key_commitment", kWord, "Key commitment", "The commitment of the council that the indicator belongs to",
       [](const Row& r) { return r.definition().key_commitment(); }},
      {"previous_target", kFigure, "Previous target", "The target before the one in force",
       [](const Row& r) { return Plain(r.score().has_previous_target(), r.score().previous_target()); }},
      {"benchmark_label", kWord, "Whose benchmark", "Whose figure the benchmark is, and of when", BenchmarkLabel},
      {"observation_status", kWord, "Observation status",
       "SDMX code of how sure the source is of the current figure: A normal, P provisional, E estimated and so on",
       [](const Row& r) {
         const v1::Cell& now = r.score().current();
         return now.has_supplied() && now.observation_status().empty() ? "A" : now.observation_status();
       }},
      {"scheme", kWord, "Scheme", "The scheme of statuses that rates the indicator",
       [](const Row& r) { return r.score().scheme_id(); }},
      {"variance", kFigure, "Variance", "The current figure less its target",
       [](const Row& r) { return Plain(r.score().has_variance(), r.score().variance()); }},
      {"previous_status", kWord, "Previous status", "Status of the previous figure", Status<Previous>, Previous},
      {"recorded_at", kTime, "Recorded at", "When the current figure was recorded",
       [](const Row& r) { return TimeIso(r.score().has_recorded_at(), r.score().recorded_at()); }},
      {"published_status", kText, "Published status", "The status that the source published with the figure",
       [](const Row& r) { return r.score().current().published_status(); }},
      {"ytd_observation_status", kWord, "Year to date, observation status",
       "SDMX code of how sure the sources are of the year to date, where they are not: P provisional, E estimated and "
       "so on",
       [](const Row& r) { return r.score().year_to_date().observation_status(); }},
  };
  return columns;
}

std::string ReportCsv(const v1::GetReportResponse& report) {
  std::vector<std::string> fields;
  for (const ReportColumn& column : ReportColumns()) fields.emplace_back(column.name);
  std::string text = CsvLine(fields);
  for (const v1::ReportRow& row : report.rows()) {
    fields.clear();
    for (const ReportColumn& column : ReportColumns())
      fields.push_back(column.kind == kText ? AsText(column.read(row)) : column.read(row));
    text += CsvLine(fields);
  }
  return text;
}

}  // namespace bellwether::report
