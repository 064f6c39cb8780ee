// Whether a view's updates say of their records what follows from the records before: each outcome, and its detail.
// Scores are not rated again; they follow from the same ledger.
#ifndef BELLWETHER_SERVICES_QUERY_CHECK_H_
#define BELLWETHER_SERVICES_QUERY_CHECK_H_

#include <cstddef>

#include "absl/status/status.h"
#include "services/query/indicator.h"
#include "services/query/ledger_cache.h"

namespace bellwether::query {

// Folds the indicator's records and compares what comes of each, from the `checked`th on, with what its update said.
// Error: Internal, with the update's place, what it says and what follows.
absl::Status CheckOccurrences(const Indicator& indicator, size_t checked, LedgerCache* ledgers);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_CHECK_H_
