#include "services/query/indicator.h"

#include "bellwether/codec/unopened.h"
#include "services/query/ledger_cache.h"

namespace bellwether::query {

absl::StatusOr<std::shared_ptr<const rating::Ledger>> LedgerOf(const Indicator& indicator, Effort* effort) {
  return indicator.ledgers->Of(indicator, effort);
}

bool IsBefore(const Indicator& a, const Indicator& b) {
  const unsigned place_a = a.definition->report_position;
  const unsigned place_b = b.definition->report_position;
  return place_a != place_b ? place_a < place_b : a.key.ref < b.key.ref;
}

bool IsInForce(const rating::Ledger& ledger, const Occurrence& occurrence) {
  if (ledger.definition() == nullptr) return false;
  const absl::StatusOr<codec::RecordLabel> label = codec::ReadLabel(occurrence.record);
  if (!label.ok() || label->kind != codec::RecordLabel::Kind::kReading) return false;
  const auto slot = ledger.slots().find(*label->period);
  if (slot == ledger.slots().end() || !slot->second.reading) return false;
  if (slot->second.reading->reading_id != label->reading_id) return false;  // As of most: they are not opened.
  const absl::StatusOr<rating::Record> record = RecordOf(occurrence);
  const auto* reading = record.ok() ? std::get_if<rating::Reading>(&*record) : nullptr;
  return reading != nullptr && rating::SameContent(*slot->second.reading, *reading);
}

}  // namespace bellwether::query
