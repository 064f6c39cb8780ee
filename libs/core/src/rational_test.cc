#include "bellwether/core/rational.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "bellwether/testing/status_matchers.h"

namespace bellwether::core {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;

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
