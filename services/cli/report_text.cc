#include "services/cli/report_text.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "bellwether/core/text.h"
#include "services/cli/csv.h"
#include "services/cli/printed.h"

namespace bellwether::cli {
namespace {

absl::Time ToTime(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}

// A quarter's three fields of the CSV: shown, status, computed.
const v1::Cell& Quarter(const v1::Score& score, int i) {
  return i < score.quarters_size() ? score.quarters(i) : v1::Cell::default_instance();
}

const std::vector<std::string>& Columns() {
  static const std::vector<std::string> columns = {"ref",
                                                   "alternate_refs",
                                                   "directorate",
                                                   "service",
                                                   "description",
                                                   "unit",
                                                   "polarity",
                                                   "benchmark",
                                                   "q1",
                                                   "q1_status",
                                                   "q2",
                                                   "q2_status",
                                                   "q3",
                                                   "q3_status",
                                                   "q4",
                                                   "q4_status",
                                                   "ytd",
                                                   "ytd_status",
                                                   "previous_period",
                                                   "previous",
                                                   "current_period",
                                                   "current",
                                                   "status",
                                                   "movement",
                                                   "judgement",
                                                   "arrow",
                                                   "target",
                                                   "target_low",
                                                   "target_high",
                                                   "tolerance_low",
                                                   "tolerance_high",
                                                   "comment",
                                                   "q1_computed",
                                                   "q2_computed",
                                                   "q3_computed",
                                                   "q4_computed",
                                                   "ytd_computed",
                                                   "published_arrow",
                                                   "numerator",
                                                   "denominator",
                                                   "volume",
                                                   "key_commitment",
                                                   "previous_target",
                                                   "benchmark_label",
                                                   "observation_status",
                                                   "scheme",
                                                   "variance",
                                                   "previous_status",
                                                   "recorded_at",
                                                   "published_status"};
  return columns;
}

std::string BenchmarkLabel(const v1::Benchmark& b) {
  return absl::StrCat(b.comparator(), b.comparator().empty() || b.period().empty() ? "" : ", ", b.period());
}

std::string Value(const v1::Cell& cell) { return Plain(cell.has_value(), cell.value()); }

}  // namespace

StatusText StatusOf(const Schemes& schemes, const std::string& scheme_id, const v1::Cell& cell) {
  StatusText text{"", absl::StrReplaceAll(cell.has_value() ? cell.status() : EnumWord(cell.state()), {{"-", " "}}), ""};
  if (const auto it = schemes.find(scheme_id); it != schemes.end()) {
    for (const v1::Status& s : it->second.statuses()) {
      if (s.id() != cell.status()) continue;
      text.shape = s.shape();
      text.colour = s.colour();
      if (cell.has_value()) text.label = s.label();
    }
  }
  return text;
}

std::string FigureText(const v1::Decimal& value, const std::string& unit) {
  const std::string number = core::WithThousands(value.value());
  if (unit == "percent") return number + "%";
  // A count needs no word, and a rate's is in the description.
  if (unit == "count" || absl::StartsWith(unit, "per ")) return number;
  return number + " " + unit;
}

std::string Plain(bool has, const v1::Decimal& value) { return has ? value.value() : ""; }

std::string ReportCsvHeader() { return CsvLine(Columns()); }

std::string ReportCsvLine(const v1::ReportRow& row) {
  const v1::IndicatorDefinition& d = row.definition();
  const v1::Score& s = row.score();
  const v1::Cell& now = s.current();
  const v1::Measurement& m = now.supplied();
  std::vector<std::string> f = {AsText(d.ref()),         AsText(absl::StrJoin(d.alternate_refs(), ";")),
                                AsText(d.directorate()), AsText(d.service()),
                                AsText(d.description()), d.unit(),
                                EnumWord(d.polarity()),  Plain(d.benchmark().has_value(), d.benchmark().value())};
  for (int i = 0; i < 4; ++i) {
    f.push_back(Value(Quarter(s, i)));
    f.push_back(Quarter(s, i).status());
  }
  const std::vector<std::string> middle = {Value(s.year_to_date()),
                                           s.year_to_date().status(),
                                           s.previous().period(),
                                           Value(s.previous()),
                                           now.period(),
                                           Value(now),
                                           now.status(),
                                           EnumWord(s.movement()),
                                           EnumWord(s.judgement()),
                                           s.arrow(),
                                           Plain(s.has_target(), s.target()),
                                           Plain(s.target_range().has_low(), s.target_range().low()),
                                           Plain(s.target_range().has_high(), s.target_range().high()),
                                           Plain(s.tolerated().has_low(), s.tolerated().low()),
                                           Plain(s.tolerated().has_high(), s.tolerated().high()),
                                           AsText(row.comment().text())};
  f.insert(f.end(), middle.begin(), middle.end());
  for (int i = 0; i < 4; ++i) f.push_back(Plain(Quarter(s, i).has_computed(), Quarter(s, i).computed()));
  const std::vector<std::string> end = {
      Plain(s.year_to_date().has_computed(), s.year_to_date().computed()),
      AsText(now.published_arrow()),
      Plain(m.has_ratio(), m.ratio().numerator()),
      Plain(m.has_ratio(), m.ratio().denominator()),
      Plain(now.other().has_volume(), now.other().volume()),
      d.key_commitment(),
      Plain(s.has_previous_target(), s.previous_target()),
      BenchmarkLabel(d.benchmark()),
      now.has_supplied() && now.observation_status().empty() ? "A" : now.observation_status(),
      s.scheme_id(),
      Plain(s.has_variance(), s.variance()),
      s.previous().status(),
      TimeIso(s.has_recorded_at(), s.recorded_at()),
      AsText(now.published_status())};
  f.insert(f.end(), end.begin(), end.end());
  return CsvLine(f);
}

std::string TimeText(bool has, const google::protobuf::Timestamp& time) {
  absl::TimeZone london;
  if (!has || !absl::LoadTimeZone("Europe/London", &london)) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", ToTime(time), london);
}

std::string TimeIso(bool has, const google::protobuf::Timestamp& time) {
  return has ? absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", ToTime(time), absl::UTCTimeZone()) : "";
}

}  // namespace bellwether::cli
