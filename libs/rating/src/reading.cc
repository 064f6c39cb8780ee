#include "bellwether/rating/reading.h"

#include <tuple>

#include "absl/strings/str_cat.h"

namespace bellwether::rating {
namespace {

// All that a reading says of its period.
auto Said(const Reading& r) {
  return std::tie(r.period, r.measurement, r.observation_status, r.seldom->as_at, r.seldom->other,
                  r.seldom->published_arrow, r.seldom->published_status);
}

}  // namespace

bool SameContent(const Reading& a, const Reading& b) {
  return a.reading_id == b.reading_id && a.seldom->corrects == b.seldom->corrects && Said(a) == Said(b);
}

bool SameContent(const Withdrawal& a, const Withdrawal& b) {
  return std::tie(a.period, a.reading_id, a.withdrawal_id, a.reason) ==
         std::tie(b.period, b.reading_id, b.withdrawal_id, b.reason);
}

bool SameContent(const Comment& a, const Comment& b) {
  return std::tie(a.period, a.comment_id, a.text) == std::tie(b.period, b.comment_id, b.text);
}

bool Confirms(const Reading& reading, const Reading& in_force) {
  return reading.seldom->corrects.empty() && Said(reading) == Said(in_force);
}

bool SaysProvisional(const Reading& reading) {
  const char status = reading.observation_status;
  return status == 'P' || status == 'E' || status == 'F';
}

CellState StateOfAbsence(const Reading& reading) {
  switch (reading.observation_status) {
    case 'M':
      return CellState::kNotApplicable;
    case 'Q':
      return CellState::kSuppressed;
    case 'L':
      return CellState::kNotCollected;
    default:
      return CellState::kMissing;
  }
}

std::optional<core::Decimal> FigureOf(const Reading& reading, Figure figure) {
  const Measurement& measurement = reading.measurement;
  const auto* ratio = std::get_if<Ratio>(&measurement);
  const auto* mean = std::get_if<WeightedMean>(&measurement);
  switch (figure) {
    case Figure::kValue:
      if (const auto* value = std::get_if<core::Decimal>(&measurement)) return *value;
      if (ratio != nullptr) return ratio->value;
      if (mean != nullptr) return mean->mean;
      return std::nullopt;
    case Figure::kNumerator:
      return ratio != nullptr ? std::optional(ratio->numerator) : std::nullopt;
    case Figure::kDenominator:
      return ratio != nullptr ? std::optional(ratio->denominator) : std::nullopt;
    case Figure::kWeight:
      return mean != nullptr ? std::optional(mean->weight) : std::nullopt;
    case Figure::kVolume:
      return reading.seldom->other.volume;
    case Figure::kAmount:
      return reading.seldom->other.amount;
  }
  return std::nullopt;
}

std::string_view WhyNoValue(const Measurement& measurement) {
  const auto* ratio = std::get_if<Ratio>(&measurement);
  if (ratio != nullptr && ratio->denominator.IsZero()) return "0 out of 0: nothing happened, so there is no rate";
  const auto* mean = std::get_if<WeightedMean>(&measurement);
  if (mean != nullptr && mean->weight.IsZero())
    return "a mean over a weight of 0: nothing happened, so there is no mean";
  return "";
}

std::optional<core::Rational> ExactValue(const Measurement& measurement, const core::Decimal& ratio_multiplier) {
  if (const auto* value = std::get_if<core::Decimal>(&measurement)) return *value;
  if (!WhyNoValue(measurement).empty()) return std::nullopt;
  if (const auto* mean = std::get_if<WeightedMean>(&measurement)) return mean->mean;
  const auto* ratio = std::get_if<Ratio>(&measurement);
  if (ratio == nullptr) return std::nullopt;
  return core::Rational(ratio->numerator) * ratio_multiplier / ratio->denominator;
}

std::optional<core::Decimal> DisplayedValue(const Measurement& measurement, const Definition& definition) {
  if (const auto* value = std::get_if<core::Decimal>(&measurement)) return *value;
  if (!WhyNoValue(measurement).empty()) return std::nullopt;
  if (const auto* mean = std::get_if<WeightedMean>(&measurement)) return mean->mean;
  const auto* ratio = std::get_if<Ratio>(&measurement);
  if (ratio == nullptr) return std::nullopt;
  if (ratio->value) return ratio->value;
  const auto rounded = ExactValue(measurement, definition.ratio_multiplier)->Round(definition.decimal_places);
  return rounded.ok() ? std::optional(*rounded) : std::nullopt;
}

std::string MisfitOf(const Definition& definition, const Reading& reading) {
  if (!TakesReadingsOf(definition, reading.period)) {
    return absl::StrCat("the indicator no longer takes readings of ", reading.period.DisplayName());
  }
  const std::optional<Range>& allowed = InForceIn(definition, reading.period.last()).allowed_values;
  if (!allowed) return "";
  const std::optional<core::Rational> value = ExactValue(reading.measurement, definition.ratio_multiplier);
  if (!value) return "";
  const auto& [low, high] = *allowed;
  if (low && *value < *low) {
    return absl::StrCat("the figure ", value->ToText(core::Decimal::kMaxScale), " is below ", low->ToString(),
                        ", the lowest that the indicator allows");
  }
  if (high && *value > *high) {
    return absl::StrCat("the figure ", value->ToText(core::Decimal::kMaxScale), " is above ", high->ToString(),
                        ", the highest that the indicator allows");
  }
  return "";
}

}  // namespace bellwether::rating
