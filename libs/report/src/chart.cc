#include "bellwether/report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/text.h"

namespace bellwether::report {
namespace {

using markup::Attribute;
using markup::Attributes;
using markup::El;
using markup::Markup;

std::string Px(double value) {
  std::string text = absl::StrFormat("%.1f", value);
  if (text.size() > 2 && text.substr(text.size() - 2) == ".0") text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

// "Feb".
std::string Short(core::Month month) { return month.DisplayName().substr(0, 3); }

// Which side of its target a figure is on.
enum class Side { kNone, kBelow, kOn, kAbove };

const Chart::Target* TargetOf(const Chart& chart, core::Month month) {
  for (const Chart::Target& target : chart.targets) {
    if (target.month == month) return &target;
  }
  return nullptr;
}

Side SideOf(const Chart& chart, const Chart::Point& point) {
  const Chart::Target* target = TargetOf(chart, point.last);
  if (target == nullptr || point.kind == Chart::Kind::kSpanShare) return Side::kNone;
  // Both come from decimals of few digits: what is equal there is equal here.
  if (target->low && point.value < *target->low) return Side::kBelow;
  if (target->high && point.value > *target->high) return Side::kAbove;
  return Side::kOn;
}

std::string NameOf(const Measure& measure) { return absl::StrCat(measure.ref, " ", measure.description); }

// From `left` to `right`, with a point at each end: as long as it is high, a lozenge.
Markup Pointed(std::string_view name, double left, double right, double y, double half) {
  const std::string between = right - left > 2 * half + 0.1 ? absl::StrCat("H", Px(right - half)) : "";
  const std::string back = between.empty() ? "" : absl::StrCat("H", Px(left + half));
  return El("path",
            {{"class", name},
             {"d", absl::StrCat("M", Px(left), " ", Px(y), "L", Px(left + half), " ", Px(y - half), between, "L",
                                Px(right), " ", Px(y), "L", Px(right - half), " ", Px(y + half), back, "Z")}});
}

// Turns months and figures into places.
class Drawing {
 public:
  Drawing(const Chart& chart, ChartSize size, bool file)
      : chart_(chart), small_(size == ChartSize::kSmall), file_(file) {
    width_ = small_ ? 260 : 800;
    height_ = small_ ? 104 : 360;
    left_ = small_ ? 38 : 66;
    right_ = small_ ? 8 : 92;
    top_ = small_ ? 8 : 18;
    bottom_ = small_ ? 16 : 44;
    scale_ = ScaleOf(chart, small_ ? 2 : 5);
    months_ = chart.last - chart.first + 1;
    if (!chart.other) return;
    // Two measures are named beside the chart.
    names_ = NamesOfTwo();
    int longest = 0;
    for (const Name& name : names_) longest = std::max(longest, core::CharacterCount(name.text));
    right_ = small_ ? 10 + 6.5 * longest : 16 + 8.5 * longest;
  }

  Markup Whole(std::string_view id) {
    Markup inside = Axes();
    inside += Targets();
    if (chart_.other) inside += El("g", {{"class", "other"}}, Measured(*chart_.other));
    inside += Measured(chart_);
    if (!small_) inside += BreakNames();
    if (chart_.other) {
      for (const Name& name : Apart(names_)) inside += Beside(name);
    } else if (!small_) {
      inside += Names();
    }
    const std::string title_id = absl::StrCat(core::ToAbsl(id), "-title");
    const std::string description_id = absl::StrCat(core::ToAbsl(id), "-desc");
    const std::string title = ChartTitle(chart_);
    return El("svg",
              {{"xmlns", "http://www.w3.org/2000/svg"},
               {"class", absl::StrCat("chart ", small_ ? "small" : "large", file_ ? " file" : "")},
               {"viewBox", absl::StrCat("0 0 ", width_, " ", height_)},
               {"role", "img"},
               {"aria-labelledby", title_id},
               {"aria-describedby", description_id},
               {"font-size", small_ ? 10 : 14}},
              El("title", {{"id", title_id}},
                 absl::StrCat(NameOf(chart_), chart_.other ? ", and " + NameOf(*chart_.other) : "",
                              title.empty() ? "" : ": ", title)),
              El("desc", {{"id", description_id}}, ChartDescription(chart_)), inside);
  }

 private:
  double X(double months) const { return left_ + months / months_ * (width_ - left_ - right_); }
  double Begin(core::Month month) const { return X(month - chart_.first); }
  double End(core::Month month) const { return X(month - chart_.first + 1); }
  double Middle(core::Month first, core::Month last) const { return (Begin(first) + End(last)) / 2; }
  double Y(double value) const {
    const double share = (value - scale_.low) / (scale_.high - scale_.low);
    return top_ + (1 - std::clamp(share, 0.0, 1.0)) * (height_ - top_ - bottom_);
  }
  bool Shows(core::Month month) const { return month >= chart_.first && month <= chart_.last; }

  bool IsOther(const Measure& measure) const { return chart_.other && &measure == &*chart_.other; }

  static Markup Path(std::string_view name, const std::string& d) { return El("path", {{"class", name}, {"d", d}}); }
  static Markup Text(std::string_view name, double x, double y, const char* anchor, const std::string& text) {
    return El("text",
              {Attribute::If(!name.empty(), "class", name), {"x", Px(x)}, {"y", Px(y)}, {"text-anchor", anchor}}, text);
  }

  Markup Axes() {
    Markup all;
    std::string grid;
    const double floor = height_ - bottom_;
    for (int i = 0;; ++i) {
      const double tick = scale_.low + i * scale_.step;
      if (tick > scale_.high + scale_.step * 1e-6) break;
      absl::StrAppend(&grid, "M", Px(left_), " ", Px(Y(tick)), "H", Px(width_ - right_));
      all += Text("", left_ - (small_ ? 4 : 10), Y(tick) + (small_ ? 3.5 : 5), "end",
                  TickText(tick, scale_, chart_.percent));
    }
    all = Path("grid", grid) + all;
    std::string ticks = absl::StrCat("M", Px(left_), " ", Px(floor), "H", Px(width_ - right_));
    for (core::Month month = chart_.first; month <= chart_.last; month = month + 1) {
      absl::StrAppend(&ticks, "M", Px(Begin(month)), " ", Px(floor), "v", small_ ? 3 : 5);
      const bool begins_year = month == chart_.first || month.month() == 1;
      if (months_ > 15 && month.month() % 3 != 1) continue;
      all += Text("", Middle(month, month), floor + (small_ ? 12 : 20), "middle",
                  small_ ? Short(month).substr(0, 1) : Short(month));
      if (!small_ && begins_year)
        all += Text("", Middle(month, month), floor + 38, "middle", absl::StrCat(month.year()));
    }
    absl::StrAppend(&ticks, "M", Px(width_ - right_), " ", Px(floor), "v", small_ ? 3 : 5);
    return all + Path("axis", ticks);
  }

  Markup Targets() {
    Markup bands;
    std::string low;  // One run of dashes for each side.
    std::string high;
    const Chart::Target* before = nullptr;
    for (const Chart::Target& t : chart_.targets) {
      const double x = Begin(t.month);
      const double width = End(t.month) - x;
      const auto band = [&](const char* name, double from, double to) {
        const double upper = Y(std::max(from, to));
        const double lower = Y(std::min(from, to));
        if (lower - upper < 0.5) return;
        bands +=
            El("rect",
               {{"class", name}, {"x", Px(x)}, {"y", Px(upper)}, {"width", Px(width)}, {"height", Px(lower - upper)}});
      };
      if (t.tolerated_low && t.low) band("tolerated", *t.tolerated_low, *t.low);
      if (t.tolerated_high && t.high) band("tolerated", *t.high, *t.tolerated_high);
      if (t.low && t.high && *t.low < *t.high) band("range", *t.low, *t.high);
      const bool goes_on = before != nullptr && before->month + 1 == t.month;
      const auto side = [&](const std::optional<double>& now, const std::optional<double>& then, std::string* line) {
        if (!now) return;
        if (!goes_on || !then) absl::StrAppend(line, "M", Px(x), " ", Px(Y(*now)));
        if (goes_on && then && *then != *now) absl::StrAppend(line, "V", Px(Y(*now)));
        absl::StrAppend(line, "H", Px(x + width));
      };
      side(t.low, before == nullptr ? std::nullopt : before->low, &low);
      if (t.high != t.low) side(t.high, before == nullptr ? std::nullopt : before->high, &high);
      before = &t;
    }
    return low.empty() && high.empty() ? bands : bands + Path("target", low + high);
  }

  Markup Measured(const Measure& measure) {
    Markup all = Breaks(measure) + Trend(measure) + Line(measure);
    for (const Chart::Point& point : measure.points) all += Mark(point, IsOther(measure));
    return all;
  }

  Markup Breaks(const Measure& measure) {
    std::string line;
    for (const core::Month month : measure.breaks) {
      absl::StrAppend(&line, "M", Px(Begin(month)), " ", Px(top_), "V", Px(height_ - bottom_));
    }
    return line.empty() ? Markup() : Path("break", line);
  }

  Markup Trend(const Measure& measure) {
    if (!measure.trend || measure.points.empty()) return {};
    const Chart::Trend& trend = *measure.trend;
    const core::Month from = std::max(trend.from, chart_.first);
    const Chart::Point& newest = measure.points.back();
    const core::Month to = newest.first + (newest.last - newest.first) / 2;
    if (to <= from) return {};
    const auto at = [&](core::Month m) { return trend.start + trend.slope * (m - trend.from); };
    return Path("trend", absl::StrCat("M", Px(Middle(from, from)), " ", Px(Y(at(from))), "L", Px(Middle(to, to)), " ",
                                      Px(Y(at(to)))));
  }

  // From figure to figure of periods that follow one another; breaks and gaps stay open.
  Markup Line(const Measure& measure) {
    std::string line;
    const Chart::Point* before = nullptr;
    for (const Chart::Point& p : measure.points) {
      if (p.kind != Chart::Kind::kPeriod || !Shows(p.first)) {
        before = nullptr;
        continue;
      }
      const bool joins = before != nullptr && before->last + 1 == p.first &&
                         std::find(measure.breaks.begin(), measure.breaks.end(), p.first) == measure.breaks.end();
      absl::StrAppend(&line, joins ? "L" : "M", Px(Middle(p.first, p.last)), " ", Px(Y(p.value)));
      before = &p;
    }
    return line.empty() ? Markup() : Path("line", line);
  }

  // The other measure's marks are pointed where the first one's are round or square.
  Markup Mark(const Chart::Point& p, bool pointed) {
    if (!Shows(p.first)) return {};
    const double y = Y(p.value);
    const double size = small_ ? 3 : 5;
    const std::string kind = absl::StrCat("point", p.provisional ? " provisional" : "");
    const std::string span = absl::StrCat("span", p.provisional ? " uncertain" : "");
    const bool is_long = p.kind == Chart::Kind::kSpan || p.kind == Chart::Kind::kSpanShare;
    const double x = Middle(p.first, p.last);
    if (pointed) {
      const bool is_point = p.kind == Chart::Kind::kPeriod;
      return is_long ? Pointed(span, Begin(p.first) + 1.5, End(p.last) - 1.5, y, size)
                     : Pointed(is_point ? kind : span, x - size * 1.4, x + size * 1.4, y, size * 1.4);
    }
    if (is_long) {
      const double left = Begin(p.first) + 1.5;
      return El("rect", {{"class", span},
                         {"x", Px(left)},
                         {"y", Px(y - size * 0.8)},
                         {"width", Px(End(p.last) - left - 1.5)},
                         {"height", Px(size * 1.6)}});
    }
    if (p.kind == Chart::Kind::kEndOfSpan) {
      return El("rect", {{"class", span},
                         {"x", Px(x - size)},
                         {"y", Px(y - size)},
                         {"width", Px(2 * size)},
                         {"height", Px(2 * size)}});
    }
    return El("circle", {{"class", kind}, {"cx", Px(x)}, {"cy", Px(y)}, {"r", Px(size)}});
  }

  // The last figure and the target, named where they are.
  Markup Names() {
    Markup all;
    if (!chart_.points.empty()) {
      const Chart::Point& p = chart_.points.back();
      const double taken = Y(p.value);
      if (p.last < chart_.last) {  // Behind it, where no line is.
        const double right = p.kind == Chart::Kind::kPeriod ? Middle(p.first, p.last) : End(p.last);
        all += Text("value", right + 11, std::min(taken + 5, height_ - bottom_ - 6), "start", p.text);
      } else {  // On the side that is away from its target.
        const bool below = SideOf(chart_, p) == Side::kBelow && taken < height_ - bottom_ - 30;
        const bool room_above = taken > top_ + 26;
        all += Text("value", Middle(p.first, p.last), room_above && !below ? taken - 12 : taken + 25, "middle", p.text);
      }
    }
    if (!chart_.targets.empty()) {
      const Chart::Target& t = chart_.targets.back();
      const double y = Y(t.low ? *t.low : *t.high);
      all += Text("named", width_ - right_ + 8, y - 2, "start", "Target");
      all += Text("named", width_ - right_ + 8, y + 14, "start", t.text);
    }
    return all;
  }

  Markup BreakNames() {
    Markup all;
    for (const core::Month month : chart_.breaks) {
      all += Text("", Begin(month) + 5, top_ + 12, "start",
                  chart_.other ? "break in " + ShortRef(chart_) : "break in the series");
    }
    if (!chart_.other) return all;
    for (const core::Month month : chart_.other->breaks) {
      all += Text("", Begin(month) + 5, top_ + 28, "start", "break in " + ShortRef(*chart_.other));
    }
    return all;
  }

  // What stands beside a chart of two measures, where its line ends.
  struct Name {
    double value = 0;
    double y = 0;
    std::string_view kind;
    std::string text;
  };
  std::string ShortRef(const Measure& measure) const { return core::Shorten(measure.ref, small_ ? 8 : 16); }

  std::vector<Name> NamesOfTwo() const {
    std::vector<Name> all;
    for (const Measure* measure : {static_cast<const Measure*>(&chart_), &*chart_.other}) {
      if (measure->points.empty()) continue;
      const Chart::Point& p = measure->points.back();
      all.push_back({p.value, 0, IsOther(*measure) ? "second" : "own",
                     small_ ? ShortRef(*measure) : absl::StrCat(ShortRef(*measure), " ", p.text)});
    }
    if (!small_ && !chart_.targets.empty()) {
      const Chart::Target& t = chart_.targets.back();
      all.push_back({t.low ? *t.low : *t.high, 0, "named", absl::StrCat(ShortRef(chart_), " target ", t.text)});
    }
    return all;
  }

  // Each as near to its figure as the others let it.
  std::vector<Name> Apart(std::vector<Name> names) const {
    for (Name& name : names) name.y = Y(name.value) + (small_ ? 3.5 : 5);
    std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.y < b.y; });
    const double line = small_ ? 11 : 17;
    for (size_t i = 1; i < names.size(); ++i) names[i].y = std::max(names[i].y, names[i - 1].y + line);
    double lowest = height_ - bottom_ + 4;
    for (auto name = names.rbegin(); name != names.rend(); ++name, lowest -= line) name->y = std::min(name->y, lowest);
    return names;
  }

  Markup Beside(const Name& name) const {
    return Text(name.kind, width_ - right_ + (small_ ? 4 : 8), name.y, "start", name.text);
  }

  const Chart& chart_;
  const bool small_;
  const bool file_;
  int width_;
  int height_;
  double left_;
  double right_;
  double top_;
  double bottom_;
  Scale scale_;
  int months_;
  std::vector<Name> names_;
};

std::string PointText(const Chart::Point& p) {
  return absl::StrCat(p.period.DisplayName(), " ", p.text, p.provisional ? " (provisional)" : "");
}

}  // namespace

Scale ScaleOf(const Chart& chart, int intervals) {
  double low = 0;
  double high = 1;
  bool any = false;
  const auto see = [&](double value) {
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  };
  for (const Chart::Point& point : chart.points) see(point.value);
  if (chart.other) {
    for (const Chart::Point& point : chart.other->points) see(point.value);
  }
  for (const Chart::Target& target : chart.targets) {
    if (target.low) see(*target.low);
    if (target.high) see(*target.high);
  }
  // A tolerated band that is far wider than all else is cut.
  const double room = std::max(high - low, std::abs(high) / 20) / 2;
  const double seen_low = low;
  const double seen_high = high;
  for (const Chart::Target& target : chart.targets) {
    if (target.tolerated_low) see(std::max(*target.tolerated_low, seen_low - room));
    if (target.tolerated_high) see(std::min(*target.tolerated_high, seen_high + room));
  }
  if (low >= 0 && low < high * 0.45) low = 0;
  if (high <= low) {
    high = low + std::max(1.0, std::abs(low) / 10);
    if (low != 0) low -= std::max(1.0, std::abs(low) / 10);
  }
  const double raw = (high - low) / intervals;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double nice : {1.0, 2.0, 2.5, 5.0}) {
    if (nice * power >= raw * 0.999) {
      step = nice * power;
      break;
    }
  }
  Scale scale;
  scale.step = step;
  scale.low = std::floor(low / step + 1e-9) * step;
  scale.high = std::ceil(high / step - 1e-9) * step;
  if (chart.percent && high <= 100) scale.high = std::min(scale.high, std::max(100.0, high));
  return scale;
}

std::string TickText(double tick, const Scale& scale, bool percent) {
  const double step = scale.step;
  const int places = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  std::string text = absl::StrFormat("%.*f", step < 1 || std::fmod(step, 1) != 0 ? std::max(1, places) : 0, tick);
  return core::WithThousands(text) + (percent ? "%" : "");
}

namespace {

// The newest figure: there is one.
std::string Newest(const Measure& measure) {
  const Chart::Point& now = measure.points.back();
  return absl::StrCat(now.text, now.provisional ? " (provisional)" : "", " in ", now.period.DisplayName());
}

// The same, and where it went.
std::string Movement(const Measure& measure) {
  if (measure.points.size() < 2) return Newest(measure);
  const Chart::Point& now = measure.points.back();
  const Chart::Point& before = measure.points[measure.points.size() - 2];
  if (before.kind != now.kind) return Newest(measure);
  return absl::StrCat(Newest(measure),
                      now.value > before.value   ? ", up from "
                      : now.value < before.value ? ", down from "
                                                 : ", the same as ",
                      now.value == before.value ? "" : before.text, now.value == before.value ? "" : " ", "in ",
                      before.period.DisplayName());
}

// The same, and how it stands to its target.
std::string Standing(const Chart& chart) {
  const Chart::Point& now = chart.points.back();
  const Side side = SideOf(chart, now);
  if (side == Side::kNone) return Movement(chart);
  std::string title = Newest(chart);
  const Chart::Target& target = *TargetOf(chart, now.last);
  const bool range = target.low != target.high;
  // How long it has been so, as far as figures follow one another.
  core::Month since = now.first;
  for (auto p = chart.points.rbegin(); p != chart.points.rend(); ++p) {
    if (&*p != &now && (SideOf(chart, *p) != side || p->last + 1 != since)) break;
    since = p->first;
  }
  absl::StrAppend(&title,
                  side == Side::kBelow   ? ", below its target of "
                  : side == Side::kAbove ? ", above its target of "
                  : range                ? ", within its target of "
                                         : ", on its target of ",
                  target.text);
  if (since < now.first) absl::StrAppend(&title, " since ", since.DisplayName());
  return title;
}

std::string Figures(const Measure& measure) {
  std::vector<std::string> figures;
  for (const Chart::Point& point : measure.points) figures.push_back(PointText(point));
  std::string text = figures.empty() ? "No figure yet." : absl::StrCat(absl::StrJoin(figures, "; "), ".");
  for (const core::Month month : measure.breaks)
    absl::StrAppend(&text, " A break in the series: figures from ", month.DisplayName(),
                    " on do not compare with those before.");
  return text;
}

std::string Targets(const Chart& chart) {
  if (chart.targets.empty()) return "No target.";
  const bool same = std::all_of(chart.targets.begin(), chart.targets.end(),
                                [&](const Chart::Target& t) { return t.text == chart.targets[0].text; });
  if (same) return absl::StrCat("Target ", chart.targets[0].text, ".");
  std::vector<std::string> targets;
  for (const Chart::Target& t : chart.targets) targets.push_back(absl::StrCat(t.month.DisplayName(), " ", t.text));
  return absl::StrCat("Targets: ", absl::StrJoin(targets, "; "), ".");
}

}  // namespace

std::string ChartTitle(const Chart& chart) {
  if (chart.points.empty()) return "";
  if (!chart.other) return Standing(chart);
  return absl::StrCat(chart.ref, ": ", Standing(chart), "; ", chart.other->ref, ": ", Movement(*chart.other));
}

std::string ChartDescription(const Chart& chart) {
  const std::string own = absl::StrCat(Figures(chart), " ", Targets(chart));
  return chart.other ? absl::StrCat(chart.ref, ": ", own, " ", chart.other->ref, ": ", Figures(*chart.other)) : own;
}

Markup Draw(const Chart& chart, ChartSize size, std::string_view id) {
  return Drawing(chart, size, /*file=*/false).Whole(id);
}

std::string DrawFile(const Chart& chart, ChartSize size) {
  const Markup svg = Drawing(chart, size, /*file=*/true).Whole("chart");
  // The sheet stands within the image, which is shown by itself.
  return markup::SvgDocument(svg, ChartSheet());
}

namespace {

// A line of the key, with a sample of what is drawn.
Markup KeyLine(const Markup& shape, std::string_view words) {
  return El(
      "li", {},
      El("svg",
         {{"class", "chart sample"}, {"viewBox", "0 0 36 14"}, {"aria-hidden", "true"}, {"width", 36}, {"height", 14}},
         shape),
      " ", words);
}
Markup SampleLine(std::string_view name) { return El("path", {{"class", name}, {"d", "M2 7H34"}}); }
Markup SampleRect(std::string_view name, int x, int y, int width, int height) {
  return El("rect", {{"class", name}, {"x", x}, {"y", y}, {"width", width}, {"height", height}});
}
Markup SamplePoint(std::string_view name, bool pointed) {
  return pointed ? Pointed(name, 11, 25, 7, 7) : El("circle", {{"class", name}, {"cx", 18}, {"cy", 7}, {"r", 5}});
}
Markup SampleSpan(std::string_view name, bool pointed) {
  return pointed ? Pointed(name, 2, 34, 7, 5) : SampleRect(name, 2, 3, 32, 8);
}

// What is drawn of one of the chart's measures, and of its target, which only its own has.
Markup MeasureKey(const Chart& chart, const Measure& measure) {
  const bool other = chart.other && &measure == &*chart.other;
  const auto has = [&](auto condition) { return std::any_of(measure.points.begin(), measure.points.end(), condition); };
  Markup all;
  const auto add = [&](const Markup& shape, std::string_view words) {
    // Of two, each line says whose it is; the first in full.
    const std::string whose = !chart.other ? "" : all.empty() ? NameOf(measure) + ": " : measure.ref + ": ";
    all += KeyLine(other ? El("g", {{"class", "other"}}, shape) : shape, whose + std::string(words));
  };
  using Kind = Chart::Kind;
  if (has([](const Chart::Point& p) { return p.kind == Kind::kPeriod && !p.provisional; }))
    add(SampleLine("line") + SamplePoint("point", other), "Actual");
  if (has([](const Chart::Point& p) { return p.kind == Kind::kPeriod && p.provisional; }))
    add(SamplePoint("point provisional", other), "Actual, provisional");
  if (has([](const Chart::Point& p) { return p.kind == Kind::kSpan; }))
    add(SampleSpan("span", other), "Only the quarter's figure is known: drawn over its three months");
  if (has([](const Chart::Point& p) { return p.kind == Kind::kSpanShare; }))
    add(SampleSpan("span", other), "Only the quarter's sum is known: a third of it over each of its months");
  if (has([](const Chart::Point& p) { return p.kind == Kind::kEndOfSpan; }))
    add(other ? SamplePoint("span", other) : SampleRect("span", 13, 2, 10, 10),
        "Only the quarter's last figure is known");
  if (has([](const Chart::Point& p) { return p.kind != Kind::kPeriod && p.provisional; }))
    add(SampleSpan("span uncertain", other), "The quarter's figure, provisional");
  if (!other) {
    const auto any = [&](auto condition) { return std::any_of(chart.targets.begin(), chart.targets.end(), condition); };
    if (!chart.targets.empty()) add(SampleLine("target"), "Target");
    if (any([](const Chart::Target& t) { return t.low != t.high; }))
      add(SampleRect("range", 2, 2, 32, 10), "Target range");
    if (any([](const Chart::Target& t) { return t.tolerated_low || t.tolerated_high; }))
      add(SampleRect("tolerated", 2, 2, 32, 10), "Tolerated");
  }
  if (measure.trend) add(SampleLine("trend"), "Linear trend of the actual figures");
  if (!measure.breaks.empty()) add(El("path", {{"class", "break"}, {"d", "M18 1V13"}}), "Break in the series");
  return all;
}

Markup KeyList(const Markup& lines) { return lines.empty() ? lines : El("ul", {{"class", "chart-key"}}, lines); }

}  // namespace

Markup ChartKey(const Chart& chart) {
  return KeyList(MeasureKey(chart, chart) + (chart.other ? MeasureKey(chart, *chart.other) : Markup()));
}

Markup WholeChartKey(bool others) {
  Chart all;
  using Kind = Chart::Kind;
  for (const Kind kind : {Kind::kPeriod, Kind::kSpan, Kind::kSpanShare, Kind::kEndOfSpan})
    all.points.emplace_back().kind = kind;
  all.points.emplace_back().provisional = true;
  Chart::Target target;
  target.low = target.tolerated_low = 0;
  target.high = 1;
  all.targets.push_back(target);
  all.trend = Chart::Trend{core::Month(), 0, 0};
  all.breaks.emplace_back();
  Markup lines = MeasureKey(all, all);
  if (others) {
    lines += KeyLine(El("g", {{"class", "other"}}, SampleLine("line") + SamplePoint("point", true)),
                     "Another indicator on the same chart, named beside it: its marks are pointed");
  }
  return KeyList(lines);
}

}  // namespace bellwether::report
