#include "bellwether/core/rational.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bellwether::core {

using boost::multiprecision::cpp_int;
using Narrow = __int128;

struct Rational::Wide : boost::intrusive_ref_counter<Wide> {
  Wide(cpp_int n, cpp_int d) : num(std::move(n)), den(std::move(d)) {}
  const boost::intrusive_ref_counter<Wide>* counter() const { return this; }
  cpp_int num;
  cpp_int den;
};

// Boost's own, for a class that only this file knows.
void intrusive_ptr_add_ref(const Rational::Wide* wide) { intrusive_ptr_add_ref(wide->counter()); }
void intrusive_ptr_release(const Rational::Wide* wide) { intrusive_ptr_release(wide->counter()); }

namespace {

// Most figures are, and a division of 64 bits takes a tenth of the time of one of 128.
bool IsSmall(Narrow n) { return n == static_cast<int64_t>(n); }

// Beyond 128 bits a number needs memory of its own: only there terms are worth reducing.
bool IsLong(const cpp_int& n) { return n.backend().size() * sizeof(boost::multiprecision::limb_type) > 16; }

bool Fits(const cpp_int& n) { return n >= INT64_MIN && n <= INT64_MAX; }

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

// num / den as a Decimal; absent if none is exactly that. `num` takes nine more digits.
template <typename Int>
std::optional<Decimal> ExactDecimal(Int num, const Int& den) {
  if (num * PowerOfTen(Decimal::kMaxScale) % den != 0) return std::nullopt;
  int scale = 0;
  for (; num % den != 0; ++scale) num *= 10;
  const Int units = num / den;
  const int64_t bound = PowerOfTen(Decimal::kMaxDigits);
  if (units >= bound || units <= -bound) return std::nullopt;
  return Decimal::FromUnits(static_cast<int64_t>(units), scale);
}

std::optional<Decimal> ExactNarrow(int64_t num, int64_t den) {
  int64_t scaled;
  if (__builtin_mul_overflow(num, PowerOfTen(Decimal::kMaxScale), &scaled)) return ExactDecimal<Narrow>(num, den);
  return ExactDecimal<int64_t>(num, den);
}

void CheckDivisor(const Rational& divisor) {
  if (!divisor.IsZero()) return;
  std::fputs("bellwether::core::Rational: division by zero\n", stderr);
  std::abort();  // Going on would give figures that are wrong.
}

}  // namespace

Rational::Wide Rational::Widen() const { return wide_ ? *wide_ : Wide(num_, den_); }

Rational Rational::FromWide(Wide wide) {
  if (wide.den < 0) {
    wide.num = -wide.num;
    wide.den = -wide.den;
  }
  if (IsLong(wide.num) || IsLong(wide.den)) {
    const cpp_int divisor = gcd(wide.num, wide.den);
    wide.num /= divisor;
    wide.den /= divisor;
  }
  Rational result;
  if (Fits(wide.num) && Fits(wide.den)) {
    result.num_ = static_cast<int64_t>(wide.num);
    result.den_ = static_cast<int64_t>(wide.den);
  } else {
    result.wide_ = new Wide(std::move(wide));
  }
  return result;
}

Rational Rational::Of(int64_t numerator, int64_t denominator) { return Rational(numerator) / Rational(denominator); }

int Rational::SignOfWide() const { return wide_->num.sign(); }

Rational Rational::AddAny(const Rational& a, const Rational& b) {
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return FromWide({x.num * y.den + y.num * x.den, x.den * y.den});
}

Rational Rational::SubtractAny(const Rational& a, const Rational& b) {
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return FromWide({x.num * y.den - y.num * x.den, x.den * y.den});
}

Rational Rational::MultiplyAny(const Rational& a, const Rational& b) {
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return FromWide({x.num * y.num, x.den * y.den});
}

Rational Rational::DivideAny(const Rational& a, const Rational& b) {
  CheckDivisor(b);
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return FromWide({x.num * y.den, x.den * y.num});
}

std::strong_ordering Rational::CompareAny(const Rational& a, const Rational& b) {
  const Wide x = a.Widen();
  const Wide y = b.Widen();
  return cpp_int(x.num * y.den).compare(cpp_int(y.num * x.den)) <=> 0;
}

absl::StatusOr<Decimal> Rational::Round(int scale) const {
  std::optional<int64_t> units;
  if (!wide_) {
    units = RoundNarrow((num_ < 0 ? -Narrow{num_} : Narrow{num_}) * PowerOfTen(scale), den_);
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
  return wide_ ? ExactDecimal<cpp_int>(wide_->num, wide_->den) : ExactNarrow(num_, den_);
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
