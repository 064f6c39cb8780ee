#include "services/query/sight.h"

#include <algorithm>
#include <utility>

namespace bellwether::query {
namespace {

using access::Action;

}  // namespace

bool Sight::Sees(const Indicator& indicator) const {
  access::Scope scope{indicator.key.council, "", "", indicator.key.ref, ""};
  if (indicator.definition != nullptr) {
    scope.directorate = indicator.definition->directorate;
    scope.service = indicator.definition->service;
  }
  return caller_.May(Action::ACTION_READ, scope);
}

CouncilState Sight::Council(const std::string& council) const {
  CouncilState state = view_->Council(council);
  if (caller_.MayInAllOf(Action::ACTION_READ, council)) return state;
  std::erase_if(state.indicators, [this](const IndicatorPtr& indicator) { return !Sees(*indicator); });
  if (state.indicators.empty()) state.standing = Standing();
  return state;
}

Found Sight::Find(const core::IndicatorKey& key) const {
  Found found = view_->Find(key);
  if (found.indicator != nullptr ? Sees(*found.indicator) : caller_.MayInAllOf(Action::ACTION_READ, key.council))
    return found;
  return {};
}

Standing Sight::StandingOf(const std::string& council) const { return view_->StandingOf(council); }

std::string Sight::NameFor(const std::string& council) const {
  return caller_.MayInAllOf(Action::ACTION_READ, council) ? "" : caller_.rights();
}

}  // namespace bellwether::query
