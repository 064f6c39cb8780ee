#include "services/cli/chart_text.h"

#include <gmock/gmock.h>

#include <string>

namespace bellwether::cli {
namespace {

using report::Chart;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Terminal OfWidth(int width) {
  Terminal terminal;
  terminal.width = width;
  return terminal;
}

core::Period Month(int year, int month) { return core::Period::OfMonth(core::Month(year, month)); }

void Add(Chart& chart, core::Period period, double value, Chart::Kind kind = Chart::Kind::kPeriod) {
  Chart::Point& point = chart.points.emplace_back();
  point.kind = kind;
  point.period = period;
  point.first = period.first();
  point.last = period.last();
  point.value = value;
  point.text = std::to_string(static_cast<int>(value)) + "%";
}

// A year: two quarters, of which only the whole is known, then months; the last is provisional. The target went up in
// January, where the series breaks.
Chart AYear() {
  Chart chart;
  chart.ref = "T1";
  chart.percent = true;
  chart.first = core::Month(2021, 4);
  chart.last = core::Month(2022, 3);
  Add(chart, core::Period::QuarterOf(core::Month(2021, 4), core::YearKind::kFinancial), 82, Chart::Kind::kSpan);
  Add(chart, core::Period::QuarterOf(core::Month(2021, 7), core::YearKind::kFinancial), 86, Chart::Kind::kSpan);
  Add(chart, Month(2021, 10), 88);
  Add(chart, Month(2021, 12), 91);
  Add(chart, Month(2022, 1), 94);
  Add(chart, Month(2022, 2), 92);
  chart.points.back().provisional = true;
  for (core::Month m = chart.first; m <= chart.last; m = m + 1) {
    const bool later = m >= core::Month(2022, 1);
    chart.targets.push_back(
        {m, later ? 92 : 90, later ? 92 : 90, later ? 90 : 86, std::nullopt, later ? "92%" : "90%"});
  }
  chart.breaks.push_back(core::Month(2022, 1));
  return chart;
}

TEST(ChartTextTest, HasAxesFiguresTargetsAndBreaks) {
  EXPECT_EQ(DrawText(AYear(), OfWidth(80)),
            R"(92% (provisional) in February 2022, on its target of 92%

95.0% ┤                                                      ┊
      │                                                      ┊ ●
92.5% ┤                                                      ────────○─────────
      │                                                  ●   ┊
90.0% ┤──────────────────────────────────────────────────────┊·················
      │                                                      ┊
87.5% ┤                                      ●               ┊
      │··················══════════════════··················┊
85.0% ┤                                                      ┊
      │                                                      ┊
82.5% ┤══════════════════                                    ┊
      │                                                      ┊
80.0% ┤                                                      ┊
      └┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────
       Apr   May   Jun   Jul   Aug   Sep   Oct   Nov   Dec   Jan   Feb   Mar
       2021                                                  2022
● actual   ○ actual, provisional
═ only the quarter's figure is known: over its three months   ─ target
· tolerated   ┊ break in the series
)");
}

TEST(ChartTextTest, IsAsWideAsThereIsRoom) {
  for (const int width : {40, 80, 120, 200}) {
    const std::string text = DrawText(AYear(), OfWidth(width));
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      EXPECT_LE(DisplayWidth(text.substr(at, end - at)), width) << text;
      at = end + 1;
    }
  }
  EXPECT_EQ(YearsOfChart(OfWidth(40)), 2);
  EXPECT_EQ(YearsOfChart(OfWidth(80)), 3);
}

TEST(ChartTextTest, IsDrawnInAsciiWhereTheFontHasNoMore) {
  Terminal terminal = OfWidth(80);
  terminal.ascii = true;
  const std::string text = DrawText(AYear(), terminal);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << text;
}

TEST(ChartTextTest, IsColouredOnlyWhereThereIsColour) {
  Terminal terminal = OfWidth(80);
  EXPECT_THAT(DrawText(AYear(), terminal), Not(HasSubstr("\x1b")));
  terminal.colour = true;
  EXPECT_THAT(DrawText(AYear(), terminal), HasSubstr("m●\x1b[0m"));
}

TEST(ChartTextTest, OfNothingIsNothing) {
  EXPECT_EQ(DrawText(Chart(), OfWidth(80)), "");
  Chart one = AYear();
  one.points.resize(1);
  one.points[0].value = 0;
  one.targets.clear();
  EXPECT_THAT(DrawText(one, OfWidth(40)), AllOf(HasSubstr("0%"), HasSubstr("═══")));
}

}  // namespace
}  // namespace bellwether::cli
