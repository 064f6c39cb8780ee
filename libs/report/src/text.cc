#include "bellwether/report/text.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/rational.h"
#include "bellwether/core/text.h"
#include "bellwether/report/csv.h"
#include "bellwether/report/printed.h"

namespace bellwether::report {
namespace {

absl::Time ToTime(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}

std::string Value(const v1::Cell& cell) { return Plain(cell.has_value(), cell.value()); }

bool Says(const std::string& label, const std::string& word) {
  return absl::StrContains(absl::AsciiStrToLower(label), absl::AsciiStrToLower(word));
}

}  // namespace

void Keep(const google::protobuf::RepeatedPtrField<v1::Scheme>& schemes, Schemes* kept) {
  for (const v1::Scheme& scheme : schemes) kept->emplace(scheme.id(), scheme);
}

StatusText StatusOf(const Schemes& schemes, const std::string& of_score, const v1::Cell& cell) {
  const std::string& scheme_id = cell.scheme_id().empty() ? of_score : cell.scheme_id();
  const std::string word = absl::StrReplaceAll(cell.has_value() ? cell.status() : EnumWord(cell.state()), {{"-", " "}});
  StatusText text{"", word, "", word};
  if (const auto it = schemes.find(scheme_id); it != schemes.end()) {
    for (const v1::Status& s : it->second.statuses()) {
      if (s.id() != cell.status()) continue;
      text.shape = s.shape();
      text.colour = s.colour();
      if (cell.has_value()) text.label = s.label();
      text.full = s.label();
    }
  }
  // A figure's own words come last: what it is for want of a status, and how sure its source is of it.
  std::vector<std::string> also;
  if (!Says(text.full, word) && !cell.has_value()) also.push_back(word);
  if (cell.state() == v1::CELL_STATE_IN_PROGRESS && !Says(text.full, "progress")) also.emplace_back("in progress");
  const std::string observed = ObservationWord(cell.observation_status());
  if (!observed.empty() && !Says(text.full, observed) && observed != word) {
    also.push_back(observed);
  }
  if (!also.empty()) absl::StrAppend(&text.full, " (", absl::StrJoin(also, ", "), ")");
  return text;
}

std::string ObservationWord(const std::string& code) {
  static const std::map<std::string, std::string> words = {
      {"B", "break"},         {"D", "definition differs"},
      {"E", "estimated"},     {"F", "forecast"},
      {"H", "holiday"},       {"I", "imputed"},
      {"L", "not collected"}, {"M", "not applicable"},
      {"N", "insignificant"}, {"O", "missing"},
      {"P", "provisional"},   {"Q", "suppressed"},
      {"S", "strike"},        {"U", "low reliability"},
      {"V", "unvalidated"},
  };
  const auto found = words.find(code);
  return found == words.end() ? "" : found->second;
}

std::string EdgeText(const std::string& fraction) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(fraction, absl::MaxSplits('/', 1));
  const absl::StatusOr<core::Decimal> numerator = core::Decimal::Parse(parts.first);
  const absl::StatusOr<core::Decimal> denominator = core::Decimal::Parse(parts.second);
  if (!numerator.ok() || !denominator.ok() || denominator->IsZero()) return fraction;
  const auto decimal = (core::Rational(*numerator) / core::Rational(*denominator)).ToDecimal();
  return decimal ? decimal->ToString() : fraction;
}

std::string FigureText(const v1::Decimal& value, const std::string& unit) {
  const std::string number = core::WithThousands(value.value());
  if (unit == "percent") return number + "%";
  // A count needs no word, and a rate's is in the description.
  if (unit == "count" || absl::StartsWith(unit, "per ")) return number;
  return number + " " + unit;
}

std::string Plain(bool has, const v1::Decimal& value) { return has ? value.value() : ""; }

std::string IndicatorCsv(const v1::GetIndicatorResponse& history) {
  const v1::IndicatorDefinition& d = history.definition();
  std::string text = CsvLine({"council",
                              "ref",
                              "period",
                              "value",
                              "unit",
                              "status",
                              "observation_status",
                              "numerator",
                              "denominator",
                              "volume",
                              "movement",
                              "judgement",
                              "arrow",
                              "ytd",
                              "ytd_status",
                              "ytd_observation_status",
                              "target",
                              "target_low",
                              "target_high",
                              "tolerance_low",
                              "tolerance_high",
                              "scheme",
                              "recorded_at",
                              "comment"});
  std::map<std::string, std::string> comments;
  for (const v1::Comment& comment : history.comments()) comments[comment.period()] = comment.text();
  for (const v1::Score& s : history.scores()) {
    const v1::Cell& now = s.current();
    const v1::Measurement& m = now.supplied();
    text += CsvLine({d.council(),
                     AsText(d.ref()),
                     s.period(),
                     Value(now),
                     d.unit(),
                     now.status(),
                     now.has_supplied() && now.observation_status().empty() ? "A" : now.observation_status(),
                     Plain(m.has_ratio(), m.ratio().numerator()),
                     Plain(m.has_ratio(), m.ratio().denominator()),
                     Plain(now.other().has_volume(), now.other().volume()),
                     EnumWord(s.movement()),
                     EnumWord(s.judgement()),
                     s.arrow(),
                     Value(s.year_to_date()),
                     s.year_to_date().status(),
                     s.year_to_date().observation_status(),
                     Plain(s.has_target(), s.target()),
                     Plain(s.target_range().has_low(), s.target_range().low()),
                     Plain(s.target_range().has_high(), s.target_range().high()),
                     Plain(s.tolerated().has_low(), s.tolerated().low()),
                     Plain(s.tolerated().has_high(), s.tolerated().high()),
                     s.scheme_id(),
                     TimeIso(s.has_recorded_at(), s.recorded_at()),
                     AsText(comments[s.period()])});
  }
  return text;
}

std::string TimeText(bool has, const google::protobuf::Timestamp& time) {
  absl::TimeZone london;
  if (!has || !absl::LoadTimeZone("Europe/London", &london)) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", ToTime(time), london);
}

std::string TimeIso(bool has, const google::protobuf::Timestamp& time) {
  return has ? absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", ToTime(time), absl::UTCTimeZone()) : "";
}

}  // namespace bellwether::report
