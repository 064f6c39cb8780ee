#include "bellwether/core/decimal.h"

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"

namespace bellwether::core {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

absl::Status NotANumber(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text, 40), " is not a number: write digits with a point and no other sign, like 85.71"));
}

}  // namespace

absl::StatusOr<Decimal> Decimal::Parse(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (negative) rest.remove_prefix(1);
  const size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return NotANumber(text);
  if (whole.size() > 1 && whole[0] == '0') return NotANumber(text);
  for (const std::string_view digits : {whole, fraction}) {
    for (const char c : digits) {
      if (!IsDigit(c)) return NotANumber(text);
    }
  }
  if (fraction.size() > kMaxScale) {
    return absl::OutOfRangeError(
        absl::StrCat(Quoted(text, 40), " has more than ", kMaxScale, " digits after the point"));
  }
  const size_t significant = whole == "0" ? fraction.size() : whole.size() + fraction.size();
  if (significant > kMaxDigits) {
    return absl::OutOfRangeError(absl::StrCat(Quoted(text, 40), " has more than ", kMaxDigits, " digits"));
  }
  int64_t units = 0;
  for (const std::string_view digits : {whole, fraction}) {
    for (const char c : digits) units = units * 10 + (c - '0');
  }
  return Decimal(negative ? -units : units, static_cast<int>(fraction.size()));
}

ShortText Decimal::Text() const {
  ShortText text;
  auto digits = static_cast<uint64_t>(units_ < 0 ? -units_ : units_);
  if (scale_ > 0) {
    const auto whole = static_cast<uint64_t>(PowerOfTen(scale_));
    text.PrependNumber(digits % whole, scale_);
    text.Prepend('.');
    digits /= whole;
  }
  text.PrependNumber(digits);
  if (units_ < 0) text.Prepend('-');
  return text;
}

std::strong_ordering Compare(const Decimal& a, const Decimal& b) {
  const __int128 left = static_cast<__int128>(a.units()) * PowerOfTen(b.scale());
  const __int128 right = static_cast<__int128>(b.units()) * PowerOfTen(a.scale());
  return left < right   ? std::strong_ordering::less
         : left > right ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

}  // namespace bellwether::core
