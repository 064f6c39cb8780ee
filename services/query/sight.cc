#include "services/query/sight.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/rating/predecessor.h"
#include "services/query/without_provisional.h"

namespace bellwether::query {

using access::Action;

bool Sight::May(Action action, const Indicator& indicator) const {
  access::Scope scope{indicator.key.council, "", "", indicator.key.ref, ""};
  if (indicator.definition != nullptr) {
    scope.directorate = indicator.definition->directorate;
    scope.service = indicator.definition->service;
  }
  return caller_.May(action, scope);
}

absl::StatusOr<IndicatorPtr> Sight::AsSeen(const IndicatorPtr& indicator, std::string_view owner,
                                           Effort* effort) const {
  if (!May(Action::ACTION_READ_PROVISIONAL, *indicator))
    return WithoutProvisional(indicator, clock_->Today(), owner, effort);
  if (indicator->predecessor == nullptr) return indicator;
  absl::StatusOr<IndicatorPtr> before = AsSeen(indicator->predecessor, owner, effort);
  if (!before.ok() || *before == indicator->predecessor) return before.ok() ? indicator : before;
  const auto seen = std::make_shared<Indicator>(*indicator);
  seen->predecessor = *std::move(before);
  seen->seen_as = absl::StrCat(" after", seen->predecessor->seen_as);
  return IndicatorPtr(seen);
}

absl::StatusOr<CouncilState> Sight::Council(const std::string& council, Effort* effort) const {
  CouncilState state = view_->Council(council);
  if (SeesAllOf(council)) return state;
  if (!effort->Spend(Effort::kLabel, state.indicators.size())) return Effort::Ended();
  std::erase_if(state.indicators,
                [this](const IndicatorPtr& indicator) { return !May(Action::ACTION_READ, *indicator); });
  for (IndicatorPtr& indicator : state.indicators) {
    absl::StatusOr<IndicatorPtr> seen = AsSeen(indicator, "", effort);
    if (!seen.ok()) return seen.status();
    indicator = *std::move(seen);
  }
  if (state.indicators.empty()) state.standing = Standing();
  return state;
}

absl::StatusOr<Found> Sight::Find(const core::IndicatorKey& key, std::string_view owner, Effort* effort) const {
  Found found = view_->Find(key);
  if (found.indicator == nullptr) return caller_.MayInAllOf(Action::ACTION_READ, key.council) ? found : Found();
  if (!May(Action::ACTION_READ, *found.indicator)) return Found();
  absl::StatusOr<IndicatorPtr> seen = AsSeen(found.indicator, owner, effort);
  if (!seen.ok()) return seen.status();
  found.indicator = *std::move(seen);
  return found;
}

absl::StatusOr<FoundWithCharted> Sight::FindWithCharted(const core::IndicatorKey& key, Effort* effort) const {
  const CouncilState state = view_->Council(key.council);
  if (!effort->Spend(Effort::kLabel, state.indicators.size())) return Effort::Ended();
  const auto find = [&](const std::string& ref) -> absl::StatusOr<IndicatorPtr> {
    const auto at = std::find_if(state.indicators.begin(), state.indicators.end(),
                                 [&](const IndicatorPtr& indicator) { return indicator->key.ref == ref; });
    if (at == state.indicators.end() || !May(Action::ACTION_READ, **at)) return IndicatorPtr();
    return AsSeen(*at, "", effort);
  };
  absl::StatusOr<IndicatorPtr> own = find(key.ref);
  if (!own.ok()) return own.status();
  if (*own == nullptr) return FoundWithCharted();
  absl::StatusOr<IndicatorPtr> charted = find((*own)->definition->charted_with);
  if (!charted.ok()) return charted.status();
  if (*charted != nullptr && !rating::CanShareAChart(*(*own)->definition, *(*charted)->definition)) *charted = nullptr;
  return FoundWithCharted{{state.standing, *std::move(own)}, *std::move(charted)};
}

absl::StatusOr<std::vector<std::shared_ptr<const rating::Definition>>> Sight::SuccessorsOf(const Indicator& indicator,
                                                                                           Effort* effort) const {
  const CouncilState state = view_->Council(indicator.key.council);
  if (!effort->Spend(Effort::kLabel, state.indicators.size())) return Effort::Ended();
  std::vector<std::shared_ptr<const rating::Definition>> successors;
  for (const IndicatorPtr& other : state.indicators) {
    if (rating::Follows(*other->definition, *indicator.definition) && May(Action::ACTION_READ, *other))
      successors.push_back(other->definition);
  }
  std::sort(successors.begin(), successors.end(), [](const auto& a, const auto& b) { return a->ref < b->ref; });
  return successors;
}

Standing Sight::StandingOf(const std::string& council) const { return view_->StandingOf(council); }

bool Sight::SeesAllOf(const std::string& council) const {
  return caller_.MayInAllOf(Action::ACTION_READ, council) &&
         caller_.MayInAllOf(Action::ACTION_READ_PROVISIONAL, council);
}

std::string Sight::NameFor(const std::string& council) const { return SeesAllOf(council) ? "" : caller_.rights(); }

}  // namespace bellwether::query
