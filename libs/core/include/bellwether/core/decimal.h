// Exact decimal figures (docs/rating.md, "Exactness").
#ifndef BELLWETHER_CORE_DECIMAL_H_
#define BELLWETHER_CORE_DECIMAL_H_

#include <array>
#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "bellwether/core/short_text.h"

namespace bellwether::core {

// An exact decimal number that keeps the precision it came with: 98.0 is not 98. At most 18 digits, at most 9 of them
// after the point. A value: copy it freely, use it from any thread. Packed into 9 bytes: readings, which have several,
// are kept by the million.
class [[gnu::packed]] Decimal {
 public:
  static constexpr int kMaxDigits = 18;
  static constexpr int kMaxScale = 9;

  // Zero.
  constexpr Decimal() = default;

  // units / 10^scale. Precondition: |units| < 10^18 and 0 <= scale <= 9.
  static constexpr Decimal FromUnits(int64_t units, int scale) { return Decimal(units, scale); }

  // Reads digits with an optional leading minus and an optional point: "85.71", "-0.4", "1504". No exponent, separator,
  // sign of per cent, NaN or infinity; digits on both sides of a point; no leading zero but the one before a point.
  // "-0" is "0". Errors: InvalidArgument, saying what is wrong with the text; OutOfRange for more digits than a Decimal
  // holds.
  static absl::StatusOr<Decimal> Parse(std::string_view text);

  // What Parse reads: trailing zeros are kept.
  ShortText Text() const;
  std::string ToString() const { return Text().ToString(); }

  constexpr int64_t units() const { return units_; }
  constexpr int scale() const { return scale_; }  // Digits after the point.
  constexpr bool IsZero() const { return units_ == 0; }
  constexpr bool IsNegative() const { return units_ < 0; }

  // Identity: same value and same precision. For the value alone use Compare or SameValue.
  friend constexpr bool operator==(const Decimal&, const Decimal&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Decimal& d) {
    return H::combine(std::move(h), d.units(), d.scale());
  }

 private:
  constexpr Decimal(int64_t units, int scale) : units_(units), scale_(static_cast<int8_t>(scale)) {
    assert(scale >= 0 && scale <= kMaxScale);
    assert(units > -1'000'000'000'000'000'000 && units < 1'000'000'000'000'000'000);
  }
  int64_t units_ = 0;
  int8_t scale_ = 0;
};

// Orders by value: 98.0 and 98 are equal.
std::strong_ordering Compare(const Decimal& a, const Decimal& b);
inline bool SameValue(const Decimal& a, const Decimal& b) { return Compare(a, b) == 0; }

// 10^exponent, 0 <= exponent <= 18.
inline constexpr auto kPowersOfTen = [] {
  std::array<int64_t, Decimal::kMaxDigits + 1> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr int64_t PowerOfTen(int exponent) { return kPowersOfTen[static_cast<size_t>(exponent)]; }

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_DECIMAL_H_
