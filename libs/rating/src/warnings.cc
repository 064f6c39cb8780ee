#include "bellwether/rating/warnings.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bellwether/core/text.h"
#include "roll_up.h"
#include "stray.h"
#include "words.h"

namespace bellwether::rating {
namespace {

using core::Decimal;
using core::Rational;

// How far back "the usual" reaches, in periods.
constexpr size_t kUsual = 24;
// Beyond so many times the largest, or below such a part of the smallest of three or more, a figure is of another size.
constexpr int kTimes = 4;
// With two to compare with.
constexpr int kTimesOfTwo = 8;
// Counts and denominators below this vary by chance alone.
constexpr int kSmall = 20;
// Shares of populations below this often stay the same.
constexpr int kSmallPopulation = 100;

// Digits that say something: 3 of 95.5, 2 of 9200.
int SignificantDigits(const Decimal& figure) {
  std::string digits;
  for (const char c : figure.ToString()) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  const size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? 0 : static_cast<int>(digits.size() - first);
}

bool IsPercent(const Definition& definition) { return definition.unit == "percent"; }
bool IsCount(const Definition& definition) { return definition.unit == "count"; }

// Holds one reading against its definition and what came for earlier periods.
class Sceptic {
 public:
  Sceptic(const Definition& definition, const Reading& reading, const Slots& slots, core::Date came)
      : whole_(definition), definition_(InForceIn(definition, reading.period.last())), reading_(reading), came_(came) {
    if (const auto exact = ExactValue(reading.measurement, definition.ratio_multiplier)) value_ = *exact;
    Recall(slots);
  }

  std::vector<Warning> Doubts() {
    if (std::holds_alternative<NotAvailable>(reading_.measurement)) return {};
    NotShown();
    NotOver();
    OtherPair();
    if (value_) {
      AgainstItself();
      if (!earlier_.empty()) AgainstEarlier();
    }
    RunningAmountFell();
    return std::move(warnings_);
  }

 private:
  // The figures before, newest first: of the reading's kind of period, since the last break in the series.
  void Recall(const Slots& slots) {
    bool begins = reading_.observation_status == kBreak;
    earlier_.reserve(std::min(kUsual, slots.size()));
    for (auto slot = slots.lower_bound(reading_.period);
         slot != slots.begin() && !begins && earlier_.size() < kUsual;) {
      --slot;
      if (slot->first.kind() != reading_.period.kind()) break;  // Periods are in order of kind, then of time.
      if (IsRunningKind(InForceIn(whole_, slot->first.last())) != IsRunningKind(definition_)) break;
      if (!slot->second.reading || BreakBetween(slot->first)) continue;
      const Reading& before = *slot->second.reading;
      if (!Fits(whole_, before)) continue;
      if (const auto value = ExactValue(before.measurement, definition_.ratio_multiplier)) {
        earlier_.push_back({&before, *value});
      }
      begins = before.observation_status == kBreak;
    }
  }
  bool BreakBetween(const core::Period& before) const {
    return std::any_of(definition_.breaks.begin(), definition_.breaks.end(),
                       [&](core::Month b) { return before.first() < b && b <= reading_.period.last(); });
  }

  void Add(WarningKind kind, std::string message) {
    const auto silenced = std::find_if(definition_.silenced.begin(), definition_.silenced.end(),
                                       [&](const SilencedWarning& s) { return s.kind == kind; });
    if (silenced == definition_.silenced.end()) warnings_.push_back({kind, std::move(message)});
  }
  bool Told(WarningKind kind) const {
    return std::any_of(warnings_.begin(), warnings_.end(), [&](const Warning& w) { return w.kind == kind; });
  }

  std::string Text(const Rational& number) const { return WithUnit(NumberText(number, definition_), definition_); }
  std::string NameOf(const Figured& earlier) const { return earlier.reading->period.DisplayName(); }

  // A period that no cell of any report shows.
  void NotShown() {
    const core::Period& period = reading_.period;
    using Kind = core::Period::Kind;
    if (PeriodContaining(definition_, period.first()) == period) return;
    const bool quarters =
        (definition_.frequency == Frequency::kMonthly || definition_.frequency == Frequency::kQuarterly) &&
        definition_.quarter_rule != RollUpRule::kNotShown;
    const bool year_to_date = definition_.year_to_date_rule != RollUpRule::kNotShown;
    const core::Period own = PeriodContaining(definition_, period.last());
    const std::string none = absl::StrCat("no report has a cell for ", period.ToString(), " of ", definition_.ref,
                                          ": it is kept and never ");
    // A longer one whose last part is no report's any more.
    if (whole_.retired_from && own.first() >= *whole_.retired_from) {
      Add(WarningKind::kNotShown,
          absl::StrCat(none, "shown, since ", definition_.ref, " is retired from ", whole_.retired_from->ToString(),
                       "; send it for the indicator that goes on"));
      return;
    }
    if ((period.kind() == Kind::kQuarter && quarters) || (period.kind() == Kind::kYearToDate && year_to_date)) return;
    Add(WarningKind::kNotShown,
        absl::StrCat(none, "shown; send its own periods such as ", own.ToString(), quarters ? ", quarters" : "",
                     year_to_date ? absl::StrCat(", or the year to date such as ",
                                                 core::Period::YearToDate(own.last()).ToString())
                                  : ""));
  }

  void NotOver() {
    if (SaysProvisional(reading_)) return;  // Whoever says so knows it.
    const std::string& as_at = reading_.seldom->as_at;
    if (as_at.empty() && core::Month::Of(came_) > reading_.period.last()) return;  // As most are, without a calendar.
    const core::Date last = reading_.period.last().LastDay();
    core::Date read = last;  // What was read on the last day is that of the period.
    const bool early = absl::ParseCivilTime(as_at, &read) && read < last;
    if (came_ > last && !early) return;
    Add(WarningKind::kPeriodNotOver,
        absl::StrCat(reading_.period.DisplayName(), " is not over before ", absl::FormatCivilTime(last),
                     early ? absl::StrCat(", and its source was read on ", as_at) : "", ": check the period",
                     early ? " and the day" : "", ", or say that the figure is provisional (observation status P)"));
  }

  // Whether a quarter or a year to date is made of parts by the rule.
  bool Needs(RollUpRule rule) const {
    return (definition_.quarter_rule == rule && definition_.frequency == Frequency::kMonthly) ||
           (definition_.year_to_date_rule == rule && definition_.frequency != Frequency::kYearly);
  }

  // A pair of figures that stands in the place of the other one, so that nothing can be made of the two.
  void OtherPair() {
    const bool is_ratio = std::holds_alternative<Ratio>(reading_.measurement);
    const bool is_mean = std::holds_alternative<WeightedMean>(reading_.measurement);
    const bool takes_ratios = Needs(RollUpRule::kRatio);
    if (takes_ratios == Needs(RollUpRule::kWeightedMean) || !(takes_ratios ? is_mean : is_ratio)) return;
    if (reading_.period.kind() == core::Period::Kind::kYearToDate) return;  // It is no part of anything.
    Add(WarningKind::kCountsLeftOut,
        absl::StrCat(
            is_mean ? "a mean and its weight, where numerator and denominator are rolled up"
                    : "numerator and denominator, where a mean and its weight are rolled up",
            ": from these no quarter and no year to date can be computed; send those, each in its own column"));
  }

  void AgainstItself() {
    const bool bounded_above = definition_.allowed_values && definition_.allowed_values->high;
    const bool bounded_below = definition_.allowed_values && definition_.allowed_values->low;
    const auto* ratio = std::get_if<Ratio>(&reading_.measurement);
    if (IsPercent(definition_)) {
      if (ratio != nullptr && !bounded_above && Rational(ratio->numerator) > Rational(ratio->denominator)) {
        Add(WarningKind::kNumeratorAboveDenominator,
            absl::StrCat("the numerator, ", ratio->numerator.ToString(), ", is above the denominator, ",
                         ratio->denominator.ToString(), ", which gives ", Text(*value_),
                         ": correct them, or state allowed_values if more than 100% can be"));
      } else if (!bounded_above && *value_ > Rational(100)) {
        Add(WarningKind::kOutsidePercent, absl::StrCat(Text(*value_), " is above 100%: correct it, or state ",
                                                       "allowed_values if more than 100% can be"));
      } else if (!bounded_below && value_->Sign() < 0) {
        Add(WarningKind::kOutsidePercent, absl::StrCat(Text(*value_), " is below 0%: correct it, or state ",
                                                       "allowed_values if less than 0% can be"));
      }
    }
    if (!IsCount(definition_)) return;
    if (!bounded_below && value_->Sign() < 0) {
      Add(WarningKind::kNegativeCount,
          absl::StrCat(Text(*value_), " is a count below zero: correct it, or state allowed_values"));
    }
    const auto* counted = std::get_if<Decimal>(&reading_.measurement);
    if (counted != nullptr && definition_.decimal_places == 0) {
      const auto whole = value_->Round(0);
      if (whole.ok() && Rational(*whole) != *value_) {
        Add(WarningKind::kPartOfACount,
            absl::StrCat(counted->ToString(), " is a part of a count: correct it, or state ",
                         "decimal_places if parts are counted"));
      }
    }
  }

  void AgainstEarlier() {
    const Figured& last = earlier_.front();
    const auto* bare = std::get_if<Decimal>(&reading_.measurement);
    const bool had_ratio = std::holds_alternative<Ratio>(last.reading->measurement);
    const bool had_weight = std::holds_alternative<WeightedMean>(last.reading->measurement);
    if (bare != nullptr &&
        ((had_ratio && Needs(RollUpRule::kRatio)) || (had_weight && Needs(RollUpRule::kWeightedMean)))) {
      Add(WarningKind::kCountsLeftOut,
          absl::StrCat("a bare value, where ", NameOf(last), " came with its ",
                       had_ratio ? "numerator and denominator" : "weight",
                       ": without them no quarter and no year to date can be computed; send them too"));
    }
    CarriedForward();
    ShareForPercent();
    RunningFell();
    OtherSize();
    if (!warnings_.empty()) return;  // It may be what follows from that.
    if (auto message = FarFromUsual(definition_, {&reading_, *value_}, earlier_, IsRunningKind(definition_));
        !message.empty()) {
      Add(WarningKind::kOtherSize, std::move(message));
    }
  }

  // The very figure of an earlier period, where so the same again is no coincidence.
  void CarriedForward() {
    const auto same = [&](const Figured& e) { return SaysTheSame(reading_, *e.reading); };
    const auto found = std::find_if(earlier_.begin(), earlier_.end(), same);
    if (found == earlier_.end()) return;
    const bool is_last = found == earlier_.begin();
    // What comes often is no copy.
    if (std::count_if(found, earlier_.end(), same) > (is_last ? 2 : 1)) return;
    if (earlier_.size() < kFewestForUsual
            ? !is_last || !IsDistinctOfFew()
            : !IsRareAmong(is_last ? 1 : kUsual, definition_, {&reading_, *value_}, earlier_))
      return;
    Add(WarningKind::kCarriedForward, absl::StrCat("the same figure as that of ", NameOf(*found), ", ",
                                                   Text(found->value), ": if it was copied from there, correct it"));
  }
  bool IsDistinctOfFew() const {
    if (earlier_.front().reading->period.Next() != reading_.period) return false;
    for (size_t i = 1; i < earlier_.size(); ++i) {
      if (SaysTheSame(*earlier_[i - 1].reading, *earlier_[i].reading)) return false;
    }
    return IsDistinct(reading_.measurement, earlier_.size());
  }
  static bool SaysTheSame(const Reading& a, const Reading& b) { return a.measurement == b.measurement; }
  // So many digits that the same again is no coincidence: fewer are asked for where more figures always moved.
  static bool IsDistinct(const Measurement& measurement, size_t earlier) {
    const int digits = earlier >= 3 ? 3 : 4;
    if (const auto* ratio = std::get_if<Ratio>(&measurement)) {
      return Rational(ratio->denominator) >= Rational(kSmallPopulation) && !ratio->numerator.IsZero() &&
             !core::SameValue(ratio->numerator, ratio->denominator);
    }
    if (const auto* mean = std::get_if<WeightedMean>(&measurement)) {
      return SignificantDigits(mean->mean) >= digits || Rational(mean->weight) >= Rational(kSmallPopulation);
    }
    const auto* value = std::get_if<Decimal>(&measurement);
    return value != nullptr && SignificantDigits(*value) >= digits;
  }

  // 0.93 among 92 and 100.
  void ShareForPercent() {
    if (!IsPercent(definition_) || value_->Sign() <= 0 || *value_ > Rational(1)) return;
    const Rational percent = *value_ * Rational(100);
    const auto& [low, high] = Ends(earlier_.size(), [](const Figured& e) { return e.value; });
    // Where small percentages are usual, 0.9 may be one.
    if (low < Rational(5) && *value_ * Rational(20) > low) return;
    if (percent * Rational(2) < low || percent > high * Rational(2)) return;
    Add(WarningKind::kShareForPercent,
        absl::StrCat(Text(*value_), " looks like a share of one, where ", Between(low, high),
                     " came before: ", Text(percent), " is meant, if so"));
  }

  // Whether a figure of the reading's kind of period, to which `then` applied, runs through its year.
  bool IsRunningKind(const Definition& then) const {
    if (reading_.period.kind() == core::Period::Kind::kYearToDate) {
      return then.year_to_date_rule == RollUpRule::kSum || then.year_to_date_rule == RollUpRule::kCumulative;
    }
    return IsRunning(then);
  }
  bool InTheSameYear(const core::Period& before) const {
    return YearStart(definition_, before.last()) == YearStart(definition_, reading_.period.last());
  }

  // What runs through the year does not fall in it. A share of what came so far may.
  void RunningFell() {
    const Figured& last = earlier_.front();
    if (!IsRunningKind(definition_) || !InTheSameYear(last.reading->period)) return;
    const auto tell = [&](const char* what, const std::string& now, const std::string& before) {
      Add(WarningKind::kRunningFell,
          absl::StrCat("the running ", what, ", ", now, ", is below that of ", NameOf(last), ", ", before,
                       ": what runs through the year does not fall in it; correct one of them"));
    };
    const auto* now = std::get_if<Ratio>(&reading_.measurement);
    const auto* before = std::get_if<Ratio>(&last.reading->measurement);
    if (now != nullptr && before != nullptr) {
      const bool numerator = Rational(now->numerator) < Rational(before->numerator);
      if (!numerator && Rational(now->denominator) >= Rational(before->denominator)) return;
      return numerator ? tell("numerator", now->numerator.ToString(), before->numerator.ToString())
                       : tell("denominator", now->denominator.ToString(), before->denominator.ToString());
    }
    if (!IsPercent(definition_) && *value_ < last.value) tell("figure", Text(*value_), Text(last.value));
  }

  // Ten times the usual, or a tenth; a thousand lost.
  void OtherSize() {
    if (earlier_.size() < 2 || Told(WarningKind::kOutsidePercent) || Told(WarningKind::kShareForPercent) ||
        Told(WarningKind::kNumeratorAboveDenominator)) {
      return;
    }
    const bool running = IsRunningKind(definition_);
    if (running && IsPercent(definition_)) return;
    if (const auto* ratio = std::get_if<Ratio>(&reading_.measurement);
        ratio != nullptr && Rational(ratio->denominator) < Rational(kSmall)) {
      return;
    }
    // What runs through the year is compared by the month.
    const auto monthly = [&](const Rational& value, const core::Period& period) {
      return running ? value / Rational(period.last() - YearStart(definition_, period.last()) + 1) : value;
    };
    const auto& [low, high] =
        Ends(earlier_.size(), [&](const Figured& e) { return monthly(e.value, e.reading->period); });
    const Rational largest = core::Max(high, -low);
    // Between a loss and a gain lies whatever is smaller than both.
    const Rational smallest = core::Max(core::Max(low, -high), Rational());
    const Rational now = monthly(*value_, reading_.period);
    const Rational size = now.Abs();
    const Rational times(earlier_.size() == 2 ? kTimesOfTwo : kTimes);
    const Rational small(IsCount(definition_) ? kSmall : IsPercent(definition_) ? kSmall / 2 : 0);
    const bool larger = largest.Sign() > 0 && size > largest * times && size >= small;
    const bool smaller = size.Sign() > 0 && size * times < smallest && smallest >= small;
    // Between losses and gains lie small ones.
    if ((!larger && !smaller) || (low <= now && now <= high)) return;
    Add(WarningKind::kOtherSize,
        absl::StrCat(Text(*value_), " is far ", now > high ? "above" : "below", " what came before, ",
                     Between(low, high), running ? " a month" : "", ": check its digits, its point and its unit"));
  }

  void RunningAmountFell() {
    const bool runs = std::any_of(definition_.checks.begin(), definition_.checks.end(),
                                  [](const Check& check) { return std::holds_alternative<RunningAmount>(check); });
    if (!runs || !reading_.seldom->other.amount || earlier_.empty()) return;
    const Reading& last = *earlier_.front().reading;
    if (!last.seldom->other.amount || !InTheSameYear(last.period)) return;
    if (Rational(*reading_.seldom->other.amount) >= Rational(*last.seldom->other.amount)) return;
    Add(WarningKind::kRunningFell,
        absl::StrCat("the running amount, ", core::WithThousands(reading_.seldom->other.amount->ToString()),
                     ", is below that of ", last.period.DisplayName(), ", ",
                     core::WithThousands(last.seldom->other.amount->ToString()), ": correct one of them"));
  }

  // The smallest and the largest of the newest earlier figures.
  template <typename F>
  std::pair<Rational, Rational> Ends(size_t count, const F& of) const {
    std::pair<Rational, Rational> ends(of(earlier_.front()), of(earlier_.front()));
    for (size_t i = 1; i < count; ++i) {
      Rational value = of(earlier_[i]);
      if (value < ends.first) ends.first = value;
      if (value > ends.second) ends.second = std::move(value);
    }
    return ends;
  }
  std::string Between(const Rational& low, const Rational& high) const {
    return low == high ? Text(low) : absl::StrCat(Text(low), " to ", Text(high));
  }

  const Definition& whole_;
  const Definition& definition_;  // In force for the reading.
  const Reading& reading_;
  const core::Date came_;
  std::optional<Rational> value_;
  std::vector<Figured> earlier_;  // Newest first.
  std::vector<Warning> warnings_;
};

}  // namespace

std::vector<Warning> WarningsOf(const Definition& definition, const Reading& reading, const Slots& slots,
                                core::Date came) {
  return Sceptic(definition, reading, slots, came).Doubts();
}

std::vector<Warning> WarningsOf(const Definition& definition, const Comment& comment) {
  const Definition& then = InForceIn(definition, comment.period.last());
  const core::Period own = PeriodContaining(then, comment.period.last());
  if (comment.text.empty() || own == comment.period) return {};
  return {{WarningKind::kNotShown,
           absl::StrCat("no report shows words about ", comment.period.ToString(), " of ", definition.ref,
                        ": they are kept with its history; write them for ", own.ToString())}};
}

core::Date DayOf(const RecordedAt& recorded) {
  if (recorded.time == absl::InfinitePast()) return (core::Date::max)();
  return absl::ToCivilDay(recorded.time + absl::Hours(1), absl::UTCTimeZone());
}

}  // namespace bellwether::rating
