#include "bellwether/core/rational.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "bellwether/testing/status_matchers.h"

namespace bellwether::core {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

// Decimals of every size: the largest take the products of a few beyond 128 bits.
rc::Gen<Rational> AnyRational() {
  return rc::gen::apply(
      [](int64_t units, int scale, int64_t den) { return Rational(Decimal::FromUnits(units, scale)) / Rational(den); },
      rc::gen::inRange<int64_t>(-PowerOfTen(18) + 1, PowerOfTen(18)), rc::gen::inRange(0, 10),
      rc::gen::inRange<int64_t>(1, 1'000'003));
}

TEST(RationalTest, IsAField) {
  EXPECT_TRUE(rc::check("ring laws and division, whatever the width", [] {
    const Rational a = *AnyRational();
    const Rational b = *AnyRational();
    const Rational c = *AnyRational();
    const Rational big = a * b * c * a * b;
    RC_ASSERT((a + b) * c == a * c + b * c);
    RC_ASSERT(a - b == -(b - a));
    RC_ASSERT(big + a - big == a);
    if (!b.IsZero()) RC_ASSERT(a / b * b == a);
    RC_ASSERT((a < b) == ((b - a).Sign() > 0));
    RC_ASSERT((a * c * c * c * c < b * c * c * c * c) == (a < b && !c.IsZero()));
  }));
}

// Integers small, large, and at the edges of 64 and (as products) 128 bits.
rc::Gen<int64_t> AnyInteger() {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  return rc::gen::oneOf(
      rc::gen::inRange<int64_t>(-20, 21), rc::gen::inRange<int64_t>(-1'000'000, 1'000'001),
      rc::gen::inRange<int64_t>(kMax - 5, kMax), rc::gen::inRange<int64_t>(kMin, kMin + 5),
      rc::gen::elementOf(std::vector<int64_t>{kMin, kMax, PowerOfTen(18) - 1, 1 - PowerOfTen(18), int64_t{1} << 62}));
}

// A fraction beside what an independent implementation, wide throughout, makes of the same steps.
struct Twin {
  Rational ours;
  cpp_rational reference;
};

bool Agree(const Twin& t) {
  const cpp_int num = numerator(t.reference);
  const cpp_int den = denominator(t.reference);
  return t.ours.ToFraction() == (den == 1 ? num.str() : num.str() + "/" + den.str()) &&
         t.ours.Sign() == t.reference.sign();
}

TEST(RationalTest, AgreesWithAWideImplementationStepByStep) {
  EXPECT_TRUE(rc::check("any chain of operations gives the same fraction, narrow or wide", [] {
    const int64_t start = *AnyInteger();
    Twin t{Rational(start), cpp_rational(start)};
    const int steps = *rc::gen::inRange(1, 12);
    for (int i = 0; i < steps; ++i) {
      const int64_t n = *AnyInteger();
      int64_t d = *AnyInteger();
      if (d == 0) d = 7;
      const Twin operand{Rational::Of(n, d), cpp_rational(n) / d};
      const std::strong_ordering order = t.ours <=> operand.ours;
      RC_ASSERT((order <=> 0) == (t.reference.compare(operand.reference) <=> 0));
      const int operation = *rc::gen::inRange(0, 5);
      if (operation == 0) t = {t.ours + operand.ours, t.reference + operand.reference};
      if (operation == 1) t = {t.ours - operand.ours, t.reference - operand.reference};
      if (operation == 2) t = {t.ours * operand.ours, t.reference * operand.reference};
      if (operation == 3 && n != 0) t = {t.ours / operand.ours, t.reference / operand.reference};
      if (operation == 4) t = {-t.ours, -t.reference};
      RC_ASSERT(Agree(t));
    }
  }));
}

TEST(RationalTest, TheLowestIntegersCanBeNegated) {
  const Rational lowest64(std::numeric_limits<int64_t>::min());
  const Rational lowest128 = lowest64 * lowest64 * Rational(-2);  // -2^127
  EXPECT_EQ((-lowest64).ToFraction(), "9223372036854775808");
  EXPECT_EQ((-lowest128).ToFraction(), "170141183460469231731687303715884105728");
  EXPECT_EQ(lowest128.Abs(), -lowest128);
  EXPECT_LT(lowest128, -lowest128);
  EXPECT_EQ((Rational(1) / lowest128).ToFraction(), "-1/170141183460469231731687303715884105728");
  EXPECT_EQ(Rational::Of(std::numeric_limits<int64_t>::min(), -1).ToFraction(), "9223372036854775808");
  EXPECT_EQ(lowest128 - lowest128, Rational());
}

TEST(RationalDeathTest, DivisionByZeroEndsTheProcess) {
  EXPECT_DEATH(Rational(1) / Rational(), "division by zero");
  EXPECT_DEATH(Rational::Of(0, 0), "division by zero");
}

static_assert(!std::is_constructible_v<Rational, double> && !std::is_constructible_v<Rational, float>);

TEST(RationalTest, RoundsAsTheReferenceDoes) {
  EXPECT_TRUE(rc::check("half away from zero, the same on both sides of it", [] {
    const int64_t n = *AnyInteger();
    const int64_t d = *rc::gen::suchThat(AnyInteger(), [](int64_t x) { return x != 0; });
    const int scale = *rc::gen::inRange(0, 10);
    const Rational value = Rational::Of(n, d);
    const cpp_int num = abs(cpp_int(n)) * PowerOfTen(scale);
    const cpp_int den = abs(cpp_int(d));
    const cpp_int units = (num * 2 + den) / (den * 2);
    const absl::StatusOr<Decimal> rounded = value.Round(scale);
    RC_ASSERT(rounded.ok() == (units < PowerOfTen(18)));
    if (!rounded.ok()) return;
    RC_ASSERT(rounded->scale() == scale);
    RC_ASSERT(rounded->units() == (value.Sign() < 0 ? cpp_int(-units) : units));
    RC_ASSERT((-value).Round(scale)->units() == -rounded->units());
  }));
}

TEST(RationalTest, RoundsWideFractionsToo) {
  const Rational big = Rational(PowerOfTen(18)) * Rational(PowerOfTen(18)) * Rational(PowerOfTen(18));
  const Rational half = big * Rational(5) / (big * Rational(2));
  EXPECT_EQ(half.Round(0)->ToString(), "3");
  const Rational hair_less = half - Rational(1) / big;
  EXPECT_EQ(hair_less.Round(0)->ToString(), "2");
  EXPECT_EQ((-hair_less).Round(0)->ToString(), "-2");
  EXPECT_FALSE(hair_less.ToDecimal().has_value());
  EXPECT_FALSE(big.ToDecimal().has_value());
  EXPECT_FALSE((Rational(PowerOfTen(18) - 1) + Rational::Of(1, 2)).ToDecimal().has_value());
  EXPECT_FALSE(Rational(PowerOfTen(18)).ToDecimal().has_value());
  EXPECT_FALSE(Rational(-PowerOfTen(18)).ToDecimal().has_value());
  EXPECT_EQ(Rational(1 - PowerOfTen(18)).ToDecimal()->units(), 1 - PowerOfTen(18));
  EXPECT_EQ(Rational(100).ToDecimal()->ToString(), "100");
  EXPECT_EQ(Rational().ToDecimal()->ToString(), "0");
}

TEST(RationalTest, RoundsHalfAwayFromZero) {
  EXPECT_EQ(Rational::Of(1, 8).Round(2)->ToString(), "0.13");
  EXPECT_EQ(Rational::Of(-1, 8).Round(2)->ToString(), "-0.13");
  EXPECT_EQ(Rational::Of(5, 2).Round(0)->ToString(), "3");
  EXPECT_EQ(Rational::Of(2, 3).Round(4)->ToString(), "0.6667");
  EXPECT_EQ(Rational::Of(0, 7).Round(1)->ToString(), "0.0");
  EXPECT_THAT(Rational(PowerOfTen(16)).Round(1), IsOk());
  EXPECT_THAT((Rational(PowerOfTen(17)) * Rational(10)).Round(0),
              IsError(absl::StatusCode::kOutOfRange, "more than 18 digits"));
}

TEST(RationalTest, WritesFractions) {
  EXPECT_EQ(Rational::Of(27, 4).ToFraction(), "27/4");
  EXPECT_EQ(Rational::Of(54, -8).ToFraction(), "-27/4");
  EXPECT_EQ(Rational::Of(8, 4).ToFraction(), "2");
  EXPECT_EQ(Rational::Of(27702, 31558).ToText(4), "0.8778...");
  EXPECT_EQ(Rational::Of(1, 4).ToText(4), "0.25");
  EXPECT_EQ(Rational::Of(-1, 3).ToText(2), "-0.33...");
}

TEST(RationalTest, KnowsItsDecimal) {
  EXPECT_EQ(Rational::Of(1, 8).ToDecimal()->ToString(), "0.125");
  EXPECT_FALSE(Rational::Of(1, 3).ToDecimal().has_value());
  EXPECT_FALSE(Rational::Of(1, 1 << 10).ToDecimal().has_value());
  EXPECT_TRUE(rc::check("a decimal's fraction is the decimal", [] {
    const Decimal d =
        Decimal::FromUnits(*rc::gen::inRange<int64_t>(-PowerOfTen(18) + 1, PowerOfTen(18)), *rc::gen::inRange(0, 10));
    RC_ASSERT(SameValue(*Rational(d).ToDecimal(), d));
    RC_ASSERT(*Rational(d).Round(d.scale()) == d);
  }));
}

}  // namespace
}  // namespace bellwether::core
