// The periods that figures are about (docs/rating.md, "Periods").
#ifndef BELLWETHER_CORE_PERIOD_H_
#define BELLWETHER_CORE_PERIOD_H_

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "bellwether/core/short_text.h"

namespace bellwether::core {

// A civil date; "today" is one in Europe/London.
using Date = absl::CivilDay;

// A calendar month. Those that people write are of the years 1990 to 2099; arithmetic may step beyond, as from January
// 1990 to the month before.
class Month {
 public:
  static constexpr int kFirstYear = 1990;
  static constexpr int kLastYear = 2099;

  constexpr Month() = default;
  // Precondition: 1 <= month <= 12.
  constexpr Month(int year, int month) : index_(year * 12 + month - 1) {}
  // Reads "2022-02". Error: InvalidArgument, with the rule.
  static absl::StatusOr<Month> Parse(std::string_view text);
  static Month Of(Date date) { return Month(static_cast<int>(date.year()), date.month()); }

  constexpr int year() const { return index_ / 12; }
  constexpr int month() const { return index_ % 12 + 1; }
  constexpr Month operator+(int months) const { return FromIndex(index_ + months); }
  constexpr Month operator-(int months) const { return FromIndex(index_ - months); }
  constexpr int operator-(Month other) const { return index_ - other.index_; }
  friend constexpr auto operator<=>(const Month&, const Month&) = default;

  Date FirstDay() const { return Date(year(), month(), 1); }
  Date LastDay() const { return Date(absl::CivilMonth(year(), month()) + 1) - 1; }
  ShortText Text() const;  // "2022-02"
  std::string ToString() const { return Text().ToString(); }
  std::string DisplayName() const;  // "February 2022"

 private:
  static constexpr Month FromIndex(int index) {
    Month m;
    m.index_ = index;
    return m;
  }
  int index_ = kFirstYear * 12;
};

// Where a year to date begins.
enum class YearBasis { kFinancial, kAcademic, kCalendar };

// Whose quarters, halves and years: quarter 1 is April to June, or January to March.
enum class YearKind : uint8_t { kFinancial, kCalendar };

// First month of the year of `basis` in which `month` lies: April, September or January.
constexpr Month FirstMonthOfYear(Month month, YearBasis basis) {
  const int start = basis == YearBasis::kFinancial ? 4 : basis == YearBasis::kAcademic ? 9 : 1;
  return Month(month.month() >= start ? month.year() : month.year() - 1, start);
}
constexpr Month FirstMonthOfYear(Month month, YearKind kind) {
  return FirstMonthOfYear(month, kind == YearKind::kFinancial ? YearBasis::kFinancial : YearBasis::kCalendar);
}

// A month, quarter, half, year, or year to date. Text and period are one to one:
//
//   month          2022-02
//   quarter        2021-22-Q1 (April to June 2021)      2022-Q1 (January to March 2022)
//   half           2021-22-H1 (April to September 2021) 2022-H1
//   year           2021-22    (April 2021 to March 2022) 2022
//   year to date   2022-02-YTD (up to and with February 2022; where it begins is the indicator's year basis)
//
// The financial years 2000-01 to 2011-12 would read as months; they are written with a full second year, 2011-2012, and
// so are no others. Quarters and halves of those years keep the short form, which nothing else has.
class Period {
 public:
  enum class Kind : uint8_t { kMonth, kQuarter, kHalf, kYear, kYearToDate };

  Period() = default;  // January 1990.
  static Period OfMonth(Month month) { return Period(Kind::kMonth, YearKind::kFinancial, month); }
  // The quarter, half or year in which `month` lies.
  static Period QuarterOf(Month month, YearKind kind) {
    return Period(Kind::kQuarter, kind, month - (month.month() - 1) % 3);  // April begins a quarter of either year.
  }
  static Period HalfOf(Month month, YearKind kind);
  static Period YearOf(Month month, YearKind kind);
  static Period YearToDate(Month last) { return Period(Kind::kYearToDate, YearKind::kFinancial, last); }
  // Reads what people and feeds write: a period with all its months in the years 1990 to 2099. Error: InvalidArgument,
  // with the text, the rule and an example.
  static absl::StatusOr<Period> Parse(std::string_view text);
  // Reads whatever ToString wrote, also of years beyond. For our own records: the period before the first month, or the
  // quarter of a month at an edge, is derived and lies outside what Parse takes. Error: InvalidArgument.
  static absl::StatusOr<Period> ParseAnyYear(std::string_view text);

  Kind kind() const { return kind_; }
  // Of quarters, halves and years.
  YearKind year_kind() const { return year_kind_; }
  // Its first month; of a year to date its last (it does not know where it begins).
  Month first() const { return first_; }
  Month last() const { return first_ + (MonthCount() - 1); }
  // How many months; of a year to date 1.
  int MonthCount() const {
    constexpr int kCounts[] = {1, 3, 6, 12, 1};  // By kind.
    return kCounts[static_cast<int>(kind_)];
  }
  // Quarter or half of its year, from 1.
  int NumberInYear() const;
  // The period of the same kind before or after.
  Period Previous() const { return *this - 1; }
  Period Next() const { return *this + 1; }
  Period operator+(int n) const { return Period(kind_, year_kind_, first_ + n * MonthCount()); }
  Period operator-(int n) const { return *this + -n; }

  ShortText Text() const;
  std::string ToString() const { return Text().ToString(); }
  std::string DisplayName() const;  // "February 2022", "quarter 1 of 2021-22", "year to February 2022"

  // By kind, then financial before calendar, then in time.
  friend auto operator<=>(const Period&, const Period&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Period& p) {
    return H::combine(std::move(h), p.kind_, p.year_kind_, p.first_ - Month());
  }

 private:
  Period(Kind kind, YearKind year_kind, Month first) : kind_(kind), year_kind_(year_kind), first_(first) {}
  Kind kind_ = Kind::kMonth;
  YearKind year_kind_ = YearKind::kFinancial;
  Month first_;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_PERIOD_H_
