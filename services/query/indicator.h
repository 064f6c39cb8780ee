// One indicator's whole life, as the view holds it.
#ifndef BELLWETHER_SERVICES_QUERY_INDICATOR_H_
#define BELLWETHER_SERVICES_QUERY_INDICATOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/ledger.h"

namespace bellwether::query {

// A record of the indicator, and what became of it.
struct Occurrence {
  int64_t offset = -1;
  absl::Time recorded_at = absl::InfinitePast();
  rating::Record record;
  rating::Outcome outcome = rating::Outcome::kHeld;  // Of a held record that a definition settled: the later one.
  std::string detail;
};

struct Indicator {
  core::IndicatorKey key;
  uint32_t generation = 0;  // Of the view: another one folds another log.
  int32_t partition = 0;
  int64_t newest_offset = -1;  // Of the last record applied: it names this state of the indicator.
  rating::Ledger ledger;       // The same fold as scoring's.
  // As published: a v1::Score as bytes, a fifth of what the score takes as a value. There are millions of them.
  std::map<core::Period, std::string> scores;
  std::vector<Occurrence> occurrences;             // Every record, in the order of the log.
  std::map<std::string, std::vector<size_t>> ids;  // Of a reading: where in `occurrences` its id stands.
};

// A state of an indicator that nobody changes any more.
using IndicatorPtr = std::shared_ptr<const Indicator>;

// The report's order: by place in the report, then by ref. Both have a definition.
bool IsBefore(const Indicator& a, const Indicator& b);

// Whether the occurrence says what is the reading in force for its period now.
bool IsInForce(const Indicator& indicator, const Occurrence& occurrence);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_INDICATOR_H_
