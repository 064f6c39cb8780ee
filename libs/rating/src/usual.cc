#include "usual.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace bellwether::rating {
namespace {

constexpr size_t kYear = 12;
constexpr size_t kFewestMisses = 5;
constexpr size_t kFewestForMiddle = 3;

// Of the figures before the one at `known`.
int64_t MiddleBefore(const Series& series, size_t known) {
  std::array<int64_t, kYear> year{};
  const size_t count = std::min(known, kYear);
  for (size_t i = 0; i < count; ++i) year[i] = series[known - count + i].value;
  const auto middle = year.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(year.begin(), middle, year.begin() + static_cast<std::ptrdiff_t>(count));
  return *middle;
}

std::optional<int64_t> YearAgo(const Series& series, size_t known, int month) {
  const int then = month - static_cast<int>(kYear);
  for (size_t i = known; i-- > 0 && series[i].month >= then;) {
    if (series[i].month == then) return series[i].value;
  }
  return std::nullopt;
}

// What is expected of a month from the first `known` figures.
using Expect = std::optional<int64_t> (*)(const Series& series, size_t known, int month);

std::optional<int64_t> TheLast(const Series& series, size_t known, int /*month*/) {
  return known == 0 ? std::nullopt : std::optional(series[known - 1].value);
}

std::optional<int64_t> TheMiddle(const Series& series, size_t known, int /*month*/) {
  return known < kFewestForMiddle ? std::nullopt : std::optional(MiddleBefore(series, known));
}

}  // namespace

std::optional<Usual> UsualOf(const Series& series, int month) {
  std::optional<Usual> best;
  std::vector<int64_t> misses;
  misses.reserve(series.size());
  for (const Expect expect : {Expect{TheLast}, Expect{TheMiddle}, Expect{YearAgo}}) {
    const auto expected = expect(series, series.size(), month);
    if (!expected) continue;
    misses.clear();
    for (size_t i = 0; i < series.size(); ++i) {
      if (const auto of = expect(series, i, series[i].month)) misses.push_back(std::abs(series[i].value - *of));
    }
    if (misses.size() < kFewestMisses) continue;
    std::sort(misses.begin(), misses.end());
    const int64_t typical = misses[misses.size() / 2];
    if (best && best->typical <= typical) continue;
    const size_t strays = series.size() > kYear ? 2 : 1;  // One to which something happened, or that was wrong.
    best = Usual{*expected, typical, misses[misses.size() - strays]};
  }
  return best;
}

int64_t MiddleOfYear(const Series& series) { return MiddleBefore(series, series.size()); }

std::optional<int64_t> AYearBefore(const Series& series, int month) { return YearAgo(series, series.size(), month); }

std::optional<int64_t> TypicalStep(const Series& series) {
  if (series.size() < 2) return std::nullopt;
  std::vector<int64_t> steps;
  for (size_t i = 1; i < series.size(); ++i) steps.push_back(std::abs(series[i].value - series[i - 1].value));
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

}  // namespace bellwether::rating
