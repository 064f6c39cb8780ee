#include "services/ingestion/apply_catalogue.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/codec/catalogue.h"
#include "bellwether/codec/definition.h"
#include "bellwether/core/text.h"
#include "bellwether/rating/predecessor.h"
#include "bellwether/rpc/status.h"
#include "services/ingestion/checks.h"

namespace bellwether::ingestion {
namespace {

using access::Action;

// What the apply does to one definition that is in order. Whether it is to be recorded.
bool Compare(const Definitions& definitions, const core::IndicatorKey& key, const std::string& apply_id,
             const rating::Definition& definition, v1::DefinitionResult* result) {
  const auto in_force = definitions.Find(key);
  if (in_force == nullptr) {
    result->set_change(v1::DEFINITION_CHANGE_NEW);
    return true;
  }
  for (std::string& field : codec::ChangedFields(*in_force, definition)) result->add_changed_fields(std::move(field));
  if (result->changed_fields().empty()) {
    result->set_change(v1::DEFINITION_CHANGE_UNCHANGED);
    return false;
  }
  switch (definitions.UseOf(key, apply_id, definition)) {
    case ApplyIdUse::kNew:
      result->set_change(v1::DEFINITION_CHANGE_CHANGED);
      return true;
    case ApplyIdUse::kSameDefinition:
      result->set_change(v1::DEFINITION_CHANGE_OVERTAKEN);
      return false;
    case ApplyIdUse::kOtherDefinition:
      break;
  }
  result->clear_changed_fields();
  *result->mutable_result() = ToItemResult(
      codec::Violations{{"", codec::Reason::kApplyIdReused,
                         absl::StrCat("apply id \"", apply_id, "\" was used before for another definition of ", key.ref,
                                      ": an apply with changes has an id of its own")}});
  return false;
}

// Fills in what the apply would do to the wordings of other months than the indicator's `effective_from` in the
// catalogue, `named`. Whether it may.
bool TellReplaced(const codec::ResolvedIndicator& indicator, const std::string& named, core::Date today,
                  bool drop_later, v1::DefinitionResult* result) {
  std::vector<std::string> later;
  for (const auto& was : indicator.replaced) {
    const core::Month from = *was->effective_from;
    v1::ReplacedWording* told = result->add_replaced();
    told->set_effective_from(from.ToString());
    rating::Definition is = rating::InForceIn(*indicator.definition, from);
    is.earlier.clear();
    is.effective_from = from;
    for (std::string& field : codec::ChangedFields(*was, is)) told->add_changed_fields(std::move(field));
    told->set_is_later(!named.empty() || from > core::Month::Of(today));
    if (!told->is_later()) continue;
    later.push_back(absl::StrCat(from.ToString(), " (", absl::StrJoin(told->changed_fields(), ", "), ")"));
  }
  if (later.empty() || drop_later) return true;
  result->clear_change();
  result->clear_changed_fields();
  result->clear_holds_from();
  *result->mutable_result() = ToItemResult(codec::Violations{
      {"effective_from", codec::Reason::kContradiction,
       absl::StrCat("what was said from ", absl::StrJoin(later, " and from "),
                    " on would be lost: say from which month this holds and apply the later ones again with theirs; "
                    "set drop_later where they are to go")}});
  return false;
}

// By which rules months are rated under each scheme id, and of which indicators: an id names one set of rules, since a
// report shows one key for it.
class StandingSchemes {
 public:
  // All its wordings, or the earlier ones alone.
  void Add(const rating::Definition& definition, const std::string& told, bool with_newest) {
    if (with_newest) Add(definition.scheme, told);
    for (const auto& earlier : definition.earlier) Add(earlier->scheme, told);
  }
  // Of the scheme that the definition comes to. Not of one that `in_force`, which may be null, has already.
  codec::Violations Contradicted(const rating::Definition& definition, const rating::Definition* in_force) const {
    const auto standing = by_id_.find(definition.scheme->id);
    if (standing == by_id_.end()) return {};
    for (const Standing& other : standing->second) {
      if (Same(*other.scheme, *definition.scheme) || (in_force != nullptr && Has(*in_force, *definition.scheme)))
        continue;
      const size_t more = other.told.size() - 1;
      return {{"scheme_id", codec::Reason::kContradiction,
               absl::StrCat(core::Quoted(definition.scheme->id, 64), " has other rules for ", *other.told.begin(),
                            more > 0 ? absl::StrCat(" and ", more, " more") : "",
                            ", and a report shows one key under one id: give the changed scheme an id of its own, or "
                            "apply every indicator that is rated by it in one file")}};
    }
    return {};
  }

 private:
  struct Standing {
    std::shared_ptr<const rating::Scheme> scheme;
    std::set<std::string> told;  // Of whom.
  };
  static bool Same(const rating::Scheme& a, const rating::Scheme& b) { return &a == &b || a == b; }
  static bool Has(const rating::Definition& definition, const rating::Scheme& scheme) {
    return Same(*definition.scheme, scheme) ||
           std::any_of(definition.earlier.begin(), definition.earlier.end(),
                       [&](const auto& earlier) { return Same(*earlier->scheme, scheme); });
  }
  void Add(const std::shared_ptr<const rating::Scheme>& scheme, const std::string& told) {
    std::vector<Standing>& all = by_id_[scheme->id];
    auto same = std::find_if(all.begin(), all.end(), [&](const Standing& s) { return Same(*s.scheme, *scheme); });
    if (same == all.end()) same = all.insert(all.end(), Standing{scheme, {}});
    same->told.insert(told);
  }
  std::map<std::string, std::vector<Standing>> by_id_;
};

// What indicators outside of the catalogue, which alone knows those inside, have that no other one can have: their
// names, the figures that they take over, the months in which they continue one, the units on their charts, and their
// schemes' ids. So have the earlier wordings of those inside.
class Others {
 public:
  // `knows`: whether the caller may be told which one it is.
  template <typename Knows>
  Others(const Definitions& definitions, const codec::ResolvedCatalogue& catalogue, const Knows& knows) {
    std::set<std::string> inside;
    for (const codec::ResolvedIndicator& indicator : catalogue.indicators) {
      inside.insert(indicator.ref);
      if (indicator.definition != nullptr) schemes_.Add(*indicator.definition, indicator.ref, /*with_newest=*/false);
    }
    for (const auto& definition : definitions.OfCouncil(catalogue.council)) {
      if (inside.contains(definition->ref)) continue;
      const std::string told = knows(*definition) ? definition->ref : "another indicator";
      names_.emplace(definition->ref, told);
      schemes_.Add(*definition, told, /*with_newest=*/true);
      if (definition->active_from) successors_.emplace(definition->predecessor, std::pair(told, definition));
      if (!definition->charted_with.empty()) charted_.emplace(definition->charted_with, std::pair(told, definition));
      for (const std::string& alternate : definition->alternate_refs) names_.emplace(alternate, told);
    }
  }

  // `in_force`: what is, of the same ref. Null: nothing.
  codec::Violations Shared(const rating::Definition& definition, const rating::Definition* in_force) const {
    codec::Violations shared = schemes_.Contradicted(definition, in_force);
    const auto tell = [&](std::string field, const std::string& name) {
      const auto other = names_.find(name);
      if (other == names_.end()) return;
      shared.push_back({std::move(field), codec::Reason::kDuplicate,
                        absl::StrCat(core::Quoted(name, 64), " names ", other->second,
                                     ", which is defined already: refs and alternate refs are unique in the body")});
    };
    tell("ref", definition.ref);
    for (size_t i = 0; i < definition.alternate_refs.size(); ++i)
      tell(absl::StrCat("alternate_refs[", i, "]"), definition.alternate_refs[i]);
    for (auto [it, end] = successors_.equal_range(definition.predecessor); it != end; ++it) {
      if (!rating::TakesOver(definition) || !rating::TakesOver(*it->second.second)) continue;
      shared.push_back(
          {"predecessor", codec::Reason::kContradiction, codec::TwoContinue(definition, it->second.first)});
    }
    for (auto [it, end] = successors_.equal_range(definition.ref); it != end; ++it) {
      const core::Month begin = *it->second.second->active_from;
      if (definition.retired_from && *definition.retired_from <= begin) continue;
      shared.push_back({"retired_from", codec::Reason::kContradiction,
                        absl::StrCat(it->second.first, " continues it from ", begin.ToString(),
                                     " on, and months would have both: say ", begin.ToString(), ", or apply ",
                                     it->second.first, " with it")});
    }
    for (auto [it, end] = charted_.equal_range(definition.ref); it != end; ++it) {
      if (rating::CanShareAChart(definition, *it->second.second)) continue;
      shared.push_back({"unit", codec::Reason::kContradiction,
                        absl::StrCat("the chart of ", it->second.first,
                                     " shows it as well (`charted_with`), and is of another unit: keep the unit, or "
                                     "apply ",
                                     it->second.first, " with it")});
    }
    return shared;
  }

 private:
  std::map<std::string, std::string> names_;  // And whose they are.
  using ByOther = std::multimap<std::string, std::pair<std::string, std::shared_ptr<const rating::Definition>>>;
  ByOther successors_;  // By whom they continue.
  ByOther charted_;     // By whom their charts show as well.
  StandingSchemes schemes_;
};

}  // namespace

CheckedBatch CheckApply(const Definitions& definitions, const rpc::Caller& caller,
                        const v1::ApplyCatalogueRequest& request, core::Date today, bool newest_definitions,
                        v1::ApplyCatalogueResponse* response) {
  CheckedBatch batch;
  const v1::Catalogue& catalogue = request.catalogue();
  // What the caller may neither define nor see does not exist for it.
  const auto knows = [&](const rating::Definition& definition) {
    const core::IndicatorKey key{catalogue.council(), definition.ref};
    const access::Scope scope = ScopeOf(key, &definition);
    return caller.May(Action::ACTION_DEFINE, scope) || caller.May(Action::ACTION_READ, scope);
  };
  const auto find = [&](std::string_view ref) {
    auto found = definitions.Find({catalogue.council(), std::string(ref)});
    return found != nullptr && knows(*found) ? found : nullptr;
  };
  const codec::ResolvedCatalogue resolved = codec::ResolveCatalogue(catalogue, find);
  // The catalogue as a whole is refused with everything that is wrong in it and does not hang on other definitions.
  codec::Violations wrong;
  if (const absl::Status s = core::CheckRecordId(request.apply_id()); !s.ok()) {
    wrong.push_back({"apply_id", request.apply_id().empty() ? codec::Reason::kRequired : codec::Reason::kInvalidId,
                     std::string(s.message())});
  }
  if (!wrong.empty() || !resolved.violations.empty()) {
    for (codec::Violation& v : codec::Under("catalogue", resolved.All())) {
      if (newest_definitions || v.reason != codec::Reason::kUnknownRef) wrong.push_back(std::move(v));
    }
    batch.end = rpc::Refused(wrong);
    return batch;
  }
  if (!newest_definitions) {
    batch.wait = true;
    return batch;
  }
  response->clear_results();
  const Others others(definitions, resolved, knows);
  std::set<std::string> may;  // Of the refs in the catalogue: those that the caller may define.
  std::vector<std::optional<access::Scope>> lacks(resolved.indicators.size());
  for (size_t i = 0; i < resolved.indicators.size(); ++i) {
    if (resolved.indicators[i].definition == nullptr) continue;
    const std::string& ref = catalogue.indicators(static_cast<int>(i)).ref();
    const core::IndicatorKey key{resolved.council, ref};
    const auto in_force = definitions.Find(key);
    // The request holds the names for as long as the scope is of use.
    access::Scope scope = ScopeOf(key, resolved.indicators[i].definition.get());
    scope.council = catalogue.council();
    scope.ref = ref;
    access::Decision decision = caller.Decide(Action::ACTION_DEFINE, scope);
    if (decision.allowed && in_force != nullptr) {
      access::Scope there = ScopeOf(key, in_force.get());
      decision = caller.Decide(Action::ACTION_DEFINE, there);
    }
    if (decision.allowed) may.insert(ref);
    if (!decision.allowed) lacks[i] = scope;
    if (!decision.allowed || !request.validate_only())
      batch.decided.push_back({catalogue.council(), ref, "", decision});
  }
  for (size_t i = 0; i < resolved.indicators.size(); ++i) {
    const codec::ResolvedIndicator& indicator = resolved.indicators[i];
    v1::DefinitionResult* result = response->add_results();
    result->set_ref(indicator.ref);
    if (indicator.definition == nullptr) {
      *result->mutable_result() = ToItemResult(indicator.violations);
      continue;
    }
    const core::IndicatorKey key{resolved.council, indicator.ref};
    if (lacks[i]) {
      *result->mutable_result() = ToItemResult(codec::Violations{caller.Lack(Action::ACTION_DEFINE, *lacks[i])});
      continue;
    }
    // Who sees an indicator sees the one that it continues; what its chart shows as well must be there.
    const auto unseen = [&](const std::string& other) {
      return !other.empty() && find(other) == nullptr && !may.contains(other);
    };
    const std::string& before = indicator.definition->predecessor;
    const std::string& beside = indicator.definition->charted_with;
    if (unseen(before) || unseen(beside)) {
      *result->mutable_result() = ToItemResult(codec::Violations{
          caller.Lack(Action::ACTION_DEFINE, {catalogue.council(), "", "", unseen(before) ? before : beside, ""})});
      continue;
    }
    if (codec::Violations shared = others.Shared(*indicator.definition, definitions.Find(key).get()); !shared.empty()) {
      *result->mutable_result() = ToItemResult(shared);
      continue;
    }
    result->mutable_result();
    if (indicator.definition->effective_from) result->set_holds_from(indicator.definition->effective_from->ToString());
    if (!Compare(definitions, key, request.apply_id(), *indicator.definition, result)) continue;
    const std::string& named = catalogue.indicators(static_cast<int>(i)).effective_from();
    if (!TellReplaced(indicator, named, today, request.drop_later(), result)) continue;
    if (request.validate_only()) continue;
    batch.records.emplace_back(
        static_cast<int>(i),
        codec::KeyedRecord{key, rating::AppliedDefinition{
                                    request.apply_id(), indicator.definition, {core::Interned(caller.name()), false}}});
  }
  return batch;
}

}  // namespace bellwether::ingestion
