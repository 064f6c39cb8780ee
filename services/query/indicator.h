// One indicator's whole life, as the view holds it.
#ifndef BELLWETHER_SERVICES_QUERY_INDICATOR_H_
#define BELLWETHER_SERVICES_QUERY_INDICATOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
  rating::Outcome outcome = rating::Outcome::kHeld;  // Of a held record that a definition settled: the later one.
  std::optional<core::Period> period;                // Of a reading and of a withdrawal.
  std::string record;  // A v1::IndicatorRecord as bytes, as it came. There are millions of them.
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
  std::vector<Occurrence> occurrences;  // Every record, in the order of the log.
  // Hash of a reading's id, and where in `occurrences` it stands; in order. See OccurrencesOf.
  std::vector<std::pair<uint32_t, uint32_t>> ids;
};

// A state of an indicator that nobody changes any more.
using IndicatorPtr = std::shared_ptr<const Indicator>;

// The report's order: by place in the report, then by ref. Both have a definition.
bool IsBefore(const Indicator& a, const Indicator& b);

// What was recorded.
rating::Record RecordOf(const Occurrence& occurrence);

// Takes the next occurrence. `record`: what `occurrence.record` holds.
void AddOccurrence(Occurrence occurrence, const rating::Record& record, Indicator* indicator);

// Every reading of that id, in the order of the log.
std::vector<const Occurrence*> OccurrencesOf(const Indicator& indicator, std::string_view reading_id);

// Whether the occurrence says what is the reading in force for its period now.
bool IsInForce(const Indicator& indicator, const Occurrence& occurrence);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_INDICATOR_H_
