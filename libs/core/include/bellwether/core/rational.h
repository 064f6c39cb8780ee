// Exact fractions: the arithmetic of rating.
#ifndef BELLWETHER_CORE_RATIONAL_H_
#define BELLWETHER_CORE_RATIONAL_H_

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "bellwether/core/decimal.h"
#include "boost/smart_ptr/intrusive_ptr.hpp"

namespace bellwether::core {

// An exact fraction of unbounded integers. Held in 64 bits where they suffice, without allocation; wider where they do
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

  friend Rational operator+(const Rational& a, const Rational& b) {
    Rational r;
    return AddNarrow(a, b, /*subtract=*/false, &r) ? r : AddAny(a, b);
  }
  friend Rational operator-(const Rational& a, const Rational& b) {
    Rational r;
    return AddNarrow(a, b, /*subtract=*/true, &r) ? r : SubtractAny(a, b);
  }
  friend Rational operator*(const Rational& a, const Rational& b) {
    Rational r;
    const bool narrow = AreNarrow(a, b) && !__builtin_mul_overflow(a.num_, b.num_, &r.num_) &&
                        !__builtin_mul_overflow(a.den_, b.den_, &r.den_);
    return narrow ? r : MultiplyAny(a, b);
  }
  // Precondition, checked: b is not zero. The process ends otherwise, in every build.
  friend Rational operator/(const Rational& a, const Rational& b) {
    Rational r;
    const bool narrow = AreNarrow(a, b) && b.num_ > 0 && !__builtin_mul_overflow(a.num_, b.den_, &r.num_) &&
                        !__builtin_mul_overflow(a.den_, b.num_, &r.den_);
    return narrow ? r : DivideAny(a, b);
  }
  Rational operator-() const { return Rational() - *this; }
  Rational& operator+=(const Rational& b) {
    int64_t sum;
    if (!AreNarrow(*this, b) || den_ != b.den_ || __builtin_add_overflow(num_, b.num_, &sum)) return *this = *this + b;
    num_ = sum;
    return *this;
  }

  // -1, 0 or 1.
  int Sign() const { return wide_ ? SignOfWide() : num_ < 0 ? -1 : num_ > 0 ? 1 : 0; }
  bool IsZero() const { return Sign() == 0; }
  Rational Abs() const { return Sign() < 0 ? -*this : *this; }

  // By value; equal fractions are equal whatever their terms.
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    if (!AreNarrow(a, b)) return CompareAny(a, b);
    return __int128{a.num_} * b.den_ <=> __int128{b.num_} * a.den_;
  }
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
  friend void intrusive_ptr_add_ref(const Wide* wide);
  friend void intrusive_ptr_release(const Wide* wide);
  static Rational FromWide(Wide wide);
  Wide Widen() const;
  int SignOfWide() const;

  static bool AreNarrow(const Rational& a, const Rational& b) { return !a.wide_ && !b.wide_; }
  // a + b, or a - b; false, and *r void, where the result has more than 64 bits.
  static bool AddNarrow(const Rational& a, const Rational& b, bool subtract, Rational* r) {
    if (!AreNarrow(a, b)) return false;
    const auto add = [&](int64_t x, int64_t y) {
      return subtract ? !__builtin_sub_overflow(x, y, &r->num_) : !__builtin_add_overflow(x, y, &r->num_);
    };
    r->den_ = a.den_;
    if (a.den_ == b.den_) return add(a.num_, b.num_);
    int64_t left;
    int64_t right;
    return !__builtin_mul_overflow(a.num_, b.den_, &left) && !__builtin_mul_overflow(b.num_, a.den_, &right) &&
           !__builtin_mul_overflow(a.den_, b.den_, &r->den_) && add(left, right);
  }
  // Of any terms.
  static Rational AddAny(const Rational& a, const Rational& b);
  static Rational SubtractAny(const Rational& a, const Rational& b);
  static Rational MultiplyAny(const Rational& a, const Rational& b);
  static Rational DivideAny(const Rational& a, const Rational& b);
  static std::strong_ordering CompareAny(const Rational& a, const Rational& b);

  int64_t num_ = 0;
  int64_t den_ = 1;                        // Above zero.
  boost::intrusive_ptr<const Wide> wide_;  // Set where 64 bits do not suffice; num_ and den_ are then void.
};

inline const Rational& Max(const Rational& a, const Rational& b) { return a < b ? b : a; }
inline const Rational& Min(const Rational& a, const Rational& b) { return b < a ? b : a; }

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_RATIONAL_H_
