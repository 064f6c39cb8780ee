#include "usual.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "boost/container/small_vector.hpp"

namespace bellwether::rating {
namespace {

constexpr size_t kYear = 12;
constexpr size_t kFewestMisses = 5;
constexpr size_t kFewestForMiddle = 3;

// What is to be expected of a month.
struct Outlook {
  static constexpr size_t kWays = 3;
  std::array<std::optional<int64_t>, kWays> expected;  // The last figure; the middle; that of a year ago.
};

// Goes along a series: what was to be expected of each month from the figures before it.
class Along {
 public:
  // From the figure at `first` on, before which nothing is known.
  explicit Along(const Series& series, size_t first = 0) : series_(series), known_(first), year_ago_(first) {}

  Outlook Before(int month) {
    Outlook outlook;
    if (size_ > 0) outlook.expected[0] = series_[known_ - 1].value;
    if (size_ >= kFewestForMiddle) outlook.expected[1] = middle();
    const int then = month - static_cast<int>(kYear);
    while (year_ago_ < known_ && series_[year_ago_].month < then) ++year_ago_;
    if (year_ago_ < known_ && series_[year_ago_].month == then) outlook.expected[2] = series_[year_ago_].value;
    return outlook;
  }
  void Step() {
    if (size_ == kYear) Remove(series_[known_ - kYear].value);
    Insert(series_[known_++].value);
  }
  // Of the last twelve. Precondition: there is one.
  int64_t middle() const { return year_[size_ / 2]; }

 private:
  void Insert(int64_t value) {
    size_t at = size_++;
    for (; at > 0 && year_[at - 1] > value; --at) year_[at] = year_[at - 1];
    year_[at] = value;
  }
  void Remove(int64_t value) {
    const auto at = std::lower_bound(year_.begin(), year_.begin() + static_cast<std::ptrdiff_t>(size_), value);
    std::copy(at + 1, year_.begin() + static_cast<std::ptrdiff_t>(size_), at);
    --size_;
  }

  const Series& series_;
  size_t known_;                       // Where the next figure stands.
  size_t year_ago_;                    // Where that of a year ago was last looked for.
  std::array<int64_t, kYear> year_{};  // The last twelve figures, in their order.
  size_t size_ = 0;
};

}  // namespace

std::optional<Usual> UsualOf(const Series& series, int month) {
  constexpr size_t kMostly = 24;  // More figures need memory of their own.
  using Misses = boost::container::small_vector<int64_t, kMostly>;
  std::array<Misses, Outlook::kWays> misses;
  Along along(series);
  for (const Point& point : series) {
    const Outlook outlook = along.Before(point.month);
    for (size_t way = 0; way < Outlook::kWays; ++way) {
      if (outlook.expected[way]) misses[way].push_back(std::abs(point.value - *outlook.expected[way]));
    }
    along.Step();
  }
  const Outlook outlook = along.Before(month);
  std::optional<Usual> best;
  for (size_t way = 0; way < Outlook::kWays; ++way) {
    Misses& missed = misses[way];
    if (!outlook.expected[way] || missed.size() < kFewestMisses) continue;
    std::sort(missed.begin(), missed.end());
    const int64_t typical = missed[missed.size() / 2];
    if (best && best->typical <= typical) continue;
    const size_t strays = series.size() > kYear ? 2 : 1;  // One to which something happened, or that was wrong.
    best = Usual{*outlook.expected[way], typical, missed[missed.size() - strays]};
  }
  return best;
}

int64_t MiddleOfYear(const Series& series) {
  const size_t first = series.size() - std::min(kYear, series.size());
  Along along(series, first);
  for (size_t i = first; i < series.size(); ++i) along.Step();
  return along.middle();
}

std::optional<int64_t> AYearBefore(const Series& series, int month) {
  const int then = month - static_cast<int>(kYear);
  const auto found = std::find_if(series.begin(), series.end(), [&](const Point& p) { return p.month == then; });
  return found == series.end() ? std::nullopt : std::optional(found->value);
}

std::optional<int64_t> TypicalStep(const Series& series) {
  if (series.size() < 2) return std::nullopt;
  std::vector<int64_t> steps;
  for (size_t i = 1; i < series.size(); ++i) steps.push_back(std::abs(series[i].value - series[i - 1].value));
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

}  // namespace bellwether::rating
