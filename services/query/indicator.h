// One indicator's whole life, as the view holds it.
#ifndef BELLWETHER_SERVICES_QUERY_INDICATOR_H_
#define BELLWETHER_SERVICES_QUERY_INDICATOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/ledger.h"
#include "services/query/effort.h"
#include "services/query/kept.h"

namespace bellwether::query {

class LedgerCache;

// Names a state: a record changes one indicator, so its position names what it left behind.
struct StateId {
  uint32_t generation = 0;  // Of the view: another one folds another log.
  int32_t partition = 0;
  int64_t offset = -1;  // Of the last record applied.

  friend bool operator==(const StateId&, const StateId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const StateId& id) {
    return H::combine(std::move(h), id.generation, id.partition, id.offset);
  }
};

struct Indicator {
  core::IndicatorKey key;
  StateId id;
  std::shared_ptr<const rating::Definition> definition;  // In force. Null: not defined yet, and readings are held.
  absl::Time definition_recorded = absl::InfinitePast();
  std::map<core::Period, rating::Comment> comments;  // In force.
  Scores scores;
  Occurrences occurrences;
  LedgerCache* ledgers = nullptr;
};

// A state of an indicator that nobody changes any more.
using IndicatorPtr = std::shared_ptr<const Indicator>;

// The report's order: by place in the report, then by ref. Both have a definition.
bool IsBefore(const Indicator& a, const Indicator& b);

// What the records amount to: the same fold as scoring's. Never null. Error: Cancelled, where the effort is over;
// Internal, where a record cannot be read.
absl::StatusOr<std::shared_ptr<const rating::Ledger>> LedgerOf(const Indicator& indicator, Effort* effort);

// Whether the occurrence, of the indicator that the ledger is of, says what is the reading in force for its period now.
bool IsInForce(const rating::Ledger& ledger, const Occurrence& occurrence);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_INDICATOR_H_
