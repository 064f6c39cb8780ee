// Exact fractions: the arithmetic of rating.
#ifndef BELLWETHER_CORE_RATIONAL_H_
#define BELLWETHER_CORE_RATIONAL_H_

#include <compare>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "bellwether/core/decimal.h"

namespace bellwether::core {

// An exact fraction of unbounded integers. Held in 128 bits where they suffice, without allocation; wider where they do
// not. A value: copy it freely, use it from any thread.
class Rational {
 public:
  // Zero.
  Rational() = default;
  Rational(const Decimal& d) : num_(d.units()), den_(PowerOfTen(d.scale())) {}  // NOLINT: every Decimal is a Rational.
  Rational(int64_t n) : num_(n) {}                                              // NOLINT: every integer is a Rational.
  // Binary floating point is not exact: no rating may use it.
  template <std::floating_point F>
  Rational(F) = delete;
  // Precondition, checked: the denominator is not zero. The process ends otherwise, in every build.
  static Rational Of(int64_t numerator, int64_t denominator);

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  // Precondition, checked: b is not zero. The process ends otherwise, in every build.
  friend Rational operator/(const Rational& a, const Rational& b);
  Rational operator-() const;
  Rational& operator+=(const Rational& b) { return *this = *this + b; }

  // -1, 0 or 1.
  int Sign() const;
  bool IsZero() const { return Sign() == 0; }
  Rational Abs() const { return Sign() < 0 ? -*this : *this; }

  // By value; equal fractions are equal whatever their terms.
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);
  friend bool operator==(const Rational& a, const Rational& b) { return (a <=> b) == 0; }

  // Rounded half away from zero to `scale` places, 0 to 9. Error: OutOfRange if a Decimal cannot hold it.
  absl::StatusOr<Decimal> Round(int scale) const;
  // The Decimal that is exactly this, with as few places as it takes; absent if there is none.
  std::optional<Decimal> ToDecimal() const;
  // Lowest terms: "27/4", or "27" if whole.
  std::string ToFraction() const;
  // At most `scale` places, cut off, with "..." where digits were cut: "98.895...".
  std::string ToText(int scale) const;

 private:
  struct Wide;
  using Int = __int128;
  static Rational FromWide(Wide wide);
  Wide Widen() const;

  Int num_ = 0;                       // Never the lowest Int, so that it can be negated.
  Int den_ = 1;                       // Above zero.
  std::shared_ptr<const Wide> wide_;  // Set where 128 bits do not suffice; num_ and den_ are then void.
};

inline const Rational& Max(const Rational& a, const Rational& b) { return a < b ? b : a; }
inline const Rational& Min(const Rational& a, const Rational& b) { return b < a ? b : a; }

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_RATIONAL_H_
