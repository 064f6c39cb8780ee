#include "services/query/indicator.h"

#include "bellwether/codec/unopened.h"
#include "services/query/ledger_cache.h"

namespace bellwether::query {

std::shared_ptr<const rating::Ledger> LedgerOf(const Indicator& indicator) { return indicator.ledgers->Of(indicator); }

std::vector<Occurrence> OccurrencesOf(const Indicator& indicator, std::string_view reading_id) {
  std::vector<Occurrence> found;
  for (const Occurrence& occurrence : indicator.occurrences.From()) {
    const absl::StatusOr<codec::RecordLabel> label = codec::ReadLabel(occurrence.record);
    if (label->kind == codec::RecordLabel::Kind::kReading && label->reading_id == reading_id)
      found.push_back(occurrence);
  }
  return found;
}

bool IsBefore(const Indicator& a, const Indicator& b) {
  const unsigned place_a = a.definition->report_position;
  const unsigned place_b = b.definition->report_position;
  return place_a != place_b ? place_a < place_b : a.key.ref < b.key.ref;
}

bool IsInForce(const Indicator& indicator, const Occurrence& occurrence) {
  if (!indicator.definition) return false;
  const rating::Record record = RecordOf(occurrence);
  const auto* reading = std::get_if<rating::Reading>(&record);
  if (reading == nullptr) return false;
  const std::shared_ptr<const rating::Ledger> ledger = LedgerOf(indicator);
  const auto slot = ledger->slots().find(reading->period);
  return slot != ledger->slots().end() && slot->second.reading && rating::SameContent(*slot->second.reading, *reading);
}

}  // namespace bellwether::query
