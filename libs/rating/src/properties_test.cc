// Laws that hold for every figure: scaling, mirroring, ratio and decimal, distance to an edge.
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

using core::Decimal;

// A month and the one before, a target, and a tolerance, in units of 10^-2.
struct World {
  Polarity polarity = Polarity::kHigher;
  int64_t previous = 0;
  int64_t current = 0;
  int64_t target_low = 0;
  int64_t target_high = 0;
  bool is_range = false;
  int tolerance_kind = 0;  // 0 none of its own, 1 absolute, 2 edges, 3 per cent.
  int64_t tolerance = 0;
  bool exclusive = false;
  int scheme = 0;
};

World AnyWorld() {
  World w;
  // Few values, so that edges are met.
  const auto value = [] { return static_cast<int64_t>(*rc::gen::inRange(-40, 41)) * 25; };
  w.polarity = *rc::gen::element(Polarity::kHigher, Polarity::kLower, Polarity::kCloseTo);
  w.previous = value();
  w.current = value();
  w.target_low = value();
  w.is_range = *rc::gen::arbitrary<bool>();
  w.target_high = w.is_range ? w.target_low + *rc::gen::inRange(0, 5) * 25 : w.target_low;
  w.tolerance_kind = *rc::gen::inRange(0, 4);
  w.tolerance = static_cast<int64_t>(*rc::gen::inRange(0, 8)) * 25;
  w.exclusive = *rc::gen::arbitrary<bool>();
  w.scheme = *rc::gen::inRange(0, 3);
  return w;
}

Scheme SchemeOf(int number) { return number == 0 ? CouncilScheme() : number == 1 ? TrustScheme() : StarScheme(); }

// The world with every figure multiplied by `factor` (which may be negative: then ends change sides).
Score ScoreTimes(const World& w, int64_t factor, Polarity polarity) {
  const auto times = [&](int64_t units) { return Decimal::FromUnits(units * factor, 2); };
  const auto magnitude = [&](int64_t units) { return Decimal::FromUnits(units * std::abs(factor), 2); };
  Definition definition = IndicatorOf(polarity, SchemeOf(w.scheme));
  Target target;
  const int64_t low = factor > 0 ? w.target_low : w.target_high;
  const int64_t high = factor > 0 ? w.target_high : w.target_low;
  if (w.is_range) {
    target.kind = Range{times(low), times(high)};
  } else {
    target.kind = times(low);
  }
  Tolerance tolerance;
  tolerance.exclusive = w.exclusive;
  const ToleranceLimit amount{ToleranceLimit::Kind::kAbsolute, magnitude(w.tolerance)};
  if (w.tolerance_kind == 1) tolerance.shortfall = amount;
  if (w.tolerance_kind == 2) {
    const int64_t below = factor > 0 ? w.target_low - w.tolerance : w.target_high + 2 * w.tolerance;
    const int64_t above = factor > 0 ? w.target_high + 2 * w.tolerance : w.target_low - w.tolerance;
    tolerance.low = ToleranceLimit{ToleranceLimit::Kind::kEdge, times(below)};
    tolerance.high = ToleranceLimit{ToleranceLimit::Kind::kEdge, times(above)};
  }
  if (w.tolerance_kind == 3) tolerance.shortfall = Percent("10");
  if (w.tolerance_kind != 0) target.tolerance = tolerance;
  definition.targets = {target};
  Slots slots;
  slots[P("2022-01")] = SlotOf("2022-01", times(w.previous));
  slots[P("2022-02")] = SlotOf("2022-02", times(w.current));
  return ScoreAt(definition, slots, "2022-02");
}

Movement Opposite(Movement movement) {
  return movement == Movement::kUp ? Movement::kDown : movement == Movement::kDown ? Movement::kUp : movement;
}

TEST(Rating, DoesNotDependOnTheScale) {
  EXPECT_TRUE(rc::check("multiplying every figure changes no status and no judgement", [] {
    const World w = AnyWorld();
    const Score once = ScoreTimes(w, 1, w.polarity);
    const int64_t factor = *rc::gen::element<int64_t>(2, 3, 7, 10, 1000, 1000000);
    const Score scaled = ScoreTimes(w, factor, w.polarity);
    RC_ASSERT(scaled.current.status == once.current.status);
    RC_ASSERT(scaled.previous.status == once.previous.status);
    RC_ASSERT(scaled.year_to_date.status == once.year_to_date.status);
    RC_ASSERT(scaled.judgement == once.judgement);
    RC_ASSERT(scaled.arrow == once.arrow);
  }));
}

TEST(Rating, MirrorsWithPolarity) {
  EXPECT_TRUE(rc::check("negating every figure and turning polarity round changes no status and no judgement", [] {
    const World w = AnyWorld();
    const Polarity turned = w.polarity == Polarity::kHigher  ? Polarity::kLower
                            : w.polarity == Polarity::kLower ? Polarity::kHigher
                                                             : w.polarity;
    const Score score = ScoreTimes(w, 1, w.polarity);
    const Score mirrored = ScoreTimes(w, -1, turned);
    RC_ASSERT(mirrored.current.status == score.current.status);
    RC_ASSERT(mirrored.previous.status == score.previous.status);
    RC_ASSERT(mirrored.performance == score.performance);
    RC_ASSERT(mirrored.judgement == score.judgement);
    RC_ASSERT(mirrored.movement == Opposite(score.movement));
  }));
}

TEST(Rating, OfARatioIsThatOfItsDecimal) {
  EXPECT_TRUE(rc::check("a ratio is rated as the decimal that it equals", [] {
    const auto denominator = *rc::gen::element<int64_t>(1, 2, 4, 5, 8, 10, 20, 25, 100, 125);
    const auto numerator = static_cast<int64_t>(*rc::gen::inRange(0, 200));
    Definition definition = IndicatorOf(Polarity::kHigher, SchemeOf(*rc::gen::inRange(0, 3)));
    definition.decimal_places = 4;  // Enough for all of these.
    definition.targets = {ValueTarget(*rc::gen::element<const char*>("50", "100", "62.5"))};
    const Ratio ratio{Decimal::FromUnits(numerator, 0), Decimal::FromUnits(denominator, 0), std::nullopt};
    const auto decimal = ExactValue(ratio, definition.ratio_multiplier)->ToDecimal();
    RC_ASSERT(decimal.has_value());
    Slots by_ratio;
    by_ratio[P("2022-02")] = SlotOf("2022-02", ratio);
    Put(by_ratio, "2022-01", "60");
    Slots by_decimal = by_ratio;
    by_decimal[P("2022-02")] = SlotOf("2022-02", *decimal);
    const Evaluation a = EvaluateAt(definition, by_ratio, "2022-02");
    const Evaluation b = EvaluateAt(definition, by_decimal, "2022-02");
    RC_ASSERT(a.current.compared == b.current.compared);
    RC_ASSERT(a.current.cell.status == b.current.cell.status);
    RC_ASSERT(a.head.variance == b.head.variance);
    RC_ASSERT(a.head.judgement == b.head.judgement);
  }));
}

// The status of a figure that need not be a Decimal, by Evaluate: as a ratio, compared exactly.
std::string StatusAt(Definition definition, const core::Rational& figure) {
  const std::string fraction = figure.ToFraction();
  const size_t slash = fraction.find('/');
  definition.ratio_multiplier = Decimal::FromUnits(1, 0);
  const Ratio ratio{D(fraction.substr(0, slash)), slash == std::string::npos ? D("1") : D(fraction.substr(slash + 1)),
                    std::nullopt};
  Slots slots;
  slots[P("2022-02")] = SlotOf("2022-02", ratio);
  return ScoreAt(definition, slots, "2022-02").current.status;
}

TEST(EdgesOf, AreExact) {
  EXPECT_TRUE(rc::check("adding the distance reaches the edge, a hair less does not", [] {
    const World w = AnyWorld();
    Scheme scheme = SchemeOf(w.scheme);
    scheme.precision = Precision::kExact;
    Definition definition = IndicatorOf(w.polarity, scheme);
    definition.targets = {ValueTarget(Decimal::FromUnits(w.target_low, 2).ToString())};
    if (w.is_range) {
      definition.targets = {
          RangeTarget(Decimal::FromUnits(w.target_low, 2).ToString(), Decimal::FromUnits(w.target_high, 2).ToString())};
    }
    if (w.tolerance_kind == 1) {
      definition.targets[0].tolerance =
          Tolerance{std::nullopt, Absolute("2"), Percent("7"), w.exclusive};  // Asymmetric.
    }
    const core::Rational figure = core::Rational::Of(w.current, *rc::gen::element<int64_t>(1, 3, 7, 100));
    Slots slots;
    Definition own = definition;
    own.ratio_multiplier = Decimal::FromUnits(1, 0);
    const std::string here = StatusAt(definition, figure);
    const std::string fraction = figure.ToFraction();
    const size_t slash = fraction.find('/');
    slots[P("2022-02")] =
        SlotOf("2022-02", Ratio{D(fraction.substr(0, slash)),
                                slash == std::string::npos ? D("1") : D(fraction.substr(slash + 1)), std::nullopt});
    const Evaluation e = EvaluateAt(own, slots, "2022-02");
    const std::vector<Edge> edges = EdgesOf(e.current);
    RC_ASSERT(!edges.empty());
    RC_ASSERT(edges.size() <= 2);
    const core::Rational hair = core::Rational::Of(1, 1000000);
    for (const Edge& edge : edges) {
      RC_ASSERT(edge.at == figure + edge.distance);
      RC_ASSERT(edge.status_beyond != here);
      const int sign = edge.distance.Sign();
      if (sign != 0) {
        RC_ASSERT(StatusAt(definition, edge.at - hair * core::Rational(sign)) == here);
      }
      if (edge.inside) {
        RC_ASSERT(StatusAt(definition, edge.at) == here);
        const bool up = StatusAt(definition, edge.at + hair) == edge.status_beyond;
        const bool down = StatusAt(definition, edge.at - hair) == edge.status_beyond;
        const bool beyond = sign > 0 ? up : sign < 0 ? down : (up || down);
        RC_ASSERT(beyond);
      } else {
        RC_ASSERT(StatusAt(definition, edge.at) == edge.status_beyond);
      }
    }
  }));
}

TEST(EdgesOf, StandOnEitherSide) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.targets = {ValueTarget("90")};
  Slots slots;
  Put(slots, "2022-02", "87.78");
  const Evaluation e = EvaluateAt(definition, slots, "2022-02");
  const std::vector<Edge> edges = EdgesOf(e.current);
  ASSERT_EQ(edges.size(), 2u);
  EXPECT_EQ(edges[0].status_beyond, "red");
  EXPECT_EQ(edges[0].at, core::Rational(D("85.5")));
  EXPECT_TRUE(edges[0].inside);
  EXPECT_EQ(edges[1].status_beyond, "green");
  EXPECT_EQ(edges[1].distance, core::Rational(D("2.22")));
  EXPECT_FALSE(edges[1].inside);
  EXPECT_TRUE(EdgesOf(e.previous).empty());  // Missing: it is on no side.
}

}  // namespace
}  // namespace bellwether::rating::testing
