#include "services/query/selection.h"

#include <algorithm>
#include <set>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/near.h"
#include "bellwether/core/text.h"

namespace bellwether::query {
namespace {

constexpr size_t kNearMatches = 5;

// Refs and alternate refs like `ref`, the nearest first.
std::vector<std::string> NearMatches(const std::vector<IndicatorPtr>& indicators, std::string_view ref) {
  const std::string wanted = absl::AsciiStrToLower(core::ToAbsl(ref.substr(0, 64)));
  std::set<std::pair<size_t, std::string>> near;
  const auto consider = [&](const std::string& name) {
    const std::string lower = absl::AsciiStrToLower(name);
    const size_t distance = core::EditDistance(wanted, lower);
    if (core::IsNear(wanted, lower)) near.emplace(distance, name);
    if (distance > 2 && !wanted.empty() && absl::StartsWith(lower, wanted)) near.emplace(distance, name);
  };
  for (const IndicatorPtr& indicator : indicators) {
    consider(indicator->key.ref);
    for (const std::string& alternate : indicator->definition->alternate_refs) consider(alternate);
  }
  std::vector<std::string> names;
  for (const auto& [distance, name] : near) {
    if (names.size() < kNearMatches) names.push_back(name);
  }
  return names;
}

grpc::Status UnknownIndicator(const std::vector<IndicatorPtr>& indicators, std::string_view ref) {
  std::string message = absl::StrCat("the council has no indicator \"", core::Shorten(ref, 64), "\"");
  const std::vector<std::string> near = NearMatches(indicators, ref);
  if (!near.empty()) absl::StrAppend(&message, "; it has ", absl::StrJoin(near, ", "));
  return ErrorOf(codec::Reason::kUnknownIndicator, std::move(message));
}

}  // namespace

grpc::Status SelectCouncil(const Sight& sight, const std::string& name, Effort* effort, CouncilState* council) {
  if (const absl::Status s = core::CheckCouncil(name); !s.ok()) {
    RequestCheck check;
    check.Add("council", std::string(s.message()));
    return check.ToStatus();
  }
  absl::StatusOr<CouncilState> state = sight.Council(name, effort);
  if (!state.ok()) return Failed(state.status());
  *council = *std::move(state);
  if (!council->indicators.empty()) return grpc::Status::OK;
  return ErrorOf(codec::Reason::kUnknownCouncil,
                 absl::StrCat("council ", name, " has no indicators: its catalogue has not been applied here"));
}

RefIndex::RefIndex(const std::vector<IndicatorPtr>& indicators) {
  for (const IndicatorPtr& indicator : indicators) by_ref_.try_emplace(indicator->key.ref, indicator.get());
  for (const IndicatorPtr& indicator : indicators) {
    for (const std::string& alternate : indicator->definition->alternate_refs) {
      by_ref_.try_emplace(alternate, indicator.get());
    }
  }
}

const Indicator* RefIndex::Find(std::string_view ref) const {
  const auto found = by_ref_.find(ref);
  return found == by_ref_.end() ? nullptr : found->second;
}

grpc::Status SelectIndicator(const Sight& sight, const std::string& council, const std::string& ref, Effort* effort,
                             Found* found) {
  absl::StatusOr<Found> named = sight.Find({council, ref}, effort);
  if (!named.ok()) return Failed(named.status());
  *found = *std::move(named);
  if (found->indicator != nullptr && found->indicator->definition) return grpc::Status::OK;
  CouncilState all;
  if (grpc::Status s = SelectCouncil(sight, council, effort, &all); !s.ok()) return s;
  const auto alternate = std::find_if(all.indicators.begin(), all.indicators.end(), [&](const IndicatorPtr& candidate) {
    const std::vector<std::string>& alternates = candidate->definition->alternate_refs;
    return std::find(alternates.begin(), alternates.end(), ref) != alternates.end();
  });
  if (alternate == all.indicators.end()) return UnknownIndicator(all.indicators, ref);
  *found = {all.standing, *alternate};
  return grpc::Status::OK;
}

grpc::Status Filter(const v1::ReportFilter& filter, std::optional<core::Month> month,
                    std::vector<IndicatorPtr>* indicators) {
  absl::flat_hash_set<const Indicator*> named;
  if (!filter.refs().empty()) {
    const RefIndex index(*indicators);
    for (const std::string& ref : filter.refs()) {
      const Indicator* found = index.Find(ref);
      if (found == nullptr) return UnknownIndicator(*indicators, ref);
      named.insert(found);
    }
  }
  std::erase_if(*indicators, [&](const IndicatorPtr& indicator) {
    const rating::Definition& definition = month ? WordingIn(*indicator, *month) : *indicator->definition;
    const auto differs = [](const std::string& wanted, const std::string& has) {
      return !wanted.empty() && !absl::EqualsIgnoreCase(wanted, has);
    };
    return differs(filter.directorate(), definition.directorate) || differs(filter.service(), definition.service) ||
           (!named.empty() && !named.contains(indicator.get()));
  });
  return grpc::Status::OK;
}

std::optional<core::Month> MonthField(std::string_view field, const std::string& text, RequestCheck* check) {
  if (text.empty()) return std::nullopt;
  const std::optional<core::Period> period = PeriodField(field, text, check);
  return period ? std::optional(period->last()) : std::nullopt;
}

std::optional<core::Period> PeriodField(std::string_view field, const std::string& text, RequestCheck* check) {
  if (text.empty()) return std::nullopt;
  const auto period = core::Period::Parse(text);
  if (period.ok()) return *period;
  check->Add(std::string(field), std::string(period.status().message()));
  return std::nullopt;
}

}  // namespace bellwether::query
