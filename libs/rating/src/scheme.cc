#include "bellwether/rating/scheme.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace bellwether::rating {
namespace {

// Whether every shortfall within `b` is also within `a`, whatever the target and its tolerance are.
bool IsNotWider(const ShortfallBound& b, const ShortfallBound& a) {
  using Kind = ShortfallBound::Kind;
  if (b.kind == Kind::kTolerance) return a.kind == Kind::kTolerance;
  const core::Decimal zero;
  const core::Decimal b_amount = b.kind == Kind::kTarget ? zero : b.amount;
  if (a.kind == Kind::kTolerance) return core::Compare(b_amount, zero) <= 0;
  const core::Decimal a_amount = a.kind == Kind::kTarget ? zero : a.amount;
  const bool edge_is_covered = !a.exclusive || b.exclusive;
  if (a.kind == b.kind) {
    const auto order = core::Compare(b_amount, a_amount);
    return order < 0 || (order == 0 && edge_is_covered);
  }
  // Of different kinds only their signs compare.
  return core::Compare(b_amount, zero) <= 0 && core::Compare(a_amount, zero) >= 0 && edge_is_covered;
}

// Finds conditions that can never decide, in the order in which they are tried.
class StatusChecker {
 public:
  explicit StatusChecker(std::vector<SchemeFault>* faults) : faults_(*faults) {}

  void Check(const std::vector<Status>& statuses) {
    if (statuses.empty()) Fault("statuses", "there is none: a scheme needs at least one status that says `otherwise`");
    for (size_t i = 0; i < statuses.size(); ++i) {
      const std::string path = absl::StrCat("statuses[", i, "]");
      if (!ids_.insert(statuses[i].id).second) {
        Fault(path + ".id", absl::StrCat("\"", statuses[i].id, "\" is the id of an earlier status: ids are unique"));
      }
      if (statuses[i].any_of.empty()) {
        Fault(path + ".any_of", "is empty, so the status can never be given: add a condition or remove the status");
      }
      for (size_t j = 0; j < statuses[i].any_of.size(); ++j) {
        Check(statuses[i].any_of[j], absl::StrCat(path, ".any_of[", j, "]"));
      }
    }
    if (!statuses.empty() && !has_otherwise_) {
      Fault("statuses", "none says `otherwise`: a figure that misses every bound would have no status");
    }
  }

 private:
  void Check(const StatusCondition& condition, const std::string& path) {
    if (const auto* state = std::get_if<CellState>(&condition)) {
      CheckState(*state, path);
    } else if (has_otherwise_) {
      Fault(path,
            "can never decide: an earlier condition says `otherwise`, which takes every figure that can be rated");
    } else if (const auto* bound = std::get_if<ShortfallBound>(&condition)) {
      const bool dead = std::any_of(bounds_.begin(), bounds_.end(),
                                    [&](const ShortfallBound* earlier) { return IsNotWider(*bound, *earlier); });
      if (dead) Fault(path, "can never decide: an earlier bound is as wide or wider; order bounds from narrow to wide");
      bounds_.push_back(bound);
    } else {
      has_otherwise_ = true;
    }
  }

  void CheckState(CellState state, const std::string& path) {
    if (state == CellState::kRated || state == CellState::kNotShown) {
      Fault(path,
            "names a state that a status cannot stand for: use a bound or `otherwise` for figures that are rated");
    } else if (!states_.insert(state).second) {
      Fault(path, absl::StrCat("can never decide: an earlier condition names the state \"",
                               absl::string_view(StateWord(state).data(), StateWord(state).size()), "\""));
    }
  }

  void Fault(std::string path, std::string message) { faults_.push_back({std::move(path), std::move(message)}); }

  std::vector<SchemeFault>& faults_;
  std::set<std::string> ids_;
  std::set<CellState> states_;
  std::vector<const ShortfallBound*> bounds_;
  bool has_otherwise_ = false;
};

// One thing that can happen to an indicator.
struct Change {
  Polarity polarity;
  Movement movement;
  Performance performance;
  bool needs_line;  // Every scheme has a line for it; the others only if it speaks of their polarity at all.
};

constexpr Change kChanges[] = {
    {Polarity::kHigher, Movement::kUp, Performance::kImproved, true},
    {Polarity::kHigher, Movement::kDown, Performance::kDeclined, true},
    {Polarity::kHigher, Movement::kSame, Performance::kSame, true},
    {Polarity::kLower, Movement::kUp, Performance::kDeclined, true},
    {Polarity::kLower, Movement::kDown, Performance::kImproved, true},
    {Polarity::kLower, Movement::kSame, Performance::kSame, true},
    {Polarity::kNone, Movement::kUp, Performance::kChanged, false},
    {Polarity::kNone, Movement::kDown, Performance::kChanged, false},
    {Polarity::kNone, Movement::kSame, Performance::kSame, false},
    {Polarity::kCloseTo, Movement::kUp, Performance::kImproved, false},
    {Polarity::kCloseTo, Movement::kUp, Performance::kDeclined, false},
    {Polarity::kCloseTo, Movement::kUp, Performance::kSame, false},
    {Polarity::kCloseTo, Movement::kUp, Performance::kChanged, false},
    {Polarity::kCloseTo, Movement::kDown, Performance::kImproved, false},
    {Polarity::kCloseTo, Movement::kDown, Performance::kDeclined, false},
    {Polarity::kCloseTo, Movement::kDown, Performance::kSame, false},
    {Polarity::kCloseTo, Movement::kDown, Performance::kChanged, false},
    {Polarity::kCloseTo, Movement::kSame, Performance::kSame, false},
};

const char* Word(Polarity polarity) {
  switch (polarity) {
    case Polarity::kHigher:
      return "higher";
    case Polarity::kLower:
      return "lower";
    case Polarity::kNone:
      return "none";
    case Polarity::kCloseTo:
      return "close to";
  }
  return "";
}

const char* Word(Movement movement) {
  return movement == Movement::kUp ? "up" : movement == Movement::kDown ? "down" : "same";
}

const char* Word(Performance performance) {
  switch (performance) {
    case Performance::kImproved:
      return "improved";
    case Performance::kDeclined:
      return "declined";
    case Performance::kChanged:
      return "changed";
    case Performance::kSame:
    case Performance::kNone:
      break;
  }
  return "same";
}

void CheckDirections(const std::vector<DirectionRule>& rules, std::vector<SchemeFault>* faults) {
  if (rules.empty()) {
    faults->push_back({"directions", "there is none: a scheme needs the lines of its direction-of-travel key"});
    return;
  }
  const auto takes = [](const DirectionRule& rule, const Change& change) {
    return TakesChange(rule, change.polarity, change.movement, change.performance);
  };
  // A line that is reached by no change, or only by those that an earlier line takes without asking more, is dead.
  for (size_t i = 0; i < rules.size(); ++i) {
    bool occurs = false;
    bool reached = false;
    for (const Change& change : kChanges) {
      if (!takes(rules[i], change)) continue;
      occurs = true;
      reached = reached || std::none_of(rules.begin(), rules.begin() + static_cast<std::ptrdiff_t>(i),
                                        [&](const auto& r) { return r.any_of.empty() && takes(r, change); });
    }
    if (!occurs) {
      faults->push_back(
          {absl::StrCat("directions[", i, "]"),
           "can never be given: its movements and performances do not occur together with its polarities"});
    } else if (!reached) {
      faults->push_back(
          {absl::StrCat("directions[", i, "]"), "can never be given: earlier lines take everything that it would"});
    }
  }
  for (const Change& change : kChanges) {
    const bool spoken_of = std::any_of(rules.begin(), rules.end(), [&](const DirectionRule& rule) {
      return std::find(rule.polarities.begin(), rule.polarities.end(), change.polarity) != rule.polarities.end();
    });
    // What has no polarity in the key, or changes without being better or worse, may go without an arrow.
    const bool optional = change.polarity == Polarity::kCloseTo && change.performance == Performance::kChanged;
    if (!change.needs_line && (!spoken_of || optional)) continue;
    if (std::none_of(rules.begin(), rules.end(), [&](const auto& r) { return r.any_of.empty() && takes(r, change); })) {
      faults->push_back(
          {"directions", absl::StrCat("no line for polarity \"", Word(change.polarity), "\", movement \"",
                                      Word(change.movement), "\", performance \"", Word(change.performance),
                                      "\" that asks nothing more: add one, or one that stands for every change")});
    }
  }
}

template <typename T>
bool NamesOrEmpty(const std::vector<T>& names, T name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string_view StateWord(CellState state) {
  switch (state) {
    case CellState::kMissing:
      return "missing";
    case CellState::kNotDue:
      return "not-due";
    case CellState::kWithdrawn:
      return "withdrawn";
    case CellState::kUnderReview:
      return "under-review";
    case CellState::kTracking:
      return "tracking";
    case CellState::kNotApplicable:
      return "not-applicable";
    case CellState::kSuppressed:
      return "suppressed";
    case CellState::kNotCollected:
      return "not-collected";
    case CellState::kInProgress:
      return "in-progress";
    case CellState::kNotComputable:
      return "not-computable";
    case CellState::kNotRated:
      return "not-rated";
    case CellState::kRated:
    case CellState::kNotShown:
      break;
  }
  return "";
}

StatusPlace PlaceOfState(const Scheme& scheme, CellState state) {
  for (size_t i = 0; i < scheme.statuses.size(); ++i) {
    const std::vector<StatusCondition>& any_of = scheme.statuses[i].any_of;
    for (size_t j = 0; j < any_of.size(); ++j) {
      const auto* named = std::get_if<CellState>(&any_of[j]);
      if (named != nullptr && *named == state) return {static_cast<int>(i), static_cast<int>(j)};
    }
  }
  return {};
}

std::string_view StatusOfState(const Scheme& scheme, CellState state) {
  const StatusPlace place = PlaceOfState(scheme, state);
  return place.status < 0 ? StateWord(state) : scheme.statuses[static_cast<size_t>(place.status)].id;
}

bool TakesChange(const DirectionRule& rule, Polarity polarity, Movement movement, Performance performance) {
  return NamesOrEmpty(rule.movements, movement) && NamesOrEmpty(rule.performances, performance) &&
         NamesOrEmpty(rule.polarities, polarity);
}

std::vector<SchemeFault> FaultsOf(const Scheme& scheme) {
  std::vector<SchemeFault> faults;
  StatusChecker(&faults).Check(scheme.statuses);
  CheckDirections(scheme.directions, &faults);
  return faults;
}

}  // namespace bellwether::rating
