// What in the figures does not add up (docs/rating.md, "Findings"). A finding never changes a figure. No rule
// names a ref. Pure.
#ifndef BELLWETHER_RATING_FINDINGS_H_
#define BELLWETHER_RATING_FINDINGS_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bellwether/rating/evaluate.h"

namespace bellwether::rating {

enum class FindingKind { kArrow, kPartsAndTotal, kRunningTotal, kSamePopulation, kStatus, kUnlikely };

struct Finding {
  FindingKind kind = FindingKind::kArrow;
  std::string ref;
  core::Period period;  // Data period of the cell.
  CellKind cell = CellKind::kCurrent;
  std::string published;
  std::string computed;
  // Published minus computed; ratios part by part; empty for arrows, statuses and what is unlikely.
  std::string difference;
  std::string explanation;             // The evidence in words.
  std::optional<WarningKind> warning;  // Of kUnlikely.
};

// Finds the subject of a ref of the same council; null definition: unknown.
using FindSubject = std::function<Subject(std::string_view ref)>;

// The findings in one indicator's report row for `period` (a data period): in its current cell, the quarters shown, and
// the year to date. At most one for each kind, cell and check.
std::vector<Finding> FindingsOf(const Subject& subject, const core::Period& period, const FindSubject& find);

// An arrow with its glyph variants folded: spaces and variation selectors dropped, hollow and solid alike, such as
// "⬆️ G" -> "↑G".
std::string FoldArrow(std::string_view arrow);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_FINDINGS_H_
