// What figures of a series usually are, and how far they stray from it. Whole numbers throughout: a figure's units of
// its last place. Pure.
#ifndef BELLWETHER_RATING_USUAL_H_
#define BELLWETHER_RATING_USUAL_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace bellwether::rating {

struct Point {
  int month = 0;  // In which its period ends, counted from anywhere.
  int64_t value = 0;
};
// Oldest first.
using Series = std::vector<Point>;

// Larger figures are looked at by nobody: sums and squares of such stay within what holds them.
constexpr int64_t kLargestTick = 1'000'000'000'000'000;

struct Usual {
  int64_t expected = 0;  // Of the month asked for.
  int64_t typical = 0;   // Half of the figures missed what was to be expected of them by no more.
  int64_t widest = 0;    // None did by more; after a year, all but one.
};

// What is to be expected in a month after the series: the last figure, the middle one of the year before, or that of
// the same month a year ago, whichever was nearest to the figures so far. Absent: too few figures.
std::optional<Usual> UsualOf(const Series& series, int month);

// The middle one of the last twelve. Precondition: there is one.
int64_t MiddleOfYear(const Series& series);

// That of a year before the month.
std::optional<int64_t> AYearBefore(const Series& series, int month);

// By how much half of the figures differ from the one before them. Absent: fewer than two.
std::optional<int64_t> TypicalStep(const Series& series);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_USUAL_H_
