// The chart of one indicator, as SVG: what was measured, what was to be reached, and how it goes; and beside it what
// was measured of another one, where its definition says so (`charted_with`). Pure.
//
// Colours are those of the Government Analysis Function, given by a style sheet (ChartSheet): the same markup is read
// on light and dark, on paper, in forced colours. Nothing is told by colour alone: lines differ in their dashes, points
// in their shapes. A chart's title says what is seen, and its description has every figure. Two measures are named
// where they are drawn.
#ifndef BELLWETHER_REPORT_CHART_H_
#define BELLWETHER_REPORT_CHART_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bellwether/core/period.h"
#include "bellwether/markup/markup.h"
#include "bellwether/v1/query_service.pb.h"

namespace bellwether::report {

// What was measured. Figures are doubles: they say where a point is drawn, and nothing else is made of them.
struct Measure {
  // How a figure is drawn.
  enum class Kind {
    kPeriod,     // The data period's own figure.
    kSpan,       // Only the quarter is known: over its three months.
    kSpanShare,  // Only the quarter's sum is known: over its three months, a third of it each.
    kEndOfSpan,  // Only the quarter is known, and its figure is that of its last month.
  };
  struct Point {
    Kind kind = Kind::kPeriod;
    core::Period period;
    core::Month first;  // Where it is drawn.
    core::Month last;
    double value = 0;  // Where it is drawn: of kSpanShare a third of the figure.
    std::string text;  // The figure: "85.71%".
    bool provisional = false;
  };
  struct Trend {
    core::Month from;
    double start = 0;
    double slope = 0;  // A month.
  };

  std::string ref;
  std::string description;
  std::vector<Point> points;  // In order of time.
  std::vector<core::Month> breaks;
  std::optional<Trend> trend;
};

// What a chart shows: the indicator's own measure and target.
struct Chart : Measure {
  // What is to be reached in a month. An absent side is open; of one value both sides are it.
  struct Target {
    core::Month month;
    std::optional<double> low;
    std::optional<double> high;
    std::optional<double> tolerated_low;
    std::optional<double> tolerated_high;
    std::string text;  // "90%", "4 to 6".
  };

  bool percent = false;
  core::Month first;  // The axis.
  core::Month last;
  std::vector<Target> targets;   // In order of time; months without one are left out.
  std::optional<Measure> other;  // Of the same unit, drawn as well. Its targets stand on its own chart.
};

// The chart of the year of reports in which `report_month` lies, up to it. `years` more than 1: so many, as far as
// there are figures of its own; the small chart beside a row shows one. The targets are those that the rating library
// gives, month by month. Of what is drawn as well there is nothing where the answer has none of it.
Chart ChartOf(const v1::GetIndicatorResponse& history, core::Month report_month, int years);

// The scale of figures, from its lowest to its highest tick, in at most about `intervals` steps.
struct Scale {
  double low = 0;
  double high = 1;
  double step = 1;
};
Scale ScaleOf(const Chart& chart, int intervals);
// "90%", "1,500".
std::string TickText(double tick, const Scale& scale, bool percent);

// What is seen: "87.78% in February 2022, below its target of 90% since April 2021", of each measure with its ref where
// there are two. Empty without a figure of its own.
std::string ChartTitle(const Chart& chart);
// Every figure, in words.
std::string ChartDescription(const Chart& chart);

enum class ChartSize { kSmall, kLarge };
// The element <svg>, with its title and description. `id` is unique on its page, and begins the ids within.
markup::Markup Draw(const Chart& chart, ChartSize size, std::string_view id);
// The same as a file of its own, with its style sheet in it.
std::string DrawFile(const Chart& chart, ChartSize size);
// The style sheet of charts.
std::string_view ChartSheet();
// What the marks and lines of this chart mean; only those that it has.
markup::Markup ChartKey(const Chart& chart);
// The same of all that a chart can have, for a page of many. `others`: some have two measures.
markup::Markup WholeChartKey(bool others);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_CHART_H_
