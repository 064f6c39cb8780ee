#include "stray.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "roll_up.h"
#include "usual.h"
#include "words.h"

namespace bellwether::rating {
namespace {

using core::Decimal;
using core::Rational;

// A figure is far from the usual beyond so many times what half of those before missed it by, and beyond so many halves
// of what the others did.
constexpr int kTimesTypical = 6;
constexpr int kHalvesOfWidest = 3;
// The square of so many standard deviations: by less chance alone moves a count or a share.
constexpr int kChance = 16;
// What nobody minds: points of a percentage, and a part of other figures.
constexpr int kPoints = 1;
constexpr int kPart = 20;
// What comes by chance once in so many figures is not told.
constexpr int64_t kRare = 40;
constexpr size_t kMonthsOfYear = 12;

// A number in a reading.
using Part = std::optional<Rational> (*)(const Figured& figured);

template <Figure figure>
std::optional<Rational> Given(const Figured& figured) {
  const auto decimal = FigureOf(*figured.reading, figure);
  return decimal ? std::optional<Rational>(*decimal) : std::nullopt;
}
std::optional<Rational> Exact(const Figured& figured) { return figured.value; }
// What of a ratio's denominator is not in its numerator.
std::optional<Rational> Remainder(const Figured& figured) {
  const auto* ratio = std::get_if<Ratio>(&figured.reading->measurement);
  return ratio != nullptr ? std::optional<Rational>(Rational(ratio->denominator) - ratio->numerator) : std::nullopt;
}

int PlacesOf(const Decimal& figure) { return figure.scale(); }
int PlacesOf(const Ratio& ratio) {
  return std::max({ratio.numerator.scale(), ratio.denominator.scale(), ratio.value ? ratio.value->scale() : 0});
}
int PlacesOf(const WeightedMean& mean) { return std::max(mean.mean.scale(), mean.weight.scale()); }
int PlacesOf(const NotAvailable& /*absent*/) { return 0; }
// Of the finest number that is looked at.
int PlacesOf(const Reading& reading) {
  const std::optional<Decimal>& amount = reading.seldom->other.amount;
  return std::max(std::visit([](const auto& kind) { return PlacesOf(kind); }, reading.measurement),
                  amount ? amount->scale() : 0);
}

class History {
 public:
  History(const Definition& definition, const Figured& now, const std::vector<Figured>& earlier)
      : definition_(definition), now_(now), reading_(*now.reading), earlier_(earlier), places_(Places()) {}

  // 4552.111, where two places are usual: a digit too many.
  std::string MorePlaces() const {
    const std::optional<Decimal> now = FigureOf(reading_, Figure::kValue);
    int places = definition_.decimal_places;
    if (!now || now->scale() <= places || earlier_.size() < kFewestForUsual) return "";
    for (const Figured& e : earlier_) {
      if (const auto before = FigureOf(*e.reading, Figure::kValue)) places = std::max(places, before->scale());
    }
    if (now->scale() <= places) return "";
    return absl::StrCat(core::WithThousands(now->ToString()), " has more decimal places than any before, ", places,
                        ": check its digits and its point");
  }

  // Of `running` numbers what each month added is looked at.
  std::string Far(std::string_view name, Part part, bool running, bool counted) const {
    const auto now = TicksOf(now_, part, places_);
    if (!now) return "";
    Series series = SeriesOf(part, places_);
    int64_t held = *now;
    if (running) {
      if (series.size() <= kMonthsOfYear) return "";  // No year's beginning was seen.
      held = Added(series, series.size(), {0, *now});
      for (size_t i = series.size(); i-- > 0;) series[i].value = Added(series, i, series[i]);
    }
    if (series.size() < kFewestForUsual) return "";
    // Near to the last one, or to the middle, is not far; and a year begins as it began before.
    const bool is_figure = part == Exact;
    const int64_t last = series.back().value;
    const int64_t middle = MiddleOfYear(series);
    const auto by_chance = [&](int64_t expected) { return ByChance(held, expected, *now - held, counted, is_figure); };
    if (by_chance(last) || by_chance(middle)) return "";
    const auto usual = UsualOf(series, 0);
    // Where figures mostly stay the same, that one moves says nothing.
    if (!usual || usual->typical == 0 || by_chance(usual->expected)) return "";
    const auto is_far_from = [&](int64_t figure) {
      const int64_t miss = std::abs(held - figure);
      return miss > usual->typical * kTimesTypical && miss * 2 > usual->widest * kHalvesOfWidest;
    };
    if (!is_far_from(usual->expected) || !is_far_from(last) || !is_far_from(middle)) return "";
    if (const auto before = AYearBefore(series, 0); running && before && !is_far_from(*before)) return "";
    const int64_t expected = *now - held + usual->expected;
    const auto text = [&](int64_t ticks) {
      const Rational number = Rational(ticks) / Rational(core::PowerOfTen(places_));
      return name.empty() ? WithUnit(NumberText(number, definition_), definition_)
                          : core::WithThousands(number.ToText(places_));
    };
    return absl::StrCat(core::ToAbsl(name), text(*now), name.empty() ? "" : ",", " is far ",
                        *now > expected ? "above" : "below", " what was to be expected, about ", text(expected),
                        "; nearly all before came within ", text(usual->widest),
                        " of it: check its digits, its point, its period and its row");
  }

  // One in how many figures is the same as another by chance.
  int64_t Odds(Part part) const {
    int places = 0;
    for (const Figured& e : earlier_) {
      const auto number = part(e);
      const auto decimal = number ? number->ToDecimal() : std::nullopt;
      if (decimal) places = std::max(places, decimal->scale());
    }
    const auto step = TypicalStep(SeriesOf(part, places));
    return step ? std::clamp<int64_t>(*step * 4, 1, 1'000'000) : 1;
  }

 private:
  // Enough for all figures that came as they are, and for ratios.
  int Places() const {
    int places = definition_.decimal_places + (std::holds_alternative<Ratio>(reading_.measurement) ? 2 : 0);
    places = std::max(places, PlacesOf(reading_));
    for (const Figured& e : earlier_) places = std::max(places, PlacesOf(*e.reading));
    return std::min(places, Decimal::kMaxScale);
  }
  static std::optional<int64_t> TicksOf(const Figured& figured, Part part, int places) {
    const auto number = part(figured);
    if (!number) return std::nullopt;
    const auto rounded = number->Round(places);
    if (!rounded.ok()) return std::nullopt;
    const int64_t ticks = rounded->units();
    return std::abs(ticks) <= kLargestTick ? std::optional(ticks) : std::nullopt;
  }
  Series SeriesOf(Part part, int places) const {
    Series series;
    series.reserve(earlier_.size());
    for (auto e = earlier_.rbegin(); e != earlier_.rend(); ++e) {
      const auto ticks = TicksOf(*e, part, places);
      if (ticks) series.push_back({e->reading->period.last() - reading_.period.last(), *ticks});
    }
    return series;
  }
  // What the point at `i` added in a month to the one before it in its year.
  int64_t Added(const Series& series, size_t i, const Point& point) const {
    const auto year = [&](int month) { return YearStart(definition_, reading_.period.last() + month); };
    if (i > 0 && year(series[i - 1].month) == year(point.month)) {
      return (point.value - series[i - 1].value) / (point.month - series[i - 1].month);
    }
    return point.value / (reading_.period.last() + point.month - year(point.month) + 1);
  }
  // Whether chance alone may do it, or nobody minds. `before`: the running figure to which it is added.
  bool ByChance(int64_t held, int64_t expected, int64_t before, bool counted, bool is_figure) const {
    const Rational one(core::PowerOfTen(places_));
    const Rational miss = Rational(std::abs(held - expected)) / one;
    const Rational usual = Rational(std::abs(expected)) / one;
    if (counted && miss * miss <= Rational(kChance) * usual) return true;
    if (!is_figure || definition_.unit != "percent") return miss * Rational(kPart) < usual;
    if (miss < Rational(kPoints)) return true;
    const auto* ratio = std::get_if<Ratio>(&reading_.measurement);
    if (ratio == nullptr) return false;
    const Rational hundred(100);
    const Rational middle = Rational(2 * before + held + expected) / (one * Rational(2));
    return miss * miss * ratio->denominator <= Rational(kChance) * middle * (hundred - middle);
  }

  const Definition& definition_;
  const Figured& now_;
  const Reading& reading_;
  const std::vector<Figured>& earlier_;
  const int places_;
};

}  // namespace

std::string FarFromUsual(const Definition& definition, const Figured& now, const std::vector<Figured>& earlier,
                         bool running) {
  const History history(definition, now, earlier);
  std::string message = history.MorePlaces();
  if (message.empty()) message = history.Far("", Exact, running, definition.unit == "count");
  if (message.empty()) message = history.Far("the denominator, ", Given<Figure::kDenominator>, running, true);
  if (message.empty()) message = history.Far("the weight, ", Given<Figure::kWeight>, running, true);
  if (message.empty()) message = history.Far("the running amount, ", Given<Figure::kAmount>, true, false);
  return message;
}

bool IsRareAmong(size_t figures, const Definition& definition, const Figured& now,
                 const std::vector<Figured>& earlier) {
  const History history(definition, now, earlier);
  const int64_t rare = kRare * static_cast<int64_t>(figures);
  const Reading& reading = *now.reading;
  if (const auto* ratio = std::get_if<Ratio>(&reading.measurement)) {
    if (ratio->numerator.IsZero() || core::SameValue(ratio->numerator, ratio->denominator)) return false;
    return history.Odds(Given<Figure::kDenominator>) *
               std::min(history.Odds(Given<Figure::kNumerator>), history.Odds(Remainder)) >=
           rare;
  }
  if (std::holds_alternative<WeightedMean>(reading.measurement)) {
    return history.Odds(Exact) * history.Odds(Given<Figure::kWeight>) >= rare;
  }
  const auto& value = std::get<Decimal>(reading.measurement);
  const bool is_end = value.IsZero() || (definition.unit == "percent" && Rational(value) == Rational(100));
  return !is_end && history.Odds(Exact) >= rare;
}

}  // namespace bellwether::rating
