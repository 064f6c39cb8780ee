// One indicator's whole life, as the view holds it: its records and its scores, as the bytes that they came in. There
// are millions of them, as values they take many times as much, and few are ever looked into.
#ifndef BELLWETHER_SERVICES_QUERY_INDICATOR_H_
#define BELLWETHER_SERVICES_QUERY_INDICATOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/ledger.h"
#include "services/query/derived.h"
#include "services/query/effort.h"
#include "services/query/packed_list.h"

namespace bellwether::query {

// A record of the indicator, and what became of it. The views hold as those of the list that it is from.
struct Occurrence {
  int64_t offset = -1;
  absl::Time recorded_at = absl::InfinitePast();
  rating::Outcome outcome = rating::Outcome::kHeld;  // Of a held record that a definition settled: the later one.
  std::string_view record;                           // A v1::IndicatorRecord.
  std::string_view detail;
};

// What was recorded. Error: Internal, where its bytes are no record: of an update only the outside is read before it is
// taken.
absl::StatusOr<rating::Record> RecordOf(const Occurrence& occurrence);
// Of a reading and of a withdrawal (and of a comment, if they are wanted) the period, else none.
std::optional<core::Period> PeriodOf(const Occurrence& occurrence, bool comments = false);

// Every record of an indicator, in the order of the log. As safe for threads as a PackedList.
class Occurrences {
 public:
  size_t size() const { return packed_.size(); }
  // Below size().
  Occurrence At(size_t index) const;
  // Which of them is that of the offset; size(), if none is.
  size_t Find(int64_t offset) const;

  void Append(const Occurrence& occurrence);
  // The later outcome of a held record. Nothing, if there is none of the offset.
  void Settle(int64_t offset, rating::Outcome outcome, std::string_view detail);

 private:
  PackedList packed_;
};

struct PublishedScore {
  core::Period period;
  std::string_view bytes;  // A v1::Score. Holds as the views of the list that it is from.
};

// The scores of an indicator, by period. As safe for threads as a PackedList.
class Scores {
 public:
  size_t size() const { return packed_.size(); }
  // Below size().
  PublishedScore At(size_t index) const;
  // None: none was published for the period.
  std::optional<PublishedScore> Find(const core::Period& period) const;

  // In place of the one of its period.
  void Publish(const PublishedScore& score);
  void DropUnless(const std::function<bool(const core::Period& period)>& stays);

 private:
  // The first that is not before the period.
  size_t PlaceOf(const core::Period& period) const;

  PackedList packed_;
};

using Ledgers = Derived<rating::Ledger>;  // Measured in records, a kilobyte each.
using LedgerPtr = Ledgers::Pointer;

struct Indicator;
// Indicators as some see them (without_provisional.h). Measured in bytes. Null: as they are.
using SeenIndicators = Derived<std::shared_ptr<const Indicator>>;

struct Indicator {
  core::IndicatorKey key;
  // As whom it is seen by those who may not see all of it. Empty: it is whole. What is kept of it goes by this, too.
  std::string seen_as;
  StateId id;  // Also of what it continues: of the last record of any of them.
  std::shared_ptr<const rating::Definition> definition;  // In force. Null: not defined yet, and readings are held.
  absl::Time definition_recorded = absl::InfinitePast();
  std::map<core::Period, rating::Comment> comments;  // In force.
  Scores scores;
  Occurrences occurrences;
  Ledgers* ledgers = nullptr;
  SeenIndicators* seen_indicators = nullptr;
  std::shared_ptr<const Indicator> predecessor;  // As it stood then. Null: it follows none (rating::Follows).
};

// A state of an indicator that nobody changes any more.
using IndicatorPtr = std::shared_ptr<const Indicator>;

// What is said of the report of a month: of the data period that it shows. There is a definition.
const rating::Definition& WordingIn(const Indicator& indicator, core::Month report_month);

// The report's order: by place in the report, then by ref. Both have a definition.
bool IsBefore(const Indicator& a, const Indicator& b);

// Names the first `records` of its own records: what a ledger of them was made of.
StateId RecordsOf(const Indicator& indicator, size_t records);

// What the records amount to: the same fold as scoring's. Never null. Error: Cancelled, where the effort is over;
// Internal, where a record cannot be read.
absl::StatusOr<LedgerPtr> LedgerOf(const Indicator& indicator, Effort* effort);
// What those amount to that were recorded before the moment: the same, and not kept. Error: as above.
absl::StatusOr<rating::Ledger> LedgerBefore(const Indicator& indicator, absl::Time moment, Effort* effort);

// Whether the occurrence, of the indicator that the ledger is of, says what is the reading in force for its period now.
bool IsInForce(const rating::Ledger& ledger, const Occurrence& occurrence);

// Folds the records and compares what comes of each, from the `checked`th on, with what its update said. Error:
// Internal, with the update's place, what it says and what follows.
absl::Status CheckOccurrences(const Indicator& indicator, size_t checked);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_INDICATOR_H_
