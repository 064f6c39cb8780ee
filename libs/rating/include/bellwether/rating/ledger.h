// What became of an indicator's records: the algebra of repeat, conflict, correction and withdrawal (design 4.2), as a
// fold over one key of the log. Pure.
#ifndef BELLWETHER_RATING_LEDGER_H_
#define BELLWETHER_RATING_LEDGER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bellwether/core/period.h"
#include "bellwether/rating/definition.h"
#include "bellwether/rating/reading.h"

namespace bellwether::rating {

enum class Outcome {
  kRepeat,
  kConflict,
  kSuperseded,
  kWithdrawal,
  kConfirmation,
  kFirst,
  kRevision,
  kHeld,
  kDefined,
  kCommented,
  kDeadLetter,
};

struct AppliedDefinition {
  std::string apply_id;
  std::shared_ptr<const Definition> definition;
};
using Record = std::variant<AppliedDefinition, Reading, Withdrawal, Comment>;

// What is in force for one period: a reading, or the knowledge that there was one and is no more.
struct Slot {
  std::optional<Reading> reading;  // Absent: withdrawn.
  RecordedAt recorded;             // Of the record that made it so.
};
// Only periods that ever had a reading in force have a slot.
using Slots = std::map<core::Period, Slot>;

struct CommentInForce {
  Comment comment;
  RecordedAt recorded;
};

// The later outcome of a held record.
struct Settled {
  int64_t offset = -1;
  std::string reading_id;
  Outcome outcome = Outcome::kHeld;
  std::string detail;
};

// What one record did.
struct Applied {
  Outcome outcome = Outcome::kDeadLetter;
  std::string detail;                 // In words, where the outcome needs them.
  std::vector<Settled> settled;       // Of a definition: the held records, in the order of the log.
  std::vector<core::Period> changed;  // Periods whose slot changed, ascending.
  bool definition_changed = false;
  bool comment_changed = false;
};

// One indicator's records, in the order of the log. Copyable. Not thread-safe.
//
// A period outside `slots()` never had a reading in force. While there is no definition, readings, withdrawals and
// corrections are held and `slots()` stays empty; ids are remembered all the same, so a repeat is a repeat.
class Ledger {
 public:
  // Applies the next record. Any record is taken: what it amounts to is its outcome.
  Applied Apply(const Record& record, const RecordedAt& recorded);

  // Null: not defined yet.
  const std::shared_ptr<const Definition>& definition() const { return definition_; }
  const RecordedAt& definition_recorded() const { return definition_recorded_; }
  const Slots& slots() const { return slots_; }
  const std::map<core::Period, CommentInForce>& comments() const { return comments_; }

 private:
  struct Ids;  // What is remembered of ids: see ledger.cc. (The implementer replaces this block as it needs.)
  std::shared_ptr<const Definition> definition_;
  RecordedAt definition_recorded_;
  Slots slots_;
  std::map<core::Period, CommentInForce> comments_;
};

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_LEDGER_H_
