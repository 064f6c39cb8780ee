#include "services/ingestion/definitions.h"

#include <functional>

#include "bellwether/codec/definition.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/core/mutex.h"

namespace bellwether::ingestion {
namespace {

// Of what an apply said: what it amounted to hangs on what was in force. Only ever compared within this process.
size_t DigestOf(const rating::Definition& definition) {
  v1::IndicatorDefinition said = codec::WordingToProto(definition);
  said.clear_effective_from();
  *said.mutable_scheme() = codec::ToProto(*definition.scheme);
  return std::hash<std::string>{}(codec::SerializeDeterministically(said));
}

}  // namespace

access::Scope ScopeOf(const core::IndicatorKey& key, const rating::Definition* definition) {
  if (definition == nullptr) return {key.council, "", "", key.ref, ""};
  return {key.council, definition->directorate, definition->service, key.ref, ""};
}

void Definitions::Apply(const core::IndicatorKey& key, const rating::AppliedDefinition& applied) {
  const size_t digest = DigestOf(*applied.definition);
  const core::MutexLock lock(mutex_);
  Entry& entry = entries_[key];
  if (!entry.apply_ids.emplace(applied.apply_id, digest).second) return;
  entry.in_force = applied.definition;
  councils_.insert(key.council);
}

void Definitions::Clear() {
  const core::MutexLock lock(mutex_);
  entries_.clear();
  councils_.clear();
}

std::shared_ptr<const rating::Definition> Definitions::Find(const core::IndicatorKey& key) const {
  const core::MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second.in_force;
}

bool Definitions::HasCouncil(const std::string& council) const {
  const core::MutexLock lock(mutex_);
  return councils_.contains(council);
}

std::vector<std::shared_ptr<const rating::Definition>> Definitions::OfCouncil(const std::string& council) const {
  const core::MutexLock lock(mutex_);
  std::vector<std::shared_ptr<const rating::Definition>> all;
  for (auto it = entries_.lower_bound({council, ""}); it != entries_.end() && it->first.council == council; ++it)
    all.push_back(it->second.in_force);
  return all;
}

ApplyIdUse Definitions::UseOf(const core::IndicatorKey& key, const std::string& apply_id,
                              const rating::Definition& definition) const {
  const size_t digest = DigestOf(definition);
  const core::MutexLock lock(mutex_);
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return ApplyIdUse::kNew;
  const auto use = entry->second.apply_ids.find(apply_id);
  if (use == entry->second.apply_ids.end()) return ApplyIdUse::kNew;
  return use->second == digest ? ApplyIdUse::kSameDefinition : ApplyIdUse::kOtherDefinition;
}

}  // namespace bellwether::ingestion
