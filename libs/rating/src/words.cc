#include "words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "target.h"

namespace bellwether::rating {
namespace {

std::string LimitText(const ToleranceLimit& limit) {
  switch (limit.kind) {
    case ToleranceLimit::Kind::kRelativePercent:
      return absl::StrCat(limit.amount.ToString(), "% of the target");
    case ToleranceLimit::Kind::kPoints:
      return absl::StrCat(limit.amount.ToString(), " percentage points");
    case ToleranceLimit::Kind::kAbsolute:
      return limit.amount.ToString();
    case ToleranceLimit::Kind::kEdge:
      return absl::StrCat("edge at ", limit.amount.ToString());
  }
  return "";
}

std::string ToleranceText(const Tolerance& tolerance) {
  std::string text;
  const auto append = [&](const char* side, const std::optional<ToleranceLimit>& limit) {
    if (limit) absl::StrAppend(&text, text.empty() ? "" : "; ", side, LimitText(*limit));
  };
  append("", tolerance.shortfall);
  append("below: ", tolerance.low);
  append("above: ", tolerance.high);
  if (tolerance.exclusive) absl::StrAppend(&text, "; the edge itself is not tolerated");
  return text;
}

std::string RangeText(const Range& range) {
  if (!range.low) return absl::StrCat("at most ", range.high ? range.high->ToString() : "any");
  if (!range.high) return absl::StrCat("at least ", range.low->ToString());
  return absl::StrCat(range.low->ToString(), " to ", range.high->ToString());
}

}  // namespace

std::string WithUnit(std::string_view number, const Definition& definition) {
  const std::string figure = core::WithThousands(number);
  if (definition.unit == "percent") return figure + "%";
  return definition.unit.empty() || definition.unit == "count" ? figure : absl::StrCat(figure, " ", definition.unit);
}

std::string DifferenceWithUnit(const core::Rational& difference, const Definition& definition) {
  const std::string number = NumberText(difference, definition);
  if (definition.unit != "percent") return WithUnit(number, definition);
  return absl::StrCat(number, number == "1" ? " percentage point" : " percentage points");
}

std::string NumberText(const core::Rational& number, const Definition& definition) {
  return number.ToText(std::min(core::Decimal::kMaxScale, definition.decimal_places + 4));
}

std::string ComparedText(const CellEvaluation& cell, const Definition& definition) {
  const bool as_displayed = cell.cell.value && core::Rational(*cell.cell.value) == *cell.compared;
  return as_displayed ? cell.cell.value->ToString() : NumberText(*cell.compared, definition);
}

std::string_view PolarityWords(Polarity polarity) {
  switch (polarity) {
    case Polarity::kHigher:
      return "higher is better";
    case Polarity::kLower:
      return "lower is better";
    case Polarity::kCloseTo:
      return "close to the target is better";
    case Polarity::kNone:
      break;
  }
  return "neither higher nor lower is better";
}

std::string_view JudgementWords(Judgement judgement) {
  switch (judgement) {
    case Judgement::kImproved:
      return "improved";
    case Judgement::kSame:
      return "the same";
    case Judgement::kWorseWithinTolerance:
      return "worse within tolerance";
    case Judgement::kWorse:
      return "worse";
    case Judgement::kChanged:
      return "changed, neither better nor worse";
    case Judgement::kNotComparable:
      break;
  }
  return "not comparable";
}

std::string Capitalised(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

void AppendInputs(const Slot* slot, std::vector<ExplanationInput>* inputs) {
  if (slot == nullptr || !slot->reading) return;
  const Reading& reading = *slot->reading;
  const auto append = [&](const char* name, const std::optional<core::Decimal>& value) {
    if (!value) return;
    inputs->push_back({name, value->ToString(), reading.period, reading.reading_id, reading.source, slot->recorded});
  };
  const bool is_mean = std::holds_alternative<WeightedMean>(reading.measurement);
  append(is_mean ? "mean" : "value", FigureOf(reading, Figure::kValue));
  append("numerator", FigureOf(reading, Figure::kNumerator));
  append("denominator", FigureOf(reading, Figure::kDenominator));
  append("weight", FigureOf(reading, Figure::kWeight));
  if (const auto* not_available = std::get_if<NotAvailable>(&reading.measurement)) {
    inputs->push_back(
        {"not available", not_available->reason, reading.period, reading.reading_id, reading.source, slot->recorded});
  }
}

void AppendTargetInputs(const CellEvaluation& cell, std::vector<ExplanationInput>* inputs) {
  if (!cell.target || cell.target->target == nullptr) return;
  const Target& target = *cell.target->target;
  const core::Month month = cell.cell.period.last();
  const auto append = [&](const char* name, std::string value) {
    ExplanationInput input;
    input.name = name;
    input.value = std::move(value);
    inputs->push_back(std::move(input));
  };
  if (const auto* range = std::get_if<Range>(&target.kind)) append("target range", RangeText(*range));
  if (const std::optional<core::Decimal> value = ValueOf(target, month)) {
    append("target", value->ToString());
    if (std::holds_alternative<Profile>(target.kind)) inputs->back().period = core::Period::OfMonth(month);
  }
  if (const auto* share = std::get_if<MonthlyShare>(&target.kind)) append("annual target", share->annual.ToString());
  if (target.effective_from) append("target in force from", target.effective_from->ToString());
  if (!target.wording.empty()) append("target as published", target.wording);
  if (target.tolerance) append("tolerance", ToleranceText(*target.tolerance));
}

}  // namespace bellwether::rating
