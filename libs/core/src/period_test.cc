#include "bellwether/core/period.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "bellwether/testing/status_matchers.h"

namespace bellwether::core {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;

struct PeriodCase {
  const char* text;
  const char* first;
  const char* last;
  const char* next;
  const char* name;
};

TEST(PeriodTest, ReadsAndWritesEveryKind) {
  for (const PeriodCase& c : {
           PeriodCase{"2022-02", "2022-02", "2022-02", "2022-03", "February 2022"},
           PeriodCase{"2021-12", "2021-12", "2021-12", "2022-01", "December 2021"},
           PeriodCase{"2021-22-Q1", "2021-04", "2021-06", "2021-22-Q2", "quarter 1 of 2021-22"},
           PeriodCase{"2021-22-Q4", "2022-01", "2022-03", "2022-23-Q1", "quarter 4 of 2021-22"},
           PeriodCase{"2022-Q1", "2022-01", "2022-03", "2022-Q2", "quarter 1 of 2022"},
           PeriodCase{"2021-22-H2", "2021-10", "2022-03", "2022-23-H1", "half 2 of 2021-22"},
           PeriodCase{"2022-H1", "2022-01", "2022-06", "2022-H2", "half 1 of 2022"},
           PeriodCase{"2021-22", "2021-04", "2022-03", "2022-23", "2021-22"},
           PeriodCase{"2011-2012", "2011-04", "2012-03", "2012-13", "2011-2012"},
           PeriodCase{"2011-12", "2011-12", "2011-12", "2012-01", "December 2011"},
           PeriodCase{"2011-12-Q1", "2011-04", "2011-06", "2011-12-Q2", "quarter 1 of 2011-2012"},
           PeriodCase{"1999-00", "1999-04", "2000-03", "2000-2001", "1999-00"},
           PeriodCase{"2022", "2022-01", "2022-12", "2023", "2022"},
           PeriodCase{"2022-02-YTD", "2022-02", "2022-02", "2022-03-YTD", "year to February 2022"},
       }) {
    const absl::StatusOr<Period> p = Period::Parse(c.text);
    ASSERT_THAT(p, IsOk()) << c.text;
    EXPECT_EQ(p->ToString(), c.text);
    EXPECT_EQ(p->first().ToString(), c.first) << c.text;
    EXPECT_EQ(p->last().ToString(), c.last) << c.text;
    EXPECT_EQ(p->Next().ToString(), c.next) << c.text;
    EXPECT_EQ(p->Next().Previous(), *p) << c.text;
    EXPECT_EQ(p->DisplayName(), c.name);
  }
}

TEST(PeriodTest, RefusesWhatIsNoPeriod) {
  for (const char* text :
       {"",           "1989-90",    "2022-13",  "2022-00",     "2022-2",     "22-02",     "2021-23",      "2021-22-Q5",
        "2021-22-Q0", "2021-22-H3", "2022-Q",   "2022-02-ytd", "2022-02-15", "2021-22-",  "1989-12",      "2100-01",
        "2099-00",    "2021/22",    " 2022-02", "2012-2013",   "2011-2013",  "2021-2022", "2022-02-YTDx", "٢٠٢٢-٠٢"}) {
    EXPECT_THAT(Period::Parse(text), IsError(absl::StatusCode::kInvalidArgument, "is not a period")) << text;
  }
  EXPECT_THAT(Month::Parse("2021-22-Q1"), IsError(absl::StatusCode::kInvalidArgument, "is not a month"));
}

TEST(PeriodTest, TextAndPeriodAreOneToOne) {
  EXPECT_TRUE(rc::check("parse after print is identity", [] {
    const Month month = Month(1991, 1) + *rc::gen::inRange(0, 12 * 107);
    const YearKind kind = *rc::gen::element(YearKind::kFinancial, YearKind::kCalendar);
    for (const Period& p : {Period::OfMonth(month), Period::QuarterOf(month, kind), Period::HalfOf(month, kind),
                            Period::YearOf(month, kind), Period::YearToDate(month)}) {
      RC_ASSERT(*Period::Parse(p.ToString()) == p);
      RC_ASSERT(p.first() <= month);
      RC_ASSERT(month <= p.last());
    }
  }));
}

TEST(PeriodTest, TakesThePeriodsThatLieWhollyWithinTheBounds) {
  for (const char* text : {"1990-01", "2099-12", "1990", "2099", "1990-91", "2098-99", "1990-Q1", "2099-Q4",
                           "1989-90-Q4", "2099-00-Q3", "2099-00-H1", "1990-01-YTD", "2099-12-YTD"}) {
    EXPECT_THAT(Period::Parse(text), IsOk()) << text;
  }
  for (const char* text : {"1989-12", "2100-01", "1989", "2100", "1989-90", "2099-00", "1989-Q4", "2100-Q1",
                           "1989-90-Q3", "1989-90-H2", "2099-00-Q4", "2099-00-H2", "1989-12-YTD", "2100-01-YTD"}) {
    EXPECT_THAT(Period::Parse(text), IsError(absl::StatusCode::kInvalidArgument, "of the years 1990 to 2099")) << text;
    EXPECT_THAT(Period::ParseAnyYear(text), IsOk()) << text;
  }
}

// What scoring derives from a reading at the edge of the bounds must be readable in its update.
TEST(PeriodTest, EveryDerivedPeriodCanBeReadBack) {
  for (Month month = Month(1990, 1); month <= Month(2099, 12); month = month + 1) {
    for (const YearKind kind : {YearKind::kFinancial, YearKind::kCalendar}) {
      for (const Period& own : {Period::OfMonth(month), Period::QuarterOf(month, kind), Period::HalfOf(month, kind),
                                Period::YearOf(month, kind), Period::YearToDate(month)}) {
        for (const Period& p : {own, own.Previous(), own.Next()}) {
          const absl::StatusOr<Period> read = Period::ParseAnyYear(p.ToString());
          ASSERT_THAT(read, IsOk());
          ASSERT_EQ(*read, p) << p.ToString();
        }
      }
    }
  }
}

TEST(MonthTest, KnowsItsYears) {
  const Month february(2022, 2);
  EXPECT_EQ(FirstMonthOfYear(february, YearBasis::kFinancial), Month(2021, 4));
  EXPECT_EQ(FirstMonthOfYear(february, YearBasis::kAcademic), Month(2021, 9));
  EXPECT_EQ(FirstMonthOfYear(february, YearBasis::kCalendar), Month(2022, 1));
  EXPECT_EQ(FirstMonthOfYear(Month(2021, 9), YearBasis::kAcademic), Month(2021, 9));
  EXPECT_EQ(february.LastDay(), Date(2022, 2, 28));
  EXPECT_EQ(Month(2024, 2).LastDay(), Date(2024, 2, 29));
  EXPECT_EQ(Month(2021, 12) + 1, Month(2022, 1));
}

}  // namespace
}  // namespace bellwether::core
