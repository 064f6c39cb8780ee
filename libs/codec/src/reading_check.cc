// A reading against today and against its indicator's definition.
#include "bellwether/codec/reading.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/rational.h"
#include "bellwether/core/text.h"
#include "check.h"

namespace bellwether::codec {
namespace {

std::string FrequencyWord(rating::Frequency frequency) {
  switch (frequency) {
    case rating::Frequency::kMonthly:
      return "monthly";
    case rating::Frequency::kQuarterly:
      return "quarterly";
    case rating::Frequency::kHalfYearly:
      return "half-yearly";
    case rating::Frequency::kYearly:
      return "yearly";
  }
  return "";
}

void CheckRatio(const rating::Ratio& ratio, const rating::Definition& definition, Checker& check) {
  if (!ratio.value.has_value() || ratio.denominator.IsZero()) return;
  const core::Rational exact =
      core::Rational(ratio.numerator) / core::Rational(ratio.denominator) * core::Rational(definition.ratio_multiplier);
  const absl::StatusOr<core::Decimal> rounded = exact.Round(ratio.value->scale());
  if (rounded.ok() && core::SameValue(*rounded, *ratio.value)) return;
  check.Add(
      "measurement.ratio.value", Reason::kValueContradictsParts,
      absl::StrCat(ratio.value->ToString(), " is not ", ratio.numerator.ToString(), " / ", ratio.denominator.ToString(),
                   " x ", definition.ratio_multiplier.ToString(), " = ", exact.ToText(ratio.value->scale() + 2),
                   rounded.ok() ? absl::StrCat(", which rounds to ", rounded->ToString()) : "",
                   ": correct one of them, or leave the value out"));
}

// The figure that a range of allowed values is about, and its place in the message.
struct Checked {
  std::optional<core::Rational> value;
  const char* path = "measurement";
};

Checked CheckedFigure(const rating::Measurement& measurement, const rating::Definition& definition) {
  if (const auto* value = std::get_if<core::Decimal>(&measurement)) return {*value, "measurement.value"};
  if (const auto* mean = std::get_if<rating::WeightedMean>(&measurement)) {
    return {mean->mean, "measurement.weighted_mean.mean"};
  }
  if (const auto* ratio = std::get_if<rating::Ratio>(&measurement)) {
    if (ratio->value.has_value()) return {*ratio->value, "measurement.ratio.value"};
    if (!ratio->denominator.IsZero()) {
      return {core::Rational(ratio->numerator) / core::Rational(ratio->denominator) *
                  core::Rational(definition.ratio_multiplier),
              "measurement.ratio"};
    }
  }
  return {};
}

void CheckAllowed(const rating::Reading& reading, const rating::Definition& definition, Checker& check) {
  const std::optional<rating::Range>& allowed = rating::InForceIn(definition, reading.period.last()).allowed_values;
  if (!allowed.has_value()) return;
  const rating::Range& range = *allowed;
  const Checked figure = CheckedFigure(reading.measurement, definition);
  if (!figure.value.has_value()) return;
  const bool below = range.low.has_value() && *figure.value < core::Rational(*range.low);
  const bool above = range.high.has_value() && *figure.value > core::Rational(*range.high);
  if (!below && !above) return;
  const core::Decimal& end = below ? *range.low : *range.high;
  check.Add(figure.path, Reason::kValueNotAllowed,
            absl::StrCat(figure.value->ToText(core::Decimal::kMaxScale), below ? " is below " : " is above ",
                         end.ToString(), ", the ", below ? "lowest" : "highest",
                         " value that the definition allows: correct the figure, or the definition's allowed_values"));
}

}  // namespace

Violations CheckToday(const core::Period& period, core::Date today) {
  if (period.first() + core::limits::kPeriods <= core::Month::Of(today)) {
    return {{"period", Reason::kOutOfRange,
             absl::StrCat(period.ToString(), " begins more than ", core::limits::kPeriods,
                          " months ago, which is as much as an indicator keeps: send later periods")}};
  }
  if (period.first().FirstDay() <= today) return {};
  return {{"period", Reason::kPeriodNotBegun,
           absl::StrCat(period.ToString(), " has not begun on ", absl::FormatCivilTime(today),
                        ": send its figure when it is there")}};
}

Violations CheckToday(const rating::Reading& reading, core::Date today) {
  Violations violations = CheckToday(reading.period, today);
  core::Date read;
  if (absl::ParseCivilTime(reading.seldom->as_at, &read) && read > today) {
    violations.push_back({"as_at", Reason::kOutOfRange,
                          absl::StrCat(reading.seldom->as_at, " has not come yet on ", absl::FormatCivilTime(today),
                                       ": correct the day on which the source was read, or leave it out")});
  }
  return violations;
}

Violations CheckPeriodAgainst(const rating::Definition& definition, const core::Period& period) {
  if (rating::TakesReadingsOf(definition, period)) return {};
  return {{"period", Reason::kPeriodNotTaken,
           absl::StrCat(period.ToString(), " is not a period of ", definition.ref, ", which is ",
                        FrequencyWord(definition.frequency), " in the ",
                        definition.reporting_year == core::YearKind::kFinancial ? "financial" : "calendar",
                        " year: send its own periods, or a longer one that the publisher supplies")}};
}

namespace {

// A period before the indicator's beginning, or after its end. `none`: that there is nothing to be sent.
void CheckActive(const rating::Definition& definition, const core::Period& period, std::string_view none,
                 Checker& check) {
  if (definition.active_from.has_value() && period.last() < *definition.active_from) {
    check.Add("period", Reason::kPeriodNotTaken,
              absl::StrCat(period.ToString(), " is before the beginning of ", definition.ref, ", active from ",
                           definition.active_from->ToString(),
                           definition.predecessor.empty()
                               ? absl::StrCat(": leave it out", core::ToAbsl(none))
                               : absl::StrCat(": send it for ", definition.predecessor, ", which it continues"),
                           "; or correct active_from in the catalogue"));
  } else if (!rating::IsActiveIn(definition, period)) {
    check.Add("period", Reason::kIndicatorRetired,
              absl::StrCat(period.ToString(), " is after the end of ", definition.ref, ", retired from ",
                           definition.retired_from.has_value() ? definition.retired_from->ToString() : "",
                           ": send an earlier period, or the indicator that follows it"));
  }
}

}  // namespace

Violations CheckAgainst(const rating::Definition& definition, const rating::Comment& comment) {
  Checker check;
  check.AddAll(CheckPeriodAgainst(definition, comment.period));
  if (!comment.text.empty()) CheckActive(definition, comment.period, "", check);
  return check.Take();
}

Violations CheckAgainst(const rating::Definition& definition, const rating::Reading& reading) {
  Checker check;
  check.AddAll(CheckPeriodAgainst(definition, reading.period));
  CheckActive(definition, reading.period, ", nothing is missing there", check);
  if (const auto* ratio = std::get_if<rating::Ratio>(&reading.measurement)) CheckRatio(*ratio, definition, check);
  CheckAllowed(reading, definition, check);
  return check.Take();
}

}  // namespace bellwether::codec
