// A rating scheme as data: the rules by which statuses and directions of travel are given (docs/rating.md).
// Plain values; bellwether/v1/scheme.proto says what each may hold, libs/codec checks it.
#ifndef BELLWETHER_RATING_SCHEME_H_
#define BELLWETHER_RATING_SCHEME_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bellwether/core/decimal.h"

namespace bellwether::rating {

// Which way is good.
enum class Polarity { kHigher, kLower, kNone, kCloseTo };

// What a cell is; `CellState` of score.proto. Absence comes before everything else (docs/rating.md).
enum class CellState {
  kRated,
  kMissing,
  kNotDue,
  kWithdrawn,
  kUnderReview,
  kTracking,
  kNotApplicable,
  kNotComputable,
  kNotRated,
  kNotShown,
  kSuppressed,
  kNotCollected,
  kInProgress,
};

// The state's own word, such as "not-due": the status of a cell whose scheme has none for its state. Empty for
// kNotShown and kRated.
std::string_view StateWord(CellState state);

enum class Movement { kNone, kUp, kDown, kSame };
enum class Performance { kNone, kImproved, kSame, kDeclined, kChanged };
enum class Judgement { kImproved, kSame, kWorseWithinTolerance, kWorse, kChanged, kNotComparable };

// One side's limit on how far a figure may miss its target. None is negative but an edge.
struct ToleranceLimit {
  enum class Kind { kRelativePercent, kPoints, kAbsolute, kEdge };
  Kind kind = Kind::kRelativePercent;
  core::Decimal amount;
  friend bool operator==(const ToleranceLimit&, const ToleranceLimit&) = default;
};

// How far a figure may miss its target and still be tolerated: `shortfall` on the worse side, or `low` and `high`.
struct Tolerance {
  std::optional<ToleranceLimit> shortfall;
  std::optional<ToleranceLimit> low;
  std::optional<ToleranceLimit> high;
  bool exclusive = false;  // A figure exactly on the edge is not tolerated.
  friend bool operator==(const Tolerance&, const Tolerance&) = default;
};

// A bound on the shortfall (negative where the figure is better than its target).
struct ShortfallBound {
  enum class Kind { kTarget, kTolerance, kRelativePercent, kAbsolute };
  Kind kind = Kind::kTarget;
  core::Decimal amount;    // Of kRelativePercent and kAbsolute.
  bool exclusive = false;  // Ignored for kTolerance: the tolerance's own edge decides.
  friend bool operator==(const ShortfallBound&, const ShortfallBound&) = default;
};

// Holds for every cell that can be rated.
struct Otherwise {
  friend bool operator==(const Otherwise&, const Otherwise&) = default;
};

using StatusCondition = std::variant<CellState, ShortfallBound, Otherwise>;

// One status. It is given if one of its conditions holds.
struct Status {
  std::string id;
  std::string label;
  std::string colour;
  std::string shape;
  std::string meaning;
  std::vector<StatusCondition> any_of;
  std::vector<std::string> synonyms;  // Other words of publishers for it.
  friend bool operator==(const Status&, const Status&) = default;
};

// What lets a decline pass.
struct Allowance {
  enum class Kind { kOnTarget, kChangeWithinPercent };
  Kind kind = Kind::kOnTarget;
  core::Decimal percent;  // Of kChangeWithinPercent: of the previous figure's absolute value.
  bool exclusive = false;
  friend bool operator==(const Allowance&, const Allowance&) = default;
};

// One line of a direction-of-travel key. Empty lists stand for every movement, performance, polarity.
struct DirectionRule {
  std::vector<Movement> movements;
  std::vector<Performance> performances;
  std::vector<Polarity> polarities;
  std::vector<Allowance> any_of;
  Judgement judgement = Judgement::kNotComparable;
  std::string arrow;
  std::vector<std::string> synonyms;  // Other ways of publishers to print it.
  friend bool operator==(const DirectionRule&, const DirectionRule&) = default;
};

enum class Precision { kDisplayed, kExact };

// A council's published keys. Statuses and directions are tried in order; the first that holds is given.
struct Scheme {
  std::string id;
  std::string name;
  Precision precision = Precision::kDisplayed;
  std::optional<Tolerance> default_tolerance;
  std::vector<Status> statuses;
  std::vector<DirectionRule> directions;
  friend bool operator==(const Scheme&, const Scheme&) = default;
};

// Where in a scheme a status and its condition stand; -1: nowhere.
struct StatusPlace {
  int status = -1;
  int condition = -1;
};
// The status that names the state.
StatusPlace PlaceOfState(const Scheme& scheme, CellState state);
// The status of a cell in a state other than kRated: the scheme's id for it, else the state's word.
std::string_view StatusOfState(const Scheme& scheme, CellState state);

// Whether the line stands for such a change; its allowances are another question.
bool TakesChange(const DirectionRule& rule, Polarity polarity, Movement movement, Performance performance);

// What is wrong with a scheme as a set of rules: a status that can never be given, a figure that can be rated for which
// no status holds, a change without a line in the direction key, a line that no change reaches. Each with its place,
// such as "statuses[2].any_of[0]". Lines for indicators without polarity, and for those where close to the target is
// better, are asked for only of a scheme that names such a polarity (the Trust's key has none).
struct SchemeFault {
  std::string path;
  std::string message;
};
std::vector<SchemeFault> FaultsOf(const Scheme& scheme);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_SCHEME_H_
