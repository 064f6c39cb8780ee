#include "services/query/ledger_cache.h"

#include <utility>

namespace bellwether::query {

std::shared_ptr<const rating::Ledger> LedgerCache::Of(const Indicator& indicator) {
  if (auto kept = Find(indicator.id); kept != nullptr) return kept;
  auto ledger = std::make_shared<rating::Ledger>();
  for (const Occurrence& occurrence : indicator.occurrences.From()) {
    ledger->Apply(RecordOf(occurrence), {occurrence.offset, occurrence.recorded_at});
  }
  Keep(indicator.id, ledger, indicator.occurrences.size());
  return ledger;
}

std::shared_ptr<const rating::Ledger> LedgerCache::Find(const StateId& id) {
  Kept kept;
  {
    const absl::MutexLock lock(&mutex_);
    if (const auto young = young_.find(id); young != young_.end()) return young->second.ledger;
    const auto old = old_.find(id);
    if (old == old_.end()) return nullptr;
    kept = std::move(old->second);
    old_.erase(old);
  }
  Keep(id, kept.ledger, kept.records);
  return kept.ledger;
}

std::shared_ptr<rating::Ledger> LedgerCache::Take(const StateId& id) {
  std::shared_ptr<const rating::Ledger> taken = Find(id);
  if (taken == nullptr) return nullptr;
  {
    const absl::MutexLock lock(&mutex_);
    if (const auto young = young_.find(id); young != young_.end()) {
      young_records_ -= young->second.records;
      young_.erase(young);
    }
  }
  if (taken.use_count() > 1) return std::make_shared<rating::Ledger>(*taken);
  return std::const_pointer_cast<rating::Ledger>(std::move(taken));  // Nobody else has it, and none is made const.
}

void LedgerCache::Keep(const StateId& id, std::shared_ptr<const rating::Ledger> ledger, size_t records) {
  const absl::MutexLock lock(&mutex_);
  if (!young_.try_emplace(id, Kept{std::move(ledger), records}).second) return;
  young_records_ += records;
  if (young_records_ <= most_records_ / 2) return;
  old_ = std::exchange(young_, {});
  young_records_ = 0;
}

}  // namespace bellwether::query
