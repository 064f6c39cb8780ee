#include "services/query/indicator.h"

#include <algorithm>

#include "bellwether/codec/record.h"
#include "bellwether/codec/unopened.h"
#include "services/query/ledger_cache.h"

namespace bellwether::query {

// Scoring read what the view keeps, and Kafka's checksum brought it whole.
rating::Record RecordOf(const Occurrence& occurrence) {
  return codec::DecodeRecord(std::string(occurrence.record)).value().value;
}

std::shared_ptr<const rating::Ledger> LedgerOf(const Indicator& indicator) { return indicator.ledgers->Of(indicator); }

const PublishedScore* FindScore(const Indicator& indicator, const core::Period& period) {
  const auto found = std::lower_bound(indicator.scores.begin(), indicator.scores.end(), period,
                                      [](const PublishedScore& s, const core::Period& p) { return s.period < p; });
  return found == indicator.scores.end() || found->period != period ? nullptr : &*found;
}

size_t FindOccurrence(const std::vector<Occurrence>& occurrences, int64_t offset) {
  const auto found = std::lower_bound(occurrences.begin(), occurrences.end(), offset,
                                      [](const Occurrence& o, int64_t wanted) { return o.offset < wanted; });
  const auto index = static_cast<size_t>(found - occurrences.begin());
  return found != occurrences.end() && found->offset == offset ? index : occurrences.size();
}

std::vector<const Occurrence*> OccurrencesOf(const Indicator& indicator, std::string_view reading_id) {
  std::vector<const Occurrence*> found;
  for (const Occurrence& occurrence : indicator.occurrences) {
    const std::string record(occurrence.record);
    const absl::StatusOr<codec::RecordLabel> label = codec::ReadLabel(record);
    if (label->kind == codec::RecordLabel::Kind::kReading && label->reading_id == reading_id)
      found.push_back(&occurrence);
  }
  return found;
}

bool IsBefore(const Indicator& a, const Indicator& b) {
  const unsigned place_a = a.definition->report_position;
  const unsigned place_b = b.definition->report_position;
  return place_a != place_b ? place_a < place_b : a.key.ref < b.key.ref;
}

bool IsInForce(const Indicator& indicator, const Occurrence& occurrence) {
  if (!occurrence.period || !indicator.definition) return false;
  const rating::Record record = RecordOf(occurrence);
  const auto* reading = std::get_if<rating::Reading>(&record);
  if (reading == nullptr) return false;
  const std::shared_ptr<const rating::Ledger> ledger = LedgerOf(indicator);
  const auto slot = ledger->slots().find(*occurrence.period);
  return slot != ledger->slots().end() && slot->second.reading && rating::SameContent(*slot->second.reading, *reading);
}

}  // namespace bellwether::query
