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

  friend Rational operator+(const Rational& a, const Rational& b) {
    if (!AreSmall(a, b)) return AddAny(a, b);
    if (a.den_ == b.den_) return Rational(a.num_ + b.num_, a.den_);
    return Rational(Product(a.num_, b.den_) + Product(b.num_, a.den_), Product(a.den_, b.den_));
  }
  friend Rational operator-(const Rational& a, const Rational& b) {
    if (!AreSmall(a, b)) return AddAny(a, -b);
    if (a.den_ == b.den_) return Rational(a.num_ - b.num_, a.den_);
    return Rational(Product(a.num_, b.den_) - Product(b.num_, a.den_), Product(a.den_, b.den_));
  }
  friend Rational operator*(const Rational& a, const Rational& b) {
    return AreSmall(a, b) ? Rational(Product(a.num_, b.num_), Product(a.den_, b.den_)) : MultiplyAny(a, b);
  }
  // Precondition, checked: b is not zero. The process ends otherwise, in every build.
  friend Rational operator/(const Rational& a, const Rational& b) {
    if (!AreSmall(a, b) || b.num_ == 0) return DivideAny(a, b);
    const Int num = Product(a.num_, b.den_);
    const Int den = Product(a.den_, b.num_);
    return den > 0 ? Rational(num, den) : Rational(-num, -den);
  }
  Rational operator-() const { return wide_ ? NegateWide() : Rational(-num_, den_); }
  Rational& operator+=(const Rational& b) {
    if (!AreSmall(*this, b) || den_ != b.den_) return *this = *this + b;
    num_ += b.num_;
    return *this;
  }

  // -1, 0 or 1.
  int Sign() const { return wide_ ? SignOfWide() : num_ < 0 ? -1 : num_ > 0 ? 1 : 0; }
  bool IsZero() const { return Sign() == 0; }
  Rational Abs() const { return Sign() < 0 ? -*this : *this; }

  // By value; equal fractions are equal whatever their terms.
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    if (!AreSmall(a, b)) return CompareAny(a, b);
    return Product(a.num_, b.den_) <=> Product(b.num_, a.den_);
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
  using Int = __int128;
  static constexpr Int kVoid = Int{1} << 64;
  Rational(Int num, Int den) : num_(num), den_(den) {}
  static Rational FromWide(Wide wide);
  Wide Widen() const;
  Rational NegateWide() const;
  int SignOfWide() const;

  // Whether all four terms have 64 bits, as those of almost every figure: nothing that is done with them overflows. The
  // void terms of what is wide have more.
  static bool AreSmall(const Rational& a, const Rational& b) {
    const auto beyond = [](Int n) { return static_cast<int64_t>(n >> 64) ^ static_cast<int64_t>(n) >> 63; };
    return (beyond(a.num_) | beyond(a.den_) | beyond(b.num_) | beyond(b.den_)) == 0;
  }
  // Of terms of 64 bits: one instruction, where one of 128 takes three and more.
  static Int Product(Int a, Int b) { return Int{static_cast<int64_t>(a)} * static_cast<int64_t>(b); }
  // Of any terms: in 128 bits where they suffice.
  static Rational AddAny(const Rational& a, const Rational& b);
  static Rational MultiplyAny(const Rational& a, const Rational& b);
  static Rational DivideAny(const Rational& a, const Rational& b);
  static std::strong_ordering CompareAny(const Rational& a, const Rational& b);

  Int num_ = 0;                       // Never the lowest Int, so that it can be negated.
  Int den_ = 1;                       // Above zero.
  std::shared_ptr<const Wide> wide_;  // Set where 128 bits do not suffice; num_ is then void, and den_ is kVoid.
};

inline const Rational& Max(const Rational& a, const Rational& b) { return a < b ? b : a; }
inline const Rational& Min(const Rational& a, const Rational& b) { return b < a ? b : a; }

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_RATIONAL_H_
