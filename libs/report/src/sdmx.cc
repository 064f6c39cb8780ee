#include <set>

#include "absl/strings/str_cat.h"
#include "bellwether/core/period.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/text.h"
#include "file_contents.h"

namespace bellwether::report {
namespace {

// The dimensions of an observation in time.
struct Time {
  std::string frequency;  // CL_FREQ.
  std::string period;  // A month, or where it begins and how long it is: no year of a council's has its own notation.
  bool year_to_date = false;
};

Time TimeOf(const std::string& text) {
  const absl::StatusOr<core::Period> period = core::Period::ParseAnyYear(text);
  if (!period.ok()) return {"", text};
  const auto frequency = [&] {
    switch (period->kind()) {
      case core::Period::Kind::kQuarter:
        return "Q";
      case core::Period::Kind::kHalf:
        return "S";
      case core::Period::Kind::kYear:
        return "A";
      default:
        return "M";
    }
  }();
  if (period->MonthCount() == 1)
    return {frequency, period->last().ToString(), period->kind() == core::Period::Kind::kYearToDate};
  return {frequency, absl::StrCat(period->first().ToString(), "-01/P", period->MonthCount(), "M")};
}

// CL_OBS_STATUS.
std::string ObservationStatus(const v1::Cell& cell) {
  // What is not over is provisional at least.
  if (cell.has_value() && cell.state() == v1::CELL_STATE_IN_PROGRESS && !cell.has_supplied())
    return cell.observation_status() == "F" ? "F" : "P";
  if (!cell.observation_status().empty()) return cell.observation_status();
  if (cell.has_value()) return cell.state() == v1::CELL_STATE_IN_PROGRESS ? "P" : "A";
  switch (cell.state()) {
    case v1::CELL_STATE_NOT_APPLICABLE:
      return "M";  // Cannot exist.
    case v1::CELL_STATE_NOT_COLLECTED:
      return "L";
    case v1::CELL_STATE_SUPPRESSED:
      return "Q";
    default:
      return "O";  // Missing.
  }
}

}  // namespace

std::string ReportSdmx(const std::string& council, const v1::GetReportResponse& report) {
  std::string text =
      CsvLine({"DATAFLOW", "FREQ", "REF_AREA", "INDICATOR", "MEASURE", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS",
               "UNIT_MEASURE", "SCHEME", "RATING", "TARGET", "TARGET_LOW", "TARGET_HIGH", "DIRECTION", "COMMENT_OBS"});
  for (const v1::ReportRow& row : report.rows()) {
    const v1::Score& s = row.score();
    std::set<std::string> seen;  // What is reported by quarters has its figure as the current one and as a quarter's.
    const auto add = [&](const v1::Cell& cell, bool current) {
      if (cell.state() == v1::CELL_STATE_NOT_SHOWN || cell.state() == v1::CELL_STATE_UNSPECIFIED) return;
      const Time time = TimeOf(cell.period());
      const std::string measure = time.year_to_date ? "YEAR_TO_DATE" : "PERIOD";
      if (!seen.insert(absl::StrCat(time.period, " ", measure)).second) return;
      text += CsvLine({"BELLWETHER:PERFORMANCE_REPORT(1.0)", time.frequency, council, row.definition().ref(), measure,
                       time.period, Plain(cell.has_value(), cell.value()), ObservationStatus(cell),
                       row.definition().unit(), cell.scheme_id().empty() ? s.scheme_id() : cell.scheme_id(),
                       cell.status(), Plain(current && s.has_target(), s.target()),
                       Plain(current && s.target_range().has_low(), s.target_range().low()),
                       Plain(current && s.target_range().has_high(), s.target_range().high()),
                       current ? EnumWord(s.judgement()) : "", current ? row.comment().text() : ""});
    };
    add(s.current(), true);
    add(s.previous(), false);
    for (const v1::Cell& quarter : s.quarters()) add(quarter, false);
    add(s.year_to_date(), false);
  }
  return text;
}

}  // namespace bellwether::report
