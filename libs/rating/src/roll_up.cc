#include "roll_up.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "bellwether/core/text.h"

namespace bellwether::rating {
namespace {

// What keeps a part from giving its figures.
enum class Lack {
  kNothing,          // It gives them.
  kNothingHappened,  // 0 out of 0, or a mean of nothing: it is there and adds nothing.
  kNoReading,
  kWithdrawn,
  kNotAvailable,
  kNotApplicable,
  kSuppressed,
  kNotCollected,
  kMisfit,
  kOtherFigures,  // Such as a bare value where numerator and denominator are needed.
  kDivided,
};

bool IsUsable(Lack lack) { return lack == Lack::kNothing || lack == Lack::kNothingHappened; }

Lack LackOf(const Definition& definition, RollUpRule rule, const Slot* slot) {
  if (slot == nullptr) return Lack::kNoReading;
  if (!slot->reading) return Lack::kWithdrawn;
  const Reading& reading = *slot->reading;
  if (std::holds_alternative<NotAvailable>(reading.measurement)) {
    switch (StateOfAbsence(reading)) {
      case CellState::kNotApplicable:
        return Lack::kNotApplicable;
      case CellState::kSuppressed:
        return Lack::kSuppressed;
      case CellState::kNotCollected:
        return Lack::kNotCollected;
      default:
        return Lack::kNotAvailable;
    }
  }
  if (!Fits(definition, reading)) return Lack::kMisfit;
  if (rule == RollUpRule::kRatio && !std::holds_alternative<Ratio>(reading.measurement)) return Lack::kOtherFigures;
  if (rule == RollUpRule::kWeightedMean && !std::holds_alternative<WeightedMean>(reading.measurement)) {
    return Lack::kOtherFigures;
  }
  return WhyNoValue(reading.measurement).empty() ? Lack::kNothing : Lack::kNothingHappened;
}

Lack LackOf(RollUpRule rule, const Part& part) {
  const Lack lack = LackOf(*part.definition, rule, part.slot);
  return part.divided && (!part.running || IsUsable(lack)) ? Lack::kDivided : lack;
}

std::string Words(RollUpRule rule, const Part& part, Lack lack) {
  const std::string name = part.period.DisplayName();
  switch (lack) {
    case Lack::kNoReading:
      return name + " has no reading";
    case Lack::kWithdrawn:
      return absl::StrCat("the reading of ", name, " was withdrawn");
    case Lack::kNotAvailable:
    case Lack::kNotApplicable:
    case Lack::kSuppressed:
    case Lack::kNotCollected: {
      // Whole in the part's own cell; here there may be three, in each of five cells.
      const std::string reason = core::Shorten(std::get<NotAvailable>(part.slot->reading->measurement).reason, 60);
      return absl::StrCat("the figure of ", name,
                          lack == Lack::kNotApplicable  ? " is not applicable"
                          : lack == Lack::kSuppressed   ? " is suppressed"
                          : lack == Lack::kNotCollected ? " was not collected"
                                                        : " is not available",
                          reason.empty() ? "" : ": ", reason);
    }
    case Lack::kMisfit:
      return absl::StrCat("the reading of ", name, " does not fit: ", MisfitOf(*part.definition, *part.slot->reading));
    case Lack::kOtherFigures:
      return absl::StrCat(name, " has no ", rule == RollUpRule::kRatio ? "numerator and denominator" : "weight");
    case Lack::kDivided:
      if (!part.running) return name + " begins before the year to date and cannot be divided";
      return absl::StrCat("the figure of ", name, " is the year so far (rule cumulative), which does not add up ",
                          rule == RollUpRule::kMean ? "to a mean" : "with others");
    case Lack::kNothing:
    case Lack::kNothingHappened:
      break;
  }
  return "";
}

CellState AbsenceOf(Lack lack) {
  switch (lack) {
    case Lack::kNoReading:
    case Lack::kNotAvailable:
      return CellState::kMissing;
    case Lack::kWithdrawn:
      return CellState::kWithdrawn;
    case Lack::kNotApplicable:
      return CellState::kNotApplicable;
    case Lack::kSuppressed:
      return CellState::kSuppressed;
    case Lack::kNotCollected:
      return CellState::kNotCollected;
    case Lack::kNothing:
    case Lack::kNothingHappened:
    case Lack::kMisfit:
    case Lack::kOtherFigures:
    case Lack::kDivided:
      break;
  }
  return CellState::kNotComputable;
}

// The absence that all parts have in common. Different ones are none: each is named.
CellState CommonAbsence(RollUpRule rule, const Parts& parts) {
  const auto absence_of = [&](const Part& part) { return AbsenceOf(LackOf(rule, part)); };
  const CellState absence = absence_of(parts.front());
  const bool common = std::all_of(parts.begin(), parts.end(), [&](const Part& p) { return absence_of(p) == absence; });
  return common ? absence : CellState::kNotComputable;
}

// Says which parts lack what: the first three, and how many more.
RolledUp Lacking(RollUpRule rule, const Parts& parts) {
  constexpr int kNamed = 3;
  RolledUp result;
  result.state = CommonAbsence(rule, parts);
  if (result.state == CellState::kMissing || result.state == CellState::kWithdrawn) return result;
  int lacking = 0;
  for (const Part& part : parts) {
    const Lack lack = LackOf(rule, part);
    if (IsUsable(lack) || ++lacking > kNamed) continue;
    absl::StrAppend(&result.reason, lacking == 1 ? "" : "; ", Words(rule, part, lack));
  }
  if (lacking > kNamed) {
    absl::StrAppend(&result.reason, "; and ", lacking - kNamed,
                    lacking == kNamed + 1 ? " more part lacks" : " more parts lack");
  }
  return result;
}

RolledUp NotComputable(std::string reason) {
  RolledUp result;
  result.reason = std::move(reason);
  return result;
}

// Rounded to the definition's places, or to those of the finest part: else it would be rated otherwise than all its
// parts.
RolledUp Computed(const Definition& definition, const Parts& parts, core::Rational exact) {
  RolledUp result;
  int places = definition.decimal_places;
  for (const Part& part : parts) {
    const auto value = FigureOf(*part.slot->reading, Figure::kValue);
    if (value) places = std::max(places, value->scale());
  }
  const auto rounded = exact.Round(places);
  if (!rounded.ok()) return NotComputable(std::string(rounded.status().message()));
  result.state = CellState::kRated;
  result.displayed = *rounded;
  result.exact = std::move(exact);
  return result;
}

// The span's last part stands for the span, as it shows itself.
RolledUp LastPart(const Definition& definition, const Part& part) {
  const Measurement& measurement = part.slot->reading->measurement;
  RolledUp result;
  result.exact = ExactValue(measurement, definition.ratio_multiplier);
  result.displayed = DisplayedValue(measurement, definition);
  if (!result.exact || !result.displayed) {
    return NotComputable(absl::StrCat(part.period.DisplayName(), " is ", core::ToAbsl(WhyNoValue(measurement))));
  }
  result.state = CellState::kRated;
  return result;
}

RolledUp SumOrMean(const Definition& definition, RollUpRule rule, const Parts& parts) {
  core::Rational sum;
  int64_t count = 0;
  for (const Part& part : parts) {
    const auto value = ExactValue(part.slot->reading->measurement, definition.ratio_multiplier);
    if (!value) continue;  // Nothing happened.
    sum += *value;
    ++count;
  }
  if (count == 0) {
    return NotComputable(
        absl::StrCat("every part is ", core::ToAbsl(WhyNoValue(parts.front().slot->reading->measurement))));
  }
  return Computed(definition, parts, rule == RollUpRule::kSum ? sum : sum / core::Rational(count));
}

RolledUp RatioOfSums(const Definition& definition, const Parts& parts) {
  core::Rational numerator;
  core::Rational denominator;
  for (const Part& part : parts) {
    const auto& ratio = std::get<Ratio>(part.slot->reading->measurement);
    numerator += ratio.numerator;
    denominator += ratio.denominator;
  }
  RolledUp result = denominator.IsZero()
                        ? NotComputable("every part is 0 out of 0: nothing happened, so there is no rate")
                        : Computed(definition, parts, numerator * definition.ratio_multiplier / denominator);
  result.numerator = numerator.ToDecimal();
  result.denominator = denominator.ToDecimal();
  return result;
}

RolledUp MeanByWeight(const Definition& definition, const Parts& parts) {
  core::Rational sum;
  core::Rational weight;
  for (const Part& part : parts) {
    const auto& mean = std::get<WeightedMean>(part.slot->reading->measurement);
    sum += core::Rational(mean.mean) * mean.weight;
    weight += mean.weight;
  }
  RolledUp result = weight.IsZero() ? NotComputable("the weights add up to zero, so there is no mean")
                                    : Computed(definition, parts, sum / weight);
  result.numerator = sum.ToDecimal();
  result.denominator = weight.ToDecimal();
  return result;
}

// Appends a part of a span that begins in `first` and takes all its parts. A running figure takes the place of those
// before it, where the span begins with its year.
void AppendPart(const Definition& definition, SlotFinder& finder, RollUpRule rule, core::Month first,
                const core::Period& period, Parts* parts) {
  Part part{period, finder.Find(period), false, &finder.definition()};
  part.running = IsRunning(InForceIn(finder.definition(), period.last()));
  if (part.running) {
    part.divided = IsRunning(definition) || rule == RollUpRule::kMean || YearStart(definition, period.last()) != first;
    if (!part.divided) parts->clear();
  }
  parts->push_back(part);
}

// Appends the parts of [first, last], months of one year to date of a monthly indicator.
void AppendParts(const Definition& definition, SlotFinder& finder, RollUpRule rule, core::Month first, core::Month last,
                 Parts* parts) {
  core::Month month = first;
  while (month <= last) {
    const core::Period quarter = core::Period::QuarterOf(month, definition.reporting_year);
    const bool whole = quarter.first() == month && quarter.last() <= last;
    const core::Month end = whole ? quarter.last() : month;
    for (; month <= end; month = month + 1) {
      AppendPart(definition, finder, rule, first, core::Period::OfMonth(month), parts);
    }
    // All its months, or else its supplied figure; where neither will do, what there is says what lacks.
    if (!whole || finder.HasOnlyMonths()) continue;
    const auto own = std::find_if(parts->begin(), parts->end(),
                                  [&](const Part& part) { return part.period.first() >= quarter.first(); });
    const auto months = absl::MakeConstSpan(&*own, static_cast<size_t>(parts->end() - own));
    const auto usable = [&](const Slot* slot) { return IsUsable(LackOf(finder.definition(), rule, slot)); };
    if (std::all_of(months.begin(), months.end(), [&](const Part& part) { return usable(part.slot); })) continue;
    const Slot* supplied = finder.Find(quarter);
    if (supplied == nullptr || !supplied->reading) continue;
    const bool any =
        std::any_of(months.begin(), months.end(), [](const Part& p) { return p.slot != nullptr && p.slot->reading; });
    if (any && !usable(supplied)) continue;
    // A running quarter is the year so far, and replaces all before it.
    parts->erase(InForceIn(finder.definition(), quarter.last()).quarter_running ? parts->begin() : own, parts->end());
    AppendPart(definition, finder, rule, first, quarter, parts);
  }
}

}  // namespace

// Months come first in the order of periods, and in time.
SlotFinder::SlotFinder(const Definition& definition, const Slots& slots, const RecordedAt& definition_recorded,
                       core::Month last)
    : definition_(definition),
      slots_(slots),
      only_months_(slots.empty() || slots.rbegin()->first.kind() == core::Period::Kind::kMonth),
      last_(last),
      count_(slots.upper_bound(core::Period::OfMonth(last)) - slots.begin()),
      newest_(definition_recorded) {}

const Slot* SlotFinder::FindLonger(const core::Period& period) const {
  if (only_months_) return nullptr;
  const auto found = slots_.find(period);
  return found == slots_.end() ? nullptr : &found->second;
}

core::Month YearStart(const Definition& definition, core::Month last) {
  const core::Month first = core::FirstMonthOfYear(last, definition.year_basis);
  const std::optional<core::Month>& active = definition.active_from;
  return active && first < *active && *active <= last ? *active : first;
}

void AppendPartsOfQuarter(const Definition& definition, SlotFinder& finder, const core::Period& quarter, Parts* parts) {
  const RollUpRule rule = definition.quarter_rule;
  if (!NeedsAllParts(rule)) {
    const core::Period last = core::Period::OfMonth(quarter.last());
    parts->push_back({last, finder.Find(last), false, &finder.definition()});
    return;
  }
  core::Month first = quarter.first();  // Of the span.
  core::Month month = first;
  if (definition.quarter_running) {
    first = YearStart(definition, quarter.last());
    if (first > month) month = first;
    AppendParts(definition, finder, rule, first, month - 1, parts);
  } else if (definition.active_from && *definition.active_from > month) {
    first = month = *definition.active_from;
  }
  for (; month <= quarter.last(); month = month + 1) {
    AppendPart(definition, finder, rule, first, core::Period::OfMonth(month), parts);
  }
}

void AppendPartsOfYearToDate(const Definition& definition, SlotFinder& finder, const core::Period& period,
                             Parts* parts) {
  const RollUpRule rule = definition.year_to_date_rule;
  if (!NeedsAllParts(rule)) {
    parts->push_back({period, finder.Find(period), false, &finder.definition()});
    return;
  }
  const core::Month start = YearStart(definition, period.last());
  if (definition.frequency == Frequency::kMonthly)
    return AppendParts(definition, finder, rule, start, period.last(), parts);
  for (core::Period own = PeriodContaining(definition, start); own.last() <= period.last(); own = own.Next()) {
    if (own.first() < core::FirstMonthOfYear(period.last(), definition.year_basis)) {
      parts->push_back({own, nullptr, true, &finder.definition()});
    } else {
      AppendPart(definition, finder, rule, start, own, parts);
    }
  }
}

std::optional<core::Month> BreakWithin(const Definition& definition, const Parts& parts) {
  std::optional<core::Month> last;
  if (parts.size() < 2) return last;
  const auto see = [&](core::Month month) {
    const bool within = month > parts.front().period.first() && month <= parts.back().period.last();
    if (within && (!last || month > *last)) last = month;
  };
  for (const core::Month month : definition.breaks) see(month);
  for (const Part& part : parts) {
    if (part.slot != nullptr && part.slot->reading && part.slot->reading->observation_status == kBreak) {
      see(part.period.first());
    }
  }
  return last;
}

char LeastSure(const Parts& parts) {
  constexpr std::string_view kLeastSureFirst = "FPEUIV";
  size_t least = kLeastSureFirst.size();
  for (const Part& part : parts) {
    if (part.slot == nullptr || !part.slot->reading || part.slot->reading->observation_status == 'A') continue;
    least = std::min(least, kLeastSureFirst.find(part.slot->reading->observation_status));
  }
  return least == kLeastSureFirst.size() ? 'A' : kLeastSureFirst[least];
}

RolledUp RollUp(const Definition& definition, RollUpRule rule, const Parts& parts) {
  for (const Part& part : parts) {
    if (!IsUsable(LackOf(rule, part))) return Lacking(rule, parts);
  }
  if (parts.empty()) return NotComputable("it has no parts");
  switch (rule) {
    case RollUpRule::kSum:
    case RollUpRule::kMean:
      return SumOrMean(definition, rule, parts);
    case RollUpRule::kRatio:
      return RatioOfSums(definition, parts);
    case RollUpRule::kWeightedMean:
      return MeanByWeight(definition, parts);
    case RollUpRule::kLatest:
    case RollUpRule::kCumulative:
      return LastPart(definition, parts.back());
    case RollUpRule::kSupplied:
    case RollUpRule::kNotShown:
      break;
  }
  return NotComputable("nothing is computed by this rule");
}

}  // namespace bellwether::rating
