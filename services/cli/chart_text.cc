#include "services/cli/chart_text.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bellwether::cli {
namespace {

using report::Chart;

constexpr int kAxis = 12;  // What figures beside the axis take, at most.
// The Analysis Function's blue and its plum.
constexpr const char* kBlue = "#12436d";
constexpr const char* kPlum = "#801650";

// Whose sign stands in a cell, the later above the earlier.
enum class Sign { kNone, kTolerated, kBreak, kTarget, kSpan, kEndOfSpan, kPoint, kProvisional };

const char* Drawn(Sign sign) {
  switch (sign) {
    case Sign::kNone:
      return " ";
    case Sign::kTolerated:
      return "·";
    case Sign::kBreak:
      return "┊";
    case Sign::kTarget:
      return "─";
    case Sign::kSpan:
      return "═";
    case Sign::kEndOfSpan:
      return "▪";
    case Sign::kPoint:
      return "●";
    case Sign::kProvisional:
      return "○";
  }
  return " ";
}

std::string InColour(const Terminal& terminal, Sign sign, const std::string& drawn) {
  switch (sign) {
    case Sign::kTarget:
      return Coloured(terminal, drawn, kPlum);
    case Sign::kSpan:
    case Sign::kEndOfSpan:
    case Sign::kPoint:
    case Sign::kProvisional:
      return Coloured(terminal, drawn, kBlue);
    default:
      return drawn;
  }
}

class Drawing {
 public:
  Drawing(const Chart& chart, const Terminal& terminal)
      : chart_(chart), terminal_(terminal), scale_(report::ScaleOf(chart, 5)), months_(chart.last - chart.first + 1) {
    const auto steps = static_cast<int>(std::ceil((scale_.high - scale_.low) / scale_.step - 1e-9));
    rows_ = 2 * std::max(steps, 1) + 1;
    for (int i = 0; i <= steps; ++i)
      label_ = std::max(label_, DisplayWidth(report::TickText(Tick(i), scale_, chart_.percent)));
    each_ = std::clamp((terminal_.width - label_ - 3) / months_, 1, 6);
    cells_.assign(static_cast<size_t>(rows_), std::vector<Sign>(static_cast<size_t>(months_ * each_), Sign::kNone));
  }

  std::string Whole() {
    for (const core::Month month : chart_.breaks) {
      if (!Shows(month)) continue;
      for (int row = 0; row < rows_; ++row) Put(row, Begin(month), Sign::kBreak);
    }
    for (const Chart::Target& t : chart_.targets) {
      const auto line = [&](const std::optional<double>& value, Sign sign) {
        // What is tolerated may lie far outside.
        if (!value || *value > scale_.high || *value < scale_.low) return;
        for (int i = 0; i < each_; ++i) Put(RowOf(*value), Begin(t.month) + i, sign);
      };
      line(t.tolerated_low, Sign::kTolerated);
      line(t.tolerated_high, Sign::kTolerated);
      line(t.low, Sign::kTarget);
      line(t.high, Sign::kTarget);
    }
    for (const Chart::Point& p : chart_.points) {
      if (!Shows(p.first) || !Shows(p.last)) continue;
      const int begin = Begin(p.first);
      const int end = Begin(p.last) + each_;
      if (p.kind == Chart::Kind::kSpan || p.kind == Chart::Kind::kSpanShare) {
        for (int column = begin; column < end; ++column) Put(RowOf(p.value), column, Sign::kSpan);
      } else {
        const Sign sign = p.kind == Chart::Kind::kEndOfSpan ? Sign::kEndOfSpan
                          : p.provisional                   ? Sign::kProvisional
                                                            : Sign::kPoint;
        Put(RowOf(p.value), (begin + end - 1) / 2, sign);
      }
    }
    std::string text;
    for (int row = 0; row < rows_; ++row) text += Line(row);
    return text + Axis() + Key();
  }

 private:
  double Tick(int i) const { return std::min(scale_.high, scale_.low + i * scale_.step); }
  bool Shows(core::Month month) const { return month >= chart_.first && month <= chart_.last; }
  int Begin(core::Month month) const { return (month - chart_.first) * each_; }
  // From the top.
  int RowOf(double value) const {
    const double steps = (std::clamp(value, scale_.low, scale_.high) - scale_.low) / scale_.step;
    return std::clamp(rows_ - 1 - static_cast<int>(std::lround(2 * steps)), 0, rows_ - 1);
  }
  void Put(int row, int column, Sign sign) {
    Sign& cell = cells_[static_cast<size_t>(row)][static_cast<size_t>(column)];
    cell = std::max(cell, sign);
  }

  std::string Line(int row) const {
    const int half_steps = rows_ - 1 - row;
    const bool tick = half_steps % 2 == 0;
    std::string line = Fit(tick ? report::TickText(Tick(half_steps / 2), scale_, chart_.percent) : "", label_, true);
    line += tick ? " ┤" : " │";
    const std::vector<Sign>& cells = cells_[static_cast<size_t>(row)];
    for (size_t i = 0; i < cells.size();) {
      std::string run;
      size_t next = i;
      while (next < cells.size() && cells[next] == cells[i]) {
        run += Drawn(cells[i]);
        ++next;
      }
      if (cells[i] != Sign::kNone || next < cells.size()) line += InColour(terminal_, cells[i], run);
      i = next;
    }
    return line + "\n";
  }

  // Months by their names as there is room, years below.
  std::string Axis() const {
    const int step = each_ >= 4 ? 1 : each_ == 1 ? 6 : 3;
    const auto fill = std::string(static_cast<size_t>(label_) + 2, ' ');
    std::string line = std::string(static_cast<size_t>(label_) + 1, ' ') + "└";
    std::string names = fill;
    std::string years = fill;
    for (core::Month month = chart_.first; month <= chart_.last; month = month + 1) {
      const auto place = static_cast<size_t>(label_) + 2 + static_cast<size_t>(Begin(month));
      const bool named = (month - chart_.first) % step == 0;
      for (int i = 0; i < each_; ++i) line += i == 0 && named ? "┴" : "─";
      if (named && names.size() <= place) {
        names.resize(place, ' ');
        names += month.DisplayName().substr(0, 3);
      }
      if ((month == chart_.first || month.month() == 1) && years.size() <= place) {
        years.resize(place, ' ');
        years += std::to_string(month.year());
      }
    }
    return absl::StrCat(line, "\n", names, "\n", years, "\n");
  }

  std::string Key() const {
    std::vector<std::string> words;
    const auto add = [&](Sign sign, std::string_view what) {
      const bool there = std::any_of(cells_.begin(), cells_.end(), [&](const std::vector<Sign>& row) {
        return std::find(row.begin(), row.end(), sign) != row.end();
      });
      if (there) words.push_back(InColour(terminal_, sign, Drawn(sign)) + " " + std::string(what));
    };
    add(Sign::kPoint, "actual");
    add(Sign::kProvisional, "actual, provisional");
    const bool shares = std::any_of(chart_.points.begin(), chart_.points.end(),
                                    [](const Chart::Point& p) { return p.kind == Chart::Kind::kSpanShare; });
    add(Sign::kSpan, shares ? "only the quarter's sum is known: a third of it in each month"
                            : "only the quarter's figure is known: over its three months");
    add(Sign::kEndOfSpan, "only the quarter's last figure is known");
    add(Sign::kTarget, "target");
    add(Sign::kTolerated, "tolerated");
    add(Sign::kBreak, "break in the series");
    std::string text;
    int used = 0;
    for (const std::string& each : words) {
      const int width = DisplayWidth(each);
      const bool fits = used + 3 + width <= terminal_.width;
      absl::StrAppend(&text, used == 0 ? "" : fits ? "   " : "\n", absl::StrJoin(Wrap(each, terminal_.width), "\n"));
      used = used > 0 && fits ? used + 3 + width : width;
    }
    return text + "\n";
  }

  const Chart& chart_;
  const Terminal& terminal_;
  const report::Scale scale_;
  const int months_;
  int rows_ = 0;
  int label_ = 0;
  int each_ = 1;  // Columns of a month.
  std::vector<std::vector<Sign>> cells_;
};

}  // namespace

int YearsOfChart(const Terminal& terminal) { return std::clamp((terminal.width - kAxis) / 12, 1, 3); }

std::string DrawText(const Chart& chart, const Terminal& terminal) {
  if (chart.points.empty()) return "";
  const std::string title = absl::StrJoin(Wrap(report::ChartTitle(chart), terminal.width), "\n");
  const std::string drawn = Drawing(chart, terminal).Whole();
  return terminal.ascii ? absl::StrCat(Spelled(title), "\n\n", WithAsciiLines(drawn))
                        : absl::StrCat(title, "\n\n", drawn);
}

}  // namespace bellwether::cli
