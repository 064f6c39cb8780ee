#include "bellwether/core/rational.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bellwether::core {

using boost::multiprecision::cpp_int;
using Narrow = __int128;

struct Rational::Wide {
  cpp_int num;
  cpp_int den;
};

namespace {

cpp_int ToCppInt(Narrow n) {
  const bool negative = n < 0;
  auto magnitude = negative ? -static_cast<unsigned __int128>(n) : static_cast<unsigned __int128>(n);
  cpp_int result = static_cast<uint64_t>(magnitude >> 64);
  result <<= 64;
  result += static_cast<uint64_t>(magnitude);
  return negative ? cpp_int(-result) : result;
}

bool Fits(const cpp_int& n) { return msb(abs(n) + 1) < 126; }

Narrow ToNarrow(const cpp_int& n) {
  const cpp_int magnitude = abs(n);
  const auto high = static_cast<uint64_t>(cpp_int(magnitude >> 64));
  const auto low = static_cast<uint64_t>(cpp_int(magnitude & cpp_int(UINT64_MAX)));
  const auto value = static_cast<Narrow>((static_cast<unsigned __int128>(high) << 64) | low);
  return n < 0 ? -value : value;
}

// The lowest number has no counterpart above zero: it counts as an overflow, so that what is narrow can be negated.
constexpr Narrow kLowest = static_cast<Narrow>(static_cast<unsigned __int128>(1) << 127);

// Most figures are, and a division of 64 bits takes a tenth of the time of one of 128.
bool IsSmall(Narrow n) { return n == static_cast<int64_t>(n); }

bool Multiply(Narrow a, Narrow b, Narrow* result) {
  if (IsSmall(a) && IsSmall(b)) {
    *result = Narrow{static_cast<int64_t>(a)} * static_cast<int64_t>(b);
    return true;
  }
  return !__builtin_mul_overflow(a, b, result) && *result != kLowest;
}

bool Add(Narrow a, Narrow b, Narrow* result) { return !__builtin_add_overflow(a, b, result) && *result != kLowest; }

// magnitude / den, both above or at zero, rounded with the half upwards; absent if a Decimal cannot hold so many units.
template <typename Int>
std::optional<int64_t> RoundToUnits(const Int& magnitude, const Int& den) {
  Int units = magnitude / den;
  const Int rest = magnitude % den;
  if (rest >= den - rest) ++units;
  if (units >= PowerOfTen(Decimal::kMaxDigits)) return std::nullopt;
  return static_cast<int64_t>(units);
}

std::optional<int64_t> RoundNarrow(Narrow magnitude, Narrow den) {
  if (!IsSmall(magnitude) || !IsSmall(den)) return RoundToUnits<Narrow>(magnitude, den);
  return RoundToUnits<int64_t>(static_cast<int64_t>(magnitude), static_cast<int64_t>(den));
}

// num / den as a Decimal, `scaled` being num * 10^9; absent if none is exactly that.
template <typename Int>
std::optional<Decimal> ExactDecimal(const Int& scaled, const Int& den) {
  if (scaled % den != 0) return std::nullopt;
  Int units = scaled / den;
  int scale = Decimal::kMaxScale;
  for (; scale > 0 && units % 10 == 0; --scale) units /= 10;
  const int64_t bound = PowerOfTen(Decimal::kMaxDigits);
  if (units >= bound || units <= -bound) return std::nullopt;
  return Decimal::FromUnits(static_cast<int64_t>(units), scale);
}

std::optional<Decimal> ExactNarrow(Narrow scaled, Narrow den) {
  if (!IsSmall(scaled) || !IsSmall(den)) return ExactDecimal<Narrow>(scaled, den);
  return ExactDecimal<int64_t>(static_cast<int64_t>(scaled), static_cast<int64_t>(den));
}

void CheckDivisor(const Rational& divisor) {
  if (!divisor.IsZero()) return;
  std::fputs("bellwether::core::Rational: division by zero\n", stderr);
  std::abort();  // Going on would give figures that are wrong.
}

}  // namespace

Rational::Wide Rational::Widen() const { return wide_ ? *wide_ : Wide{ToCppInt(num_), ToCppInt(den_)}; }

Rational Rational::FromWide(Wide wide) {
  if (wide.den < 0) {
    wide.num = -wide.num;
    wide.den = -wide.den;
  }
  const cpp_int divisor = gcd(wide.num, wide.den);
  if (divisor > 1) {
    wide.num /= divisor;
    wide.den /= divisor;
  }
  Rational result;
  if (Fits(wide.num) && Fits(wide.den)) {
    result.num_ = ToNarrow(wide.num);
    result.den_ = ToNarrow(wide.den);
  } else {
    result.den_ = kVoid;
    result.wide_ = std::make_shared<const Wide>(std::move(wide));
  }
  return result;
}

Rational Rational::Of(int64_t numerator, int64_t denominator) { return Rational(numerator) / Rational(denominator); }

Rational Rational::AddAny(const Rational& a, const Rational& b) {
  if (!a.wide_ && !b.wide_) {
    Rational r;
    if (a.den_ == b.den_) {
      r.den_ = a.den_;
      if (Add(a.num_, b.num_, &r.num_)) return r;
    } else {
      Narrow left;
      Narrow right;
      if (Multiply(a.num_, b.den_, &left) && Multiply(b.num_, a.den_, &right) && Multiply(a.den_, b.den_, &r.den_) &&
          Add(left, right, &r.num_)) {
        return r;
      }
    }
  }
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return FromWide({x.num * y.den + y.num * x.den, x.den * y.den});
}

Rational Rational::NegateWide() const { return FromWide({-wide_->num, wide_->den}); }
int Rational::SignOfWide() const { return wide_->num.sign(); }

Rational Rational::MultiplyAny(const Rational& a, const Rational& b) {
  if (!a.wide_ && !b.wide_) {
    Rational r;
    if (Multiply(a.num_, b.num_, &r.num_) && Multiply(a.den_, b.den_, &r.den_)) return r;
  }
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return FromWide({x.num * y.num, x.den * y.den});
}

Rational Rational::DivideAny(const Rational& a, const Rational& b) {
  CheckDivisor(b);
  if (!a.wide_ && !b.wide_) {
    Rational r;
    if (Multiply(a.num_, b.den_, &r.num_) && Multiply(a.den_, b.num_, &r.den_)) {
      if (r.den_ < 0) {
        r.num_ = -r.num_;
        r.den_ = -r.den_;
      }
      return r;
    }
  }
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return FromWide({x.num * y.den, x.den * y.num});
}

std::strong_ordering Rational::CompareAny(const Rational& a, const Rational& b) {
  if (!a.wide_ && !b.wide_) {
    if (a.den_ == b.den_) return a.num_ <=> b.num_;
    Narrow left;
    Narrow right;
    if (Multiply(a.num_, b.den_, &left) && Multiply(b.num_, a.den_, &right)) return left <=> right;
  }
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return cpp_int(x.num * y.den).compare(cpp_int(y.num * x.den)) <=> 0;
}

absl::StatusOr<Decimal> Rational::Round(int scale) const {
  std::optional<int64_t> units;
  Narrow scaled;
  if (!wide_ && Multiply(num_ < 0 ? -num_ : num_, PowerOfTen(scale), &scaled)) {
    units = RoundNarrow(scaled, den_);
  } else {
    const Wide w = Widen();
    units = RoundToUnits<cpp_int>(abs(w.num) * PowerOfTen(scale), w.den);
  }
  if (!units) {
    return absl::OutOfRangeError(absl::StrCat(ToText(scale), " has more than ", Decimal::kMaxDigits, " digits"));
  }
  return Decimal::FromUnits(Sign() < 0 ? -*units : *units, scale);
}

std::optional<Decimal> Rational::ToDecimal() const {
  Narrow scaled;
  if (!wide_ && Multiply(num_, PowerOfTen(Decimal::kMaxScale), &scaled)) return ExactNarrow(scaled, den_);
  const Wide w = Widen();
  return ExactDecimal<cpp_int>(w.num * PowerOfTen(Decimal::kMaxScale), w.den);
}

std::string Rational::ToFraction() const {
  Wide w = Widen();
  const cpp_int divisor = gcd(w.num, w.den);
  if (divisor > 1) {
    w.num /= divisor;
    w.den /= divisor;
  }
  return w.den == 1 ? w.num.str() : absl::StrCat(w.num.str(), "/", w.den.str());
}

std::string Rational::ToText(int scale) const {
  const Wide w = Widen();
  const cpp_int scaled = abs(w.num) * PowerOfTen(scale);
  const cpp_int cut = scaled / w.den;
  const bool exact = cut * w.den == scaled;
  std::string digits = cut.str();
  const auto places = static_cast<size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  if (exact && places > 0) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return absl::StrCat(w.num < 0 ? "-" : "", digits, exact ? "" : "...");
}

}  // namespace bellwether::core
