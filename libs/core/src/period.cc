#include "bellwether/core/period.h"

#include <array>
#include <optional>

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"

namespace bellwether::core {
namespace {

constexpr std::array<const char*, 12> kMonthNames = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};

// Far enough beyond the bounds for every period that is derived from one within.
constexpr int kFirstYearOfText = 1900;
constexpr int kLastYearOfText = 2199;

absl::Status NotAPeriod(std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      Quoted(text, 40),
      " is not a period: write a month 2022-02, a quarter 2021-22-Q1, a half 2021-22-H1, a year 2021-22 or a "
      "year to date 2022-02-YTD, of the years ",
      Month::kFirstYear, " to ", Month::kLastYear));
}

// Exactly `count` digits at the start of `text`, which are taken off.
std::optional<int> TakeNumber(std::string_view* text, size_t count) {
  if (text->size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text->substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text->remove_prefix(count);
  return value;
}

// Whether all its months are of the years that Parse takes.
bool IsInBounds(const Period& period) {
  return period.first() >= Month(Month::kFirstYear, 1) && period.last() <= Month(Month::kLastYear, 12);
}

void PrependYear(int year, ShortText* text) { text->PrependNumber(static_cast<unsigned>(year), 4); }
void PrependMonth(Month month, ShortText* text) {
  text->PrependNumber(static_cast<unsigned>(month.month()), 2);
  text->Prepend('-');
  PrependYear(month.year(), text);
}

// A short second year that would read as a month: 2000-01 to 2011-12.
bool ReadsAsMonth(int year) { return (year + 1) % 100 >= 1 && (year + 1) % 100 <= 12; }

}  // namespace

absl::StatusOr<Month> Month::Parse(std::string_view text) {
  const absl::StatusOr<Period> period = Period::Parse(text);
  if (!period.ok() || period->kind() != Period::Kind::kMonth) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text, 40), " is not a month: write it like 2022-02, of the years ", kFirstYear, " to ", kLastYear));
  }
  return period->first();
}

ShortText Month::Text() const {
  ShortText text;
  PrependMonth(*this, &text);
  return text;
}

std::string Month::DisplayName() const {
  return absl::StrCat(kMonthNames[static_cast<size_t>(month() - 1)], " ", year());
}

Period Period::HalfOf(Month month, YearKind kind) {
  return Period(Kind::kHalf, kind, month - (month - FirstMonthOfYear(month, kind)) % 6);
}

Period Period::YearOf(Month month, YearKind kind) { return Period(Kind::kYear, kind, FirstMonthOfYear(month, kind)); }

int Period::NumberInYear() const { return (first_ - FirstMonthOfYear(first_, year_kind_)) / MonthCount() + 1; }

absl::StatusOr<Period> Period::Parse(std::string_view text) {
  absl::StatusOr<Period> period = ParseAnyYear(text);
  if (period.ok() && !IsInBounds(*period)) return NotAPeriod(text);
  return period;
}

absl::StatusOr<Period> Period::ParseAnyYear(std::string_view text) {
  std::string_view rest = text;
  const std::optional<int> year = TakeNumber(&rest, 4);
  if (!year || *year < kFirstYearOfText || *year > kLastYearOfText) return NotAPeriod(text);
  const YearKind calendar = YearKind::kCalendar;
  if (rest.empty()) return Period(Kind::kYear, calendar, Month(*year, 1));
  if (rest[0] != '-') return NotAPeriod(text);
  rest.remove_prefix(1);

  // A part of a year: Q1 to Q4, H1, H2.
  const auto part = [&](YearKind kind, Month first) -> absl::StatusOr<Period> {
    if (rest.size() != 2) return NotAPeriod(text);
    const int number = rest[1] - '0';
    if (rest[0] == 'Q' && number >= 1 && number <= 4) return Period(Kind::kQuarter, kind, first + 3 * (number - 1));
    if (rest[0] == 'H' && number >= 1 && number <= 2) return Period(Kind::kHalf, kind, first + 6 * (number - 1));
    return NotAPeriod(text);
  };
  if (!rest.empty() && (rest[0] == 'Q' || rest[0] == 'H')) return part(calendar, Month(*year, 1));

  if (rest.size() == 4 && rest.find('-') == std::string_view::npos) {  // 2011-2012
    const std::optional<int> second = TakeNumber(&rest, 4);
    if (!second || *second != *year + 1 || !ReadsAsMonth(*year)) return NotAPeriod(text);
    return Period(Kind::kYear, YearKind::kFinancial, Month(*year, 4));
  }
  const std::optional<int> number = TakeNumber(&rest, 2);
  if (!number) return NotAPeriod(text);
  const bool month = *number >= 1 && *number <= 12;
  const bool second_year = *number == (*year + 1) % 100;
  if (rest.empty()) {
    if (month) return OfMonth(Month(*year, *number));
    if (second_year) return Period(Kind::kYear, YearKind::kFinancial, Month(*year, 4));
    return NotAPeriod(text);
  }
  if (rest == "-YTD" && month) return YearToDate(Month(*year, *number));
  if (rest[0] != '-' || !second_year) return NotAPeriod(text);
  rest.remove_prefix(1);
  return part(YearKind::kFinancial, Month(*year, 4));
}

ShortText Period::Text() const {
  ShortText text;
  if (kind_ == Kind::kMonth || kind_ == Kind::kYearToDate) {
    if (kind_ == Kind::kYearToDate) text.Prepend("-YTD");
    PrependMonth(first_, &text);
    return text;
  }
  if (kind_ != Kind::kYear) {
    text.PrependNumber(static_cast<unsigned>(NumberInYear()));
    text.Prepend(kind_ == Kind::kQuarter ? "-Q" : "-H");
  }
  const int year = FirstMonthOfYear(first_, year_kind_).year();
  if (year_kind_ == YearKind::kFinancial) {
    const bool whole = kind_ == Kind::kYear && ReadsAsMonth(year);
    text.PrependNumber(static_cast<unsigned>(whole ? year + 1 : (year + 1) % 100), 2);
    text.Prepend('-');
  }
  PrependYear(year, &text);
  return text;
}

std::string Period::DisplayName() const {
  if (kind_ == Kind::kMonth) return first_.DisplayName();
  if (kind_ == Kind::kYearToDate) return absl::StrCat("year to ", first_.DisplayName());
  const std::string year = YearOf(first_, year_kind_).ToString();
  if (kind_ == Kind::kQuarter) return absl::StrCat("quarter ", NumberInYear(), " of ", year);
  if (kind_ == Kind::kHalf) return absl::StrCat("half ", NumberInYear(), " of ", year);
  return year;
}

}  // namespace bellwether::core
