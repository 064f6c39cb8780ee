#include "services/query/indicator.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/text.h"

namespace bellwether::query {
namespace {

uint32_t HashOf(std::string_view id) { return static_cast<uint32_t>(absl::HashOf(core::ToAbsl(id))); }

}  // namespace

rating::Record RecordOf(const Occurrence& occurrence) {
  return codec::DecodeRecord(occurrence.record).value().value;  // The view read it before it kept it.
}

void AddOccurrence(Occurrence occurrence, const rating::Record& record, Indicator* indicator) {
  if (const auto* withdrawal = std::get_if<rating::Withdrawal>(&record)) occurrence.period = withdrawal->period;
  if (const auto* reading = std::get_if<rating::Reading>(&record)) {
    occurrence.period = reading->period;
    const std::pair id(HashOf(reading->reading_id), static_cast<uint32_t>(indicator->occurrences.size()));
    indicator->ids.insert(std::upper_bound(indicator->ids.begin(), indicator->ids.end(), id), id);
  }
  indicator->occurrences.push_back(std::move(occurrence));
}

std::vector<const Occurrence*> OccurrencesOf(const Indicator& indicator, std::string_view reading_id) {
  std::vector<const Occurrence*> found;
  const uint32_t hash = HashOf(reading_id);
  auto it = std::lower_bound(indicator.ids.begin(), indicator.ids.end(), std::pair<uint32_t, uint32_t>(hash, 0));
  for (; it != indicator.ids.end() && it->first == hash; ++it) {
    const Occurrence& occurrence = indicator.occurrences[it->second];
    const rating::Record record = RecordOf(occurrence);
    if (std::get<rating::Reading>(record).reading_id == reading_id) found.push_back(&occurrence);
  }
  return found;
}

bool IsBefore(const Indicator& a, const Indicator& b) {
  const unsigned place_a = a.ledger.definition()->report_position;
  const unsigned place_b = b.ledger.definition()->report_position;
  return place_a != place_b ? place_a < place_b : a.key.ref < b.key.ref;
}

bool IsInForce(const Indicator& indicator, const Occurrence& occurrence) {
  if (!occurrence.period || !indicator.ledger.definition()) return false;
  const auto slot = indicator.ledger.slots().find(*occurrence.period);
  const rating::Record record = RecordOf(occurrence);
  const auto* reading = std::get_if<rating::Reading>(&record);
  if (reading == nullptr) return false;
  return slot != indicator.ledger.slots().end() && slot->second.reading &&
         rating::SameContent(*slot->second.reading, *reading);
}

}  // namespace bellwether::query
