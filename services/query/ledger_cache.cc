#include "services/query/ledger_cache.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/mutex.h"

namespace bellwether::query {

absl::StatusOr<std::shared_ptr<const rating::Ledger>> LedgerCache::Of(const Indicator& indicator, Effort* effort) {
  if (auto kept = Find(indicator.id); kept != nullptr) return kept;
  auto ledger = std::make_shared<rating::Ledger>();
  const size_t records = indicator.occurrences.size();
  for (size_t i = 0; i < records; ++i) {
    if (!effort->Spend(Effort::kFold)) return Effort::Ended();
    const Occurrence occurrence = indicator.occurrences.At(i);
    const absl::StatusOr<rating::Record> record = RecordOf(occurrence);
    if (!record.ok()) {
      return absl::InternalError(absl::StrCat(indicator.key.ToString(), ": ", record.status().message()));
    }
    ledger->Apply(*record, {occurrence.offset, occurrence.recorded_at});
  }
  Keep(indicator.id, ledger, records);
  return std::shared_ptr<const rating::Ledger>(std::move(ledger));
}

std::shared_ptr<const rating::Ledger> LedgerCache::Find(const StateId& id) {
  Kept kept;
  {
    const core::MutexLock lock(mutex_);
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
    const core::MutexLock lock(mutex_);
    if (const auto young = young_.find(id); young != young_.end()) {
      young_records_ -= young->second.records;
      young_.erase(young);
    }
  }
  if (taken.use_count() > 1) return std::make_shared<rating::Ledger>(*taken);
  // The last reader to let go did so before what is written now: pointers are only handed out under the lock.
  std::atomic_thread_fence(std::memory_order_acquire);
  return std::const_pointer_cast<rating::Ledger>(std::move(taken));  // Nobody else has it, and none is made const.
}

void LedgerCache::Keep(const StateId& id, std::shared_ptr<const rating::Ledger> ledger, size_t records) {
  const core::MutexLock lock(mutex_);
  if (!young_.try_emplace(id, Kept{std::move(ledger), records}).second) return;
  young_records_ += records;
  if (young_records_ <= most_records_ / 2) return;
  old_ = std::exchange(young_, {});
  young_records_ = 0;
}

}  // namespace bellwether::query
