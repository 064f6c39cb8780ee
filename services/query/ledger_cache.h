// Ledgers of the indicators that were asked for or changed last. The others lie in the view as bytes, and are folded
// when somebody asks.
#ifndef BELLWETHER_SERVICES_QUERY_LEDGER_CACHE_H_
#define BELLWETHER_SERVICES_QUERY_LEDGER_CACHE_H_

#include <cstddef>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rating/ledger.h"
#include "services/query/effort.h"
#include "services/query/indicator.h"

namespace bellwether::query {

// Thread-safe. Holds ledgers of at most about `most_records` records, a kilobyte each; those that were not asked for
// longest go first.
class LedgerCache {
 public:
  explicit LedgerCache(size_t most_records = 100'000) : most_records_(most_records) {}

  // That of the state: kept, or folded now. Never null. Error: Cancelled, where the effort is over; Internal, where a
  // record cannot be read.
  absl::StatusOr<std::shared_ptr<const rating::Ledger>> Of(const Indicator& indicator, Effort* effort);
  // The same, to be changed and kept under another id. Null: it is not kept.
  std::shared_ptr<rating::Ledger> Take(const StateId& id);
  void Keep(const StateId& id, std::shared_ptr<const rating::Ledger> ledger, size_t records);

 private:
  struct Kept {
    std::shared_ptr<const rating::Ledger> ledger;
    size_t records = 0;
  };
  using Generation = absl::flat_hash_map<StateId, Kept>;

  std::shared_ptr<const rating::Ledger> Find(const StateId& id);

  const size_t most_records_;
  core::Mutex mutex_;
  // What is asked for moves to the young; when those are half of what may be, the old go and the young grow old.
  Generation young_ ABSL_GUARDED_BY(mutex_);
  Generation old_ ABSL_GUARDED_BY(mutex_);
  size_t young_records_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_LEDGER_CACHE_H_
