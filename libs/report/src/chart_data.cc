// What a chart shows, from the answer of QueryService.
#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bellwether/codec/definition.h"
#include "bellwether/core/decimal.h"
#include "bellwether/rating/evaluate.h"
#include "bellwether/report/chart.h"
#include "bellwether/report/text.h"

namespace bellwether::report {
namespace {

std::optional<double> Number(std::string_view text) {
  double number = 0;
  if (!absl::SimpleAtod(std::string(text), &number)) return std::nullopt;
  return number;
}

std::optional<double> Number(const std::optional<core::Decimal>& decimal) {
  return decimal ? Number(decimal->ToString()) : std::nullopt;
}

// A definition with the schemes that the answer has beside it. Absent: it is newer than we are, and has no targets for
// us.
std::optional<rating::Definition> WithSchemes(const v1::GetIndicatorResponse& history, v1::IndicatorDefinition whole) {
  const auto put = [&](v1::IndicatorDefinition* wording) {
    *wording->mutable_scheme() = history.scheme();
    for (const v1::Scheme& scheme : history.earlier_schemes()) {
      if (scheme.id() == wording->scheme_id()) *wording->mutable_scheme() = scheme;
    }
  };
  put(&whole);
  for (v1::IndicatorDefinition& wording : *whole.mutable_earlier()) put(&wording);
  codec::Parsed<rating::Definition> parsed = codec::FromProto(whole);
  if (!parsed.ok()) return std::nullopt;
  return std::move(parsed.value);
}

// The definitions by which months are rated, each from a month on, the newest first: the indicator's own, then those of
// what it continues.
std::vector<std::pair<core::Month, rating::Definition>> Definitions(const v1::GetIndicatorResponse& history) {
  std::vector<std::pair<core::Month, rating::Definition>> all;
  const auto add = [&](const v1::IndicatorDefinition& d) {
    const absl::StatusOr<core::Month> from = core::Month::Parse(d.active_from());
    if (std::optional<rating::Definition> definition = WithSchemes(history, d))
      all.emplace_back(from.ok() ? *from : core::Month(), *std::move(definition));
  };
  add(history.definition());
  for (const v1::PredecessorHistory& before : history.predecessors()) {
    if (before.compares()) add(before.definition());
  }
  return all;
}

std::string Words(const std::optional<core::Decimal>& low, const std::optional<core::Decimal>& high,
                  const std::string& unit) {
  const auto text = [&](const core::Decimal& value) {
    v1::Decimal decimal;
    decimal.set_value(value.ToString());
    return FigureText(decimal, unit);
  };
  if (low && high) return low == high ? text(*low) : absl::StrCat(text(*low), " to ", text(*high));
  if (low) return absl::StrCat(text(*low), " or more");
  return high ? absl::StrCat(text(*high), " or less") : "";
}

std::optional<Chart::Target> TargetIn(const rating::Definition& definition, core::Month month) {
  const core::Period period = rating::PeriodContaining(definition, month);
  const rating::Score score = rating::Rate(definition, {}, {}, period);
  Chart::Target target;
  target.month = month;
  std::optional<core::Decimal> low = score.target;
  std::optional<core::Decimal> high = score.target;
  if (score.target_range) {
    low = score.target_range->low;
    high = score.target_range->high;
  }
  if (!low && !high) return std::nullopt;
  target.low = Number(low);
  target.high = Number(high);
  target.text = Words(low, high, definition.unit);
  if (score.tolerated) {  // The side that is worse is what tolerance is about.
    if (definition.polarity != rating::Polarity::kLower) target.tolerated_low = Number(score.tolerated->low);
    if (definition.polarity != rating::Polarity::kHigher) target.tolerated_high = Number(score.tolerated->high);
  }
  return target;
}

// How a quarter's figure is drawn where no month of it is known.
Chart::Kind KindOfQuarter(const v1::IndicatorDefinition& definition) {
  switch (definition.quarter_rule()) {
    case v1::ROLL_UP_RULE_SUM:
      return Chart::Kind::kSpanShare;
    case v1::ROLL_UP_RULE_LATEST:
    case v1::ROLL_UP_RULE_CUMULATIVE:
      return Chart::Kind::kEndOfSpan;
    default:
      return Chart::Kind::kSpan;
  }
}

void AddPoint(Chart::Kind kind, const v1::Cell& cell, const std::string& unit, Measure* measure) {
  const absl::StatusOr<core::Period> period = core::Period::ParseAnyYear(cell.period());
  if (!cell.has_value() || !period.ok()) return;
  std::optional<double> value = Number(cell.value().value());
  if (!value) return;
  Chart::Point point;
  point.kind = kind;
  point.period = *period;
  point.first = kind == Chart::Kind::kEndOfSpan ? period->last() : period->first();
  point.last = period->last();
  point.value = kind == Chart::Kind::kSpanShare ? *value / 3 : *value;
  point.text = FigureText(cell.value(), unit);
  point.provisional = cell.state() == v1::CELL_STATE_IN_PROGRESS || !ObservationWord(cell.observation_status()).empty();
  measure->points.push_back(std::move(point));
}

// What a history says was measured from the month `first` on, up to the report of the month.
template <typename History>
Measure MeasureOf(const History& history, core::Month first, core::Month report_month) {
  const v1::IndicatorDefinition& d = history.definition();
  Measure measure;
  measure.ref = d.ref();
  measure.description = d.description();
  // The newest score of each year has all the quarters that are known.
  std::vector<const v1::Score*> shown;
  const auto show = [&](const google::protobuf::RepeatedPtrField<v1::Score>& scores) {
    for (const v1::Score& score : scores) {
      const absl::StatusOr<core::Period> period = core::Period::ParseAnyYear(score.period());
      if (period.ok() && period->last() >= first && period->last() <= report_month) shown.push_back(&score);
    }
  };
  for (auto before = history.predecessors().rbegin(); before != history.predecessors().rend(); ++before) {
    if (before->compares()) show(before->scores());  // They go on in this one.
  }
  show(history.scores());
  std::set<core::Month> known;
  for (const v1::Score* score : shown) {
    const size_t before = measure.points.size();
    AddPoint(Chart::Kind::kPeriod, score->current(), d.unit(), &measure);
    if (measure.points.size() == before) continue;
    const Measure::Point& added = measure.points.back();
    for (core::Month m = added.first; m <= added.last; m = m + 1) known.insert(m);
  }
  const size_t figures = measure.points.size();
  std::set<std::string> quarters;
  for (auto score = shown.rbegin(); score != shown.rend(); ++score) {
    for (const v1::Cell& cell : (*score)->quarters()) {
      const absl::StatusOr<core::Period> quarter = core::Period::ParseAnyYear(cell.period());
      if (!cell.has_value() || !quarter.ok() || quarter->first() < first) continue;
      if (!quarters.insert(cell.period()).second) continue;
      if (known.count(quarter->first()) + known.count(quarter->first() + 1) + known.count(quarter->last()) > 0)
        continue;
      AddPoint(KindOfQuarter(d), cell, d.unit(), &measure);
    }
  }
  std::sort(measure.points.begin(), measure.points.end(),
            [](const Chart::Point& a, const Chart::Point& b) { return a.last < b.last; });
  for (const std::string& text : d.breaks()) {
    const absl::StatusOr<core::Month> month = core::Month::Parse(text);
    if (month.ok()) measure.breaks.push_back(*month);
  }
  // Two figures always lie on a line: it would say nothing.
  const absl::StatusOr<core::Period> from = core::Period::ParseAnyYear(history.trend().from_period());
  const std::optional<double> start = Number(history.trend().start().value());
  const std::optional<double> slope = Number(history.trend().slope().value());
  if (figures > 2 && from.ok() && start && slope) {
    // A period's figure is drawn in its middle.
    measure.trend = Chart::Trend{from->first() + (from->MonthCount() - 1) / 2, *start, *slope / from->MonthCount()};
  }
  return measure;
}

}  // namespace

Chart ChartOf(const v1::GetIndicatorResponse& history, core::Month report_month, int years) {
  const v1::IndicatorDefinition& d = history.definition();
  const core::YearKind year =
      d.reporting_year() == v1::REPORTING_YEAR_CALENDAR ? core::YearKind::kCalendar : core::YearKind::kFinancial;
  const core::Month this_year = core::FirstMonthOfYear(report_month, year);
  Chart chart;
  chart.first = this_year - 12 * (years - 1);
  chart.last = this_year + 11;
  static_cast<Measure&>(chart) = MeasureOf(history, chart.first, report_month);
  chart.percent = d.unit() == "percent";
  // Years without a figure are not shown.
  while (years > 1 && chart.first < this_year &&
         (chart.points.empty() || chart.points.front().first >= chart.first + 12))
    chart.first = chart.first + 12;
  if (history.has_charted_with()) {
    Measure other = MeasureOf(history.charted_with(), chart.first, report_month);
    if (!other.points.empty()) chart.other = std::move(other);
  }
  const auto cut = [&](Measure& measure) {
    std::erase_if(measure.breaks, [&](core::Month month) { return month < chart.first || month > chart.last; });
  };
  cut(chart);
  if (chart.other) cut(*chart.other);

  const std::vector<std::pair<core::Month, rating::Definition>> definitions = Definitions(history);
  for (core::Month month = chart.first; month <= chart.last && !definitions.empty(); month = month + 1) {
    const auto of =
        std::find_if(definitions.begin(), definitions.end(), [&](const auto& from) { return from.first <= month; });
    if (std::optional<Chart::Target> target =
            TargetIn(of == definitions.end() ? definitions.back().second : of->second, month))
      chart.targets.push_back(*std::move(target));
  }
  return chart;
}

}  // namespace bellwether::report
