// Whether a view's updates say of their records what follows from the records before: each outcome, and its detail.
// Scores are not rated again; they follow from the same ledger.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/text.h"
#include "services/query/indicator.h"

namespace bellwether::query {
namespace {

// What the fold says of a record.
struct Told {
  rating::Outcome outcome = rating::Outcome::kHeld;
  std::string detail;
};

absl::Status Contradiction(const Indicator& indicator, const Occurrence& occurrence, std::string_view what) {
  return absl::InternalError(absl::StrCat(
      "the update of partition ", indicator.id.partition, ", offset ", occurrence.offset, ", about ",
      indicator.key.ToString(), ", ", core::ToAbsl(what),
      ": it was written by other rules than this view's, or a record before it is not the one that was scored"));
}

absl::Status Compare(const Indicator& indicator, const Occurrence& occurrence, const Told& told) {
  if (told.outcome != occurrence.outcome) {
    return Contradiction(
        indicator, occurrence,
        absl::StrCat("says \"", core::ToAbsl(rating::OutcomeWord(occurrence.outcome)),
                     "\", but the records before it give \"", core::ToAbsl(rating::OutcomeWord(told.outcome)), "\""));
  }
  if (occurrence.detail == told.detail) return absl::OkStatus();
  return Contradiction(indicator, occurrence,
                       absl::StrCat("says \"", core::ToAbsl(occurrence.detail), "\", but the records before it give \"",
                                    told.detail, "\""));
}

}  // namespace

absl::Status CheckOccurrences(const Indicator& indicator, size_t checked) {
  const std::string name = indicator.key.ToString();
  const Occurrences& all = indicator.occurrences;
  std::shared_ptr<rating::Ledger> ledger;
  if (checked > 0) {
    if (LedgerPtr kept = indicator.ledgers->Take(name, {RecordsOf(indicator, checked)})) {
      // None is made const: what nobody else has may be changed.
      ledger = IsAlone(kept) ? std::const_pointer_cast<rating::Ledger>(std::move(kept))
                             : std::make_shared<rating::Ledger>(*kept);
    }
  }
  const size_t first = ledger == nullptr ? 0 : checked;
  if (ledger == nullptr) ledger = std::make_shared<rating::Ledger>();
  std::vector<Told> told(all.size() - first);
  for (size_t i = 0; i < told.size(); ++i) {
    const Occurrence occurrence = all.At(first + i);
    const absl::StatusOr<codec::KeyedRecord> record = codec::DecodeRecord(occurrence.record);
    if (!record.ok())
      return Contradiction(indicator, occurrence, absl::StrCat("cannot be read: ", record.status().message()));
    rating::Applied applied = ledger->Apply(record->value, {occurrence.offset, occurrence.recorded_at});
    told[i] = {applied.outcome, std::move(applied.detail)};
    for (rating::Settled& settled : applied.settled) {
      const size_t held = all.Find(settled.offset);
      Told later{settled.outcome, std::move(settled.detail)};
      if (held >= first) {
        told[held - first] = std::move(later);
      } else if (absl::Status s = Compare(indicator, all.At(held), later); !s.ok()) {
        return s;
      }
    }
  }
  for (size_t i = 0; i < told.size(); ++i) {
    if (absl::Status s = Compare(indicator, all.At(first + i), told[i]); !s.ok()) return s;
  }
  // A single one has just come, and more may follow; more than one are from the time when the view was built.
  if (all.size() - checked == 1)
    indicator.ledgers->Keep(name, {RecordsOf(indicator, all.size())}, std::move(ledger), all.size());
  return absl::OkStatus();
}

}  // namespace bellwether::query
