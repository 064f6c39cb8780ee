// What became of an indicator's records: the algebra of repeat, conflict, correction and withdrawal (docs/rating.md),
// as a fold over one key of the log. Pure.
#ifndef BELLWETHER_RATING_LEDGER_H_
#define BELLWETHER_RATING_LEDGER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "bellwether/core/period.h"
#include "bellwether/core/seldom.h"
#include "bellwether/rating/definition.h"
#include "bellwether/rating/reading.h"
#include "boost/container/flat_map.hpp"
#include "boost/smart_ptr/intrusive_ptr.hpp"
#include "boost/smart_ptr/intrusive_ref_counter.hpp"

namespace bellwether::rating {

enum class Outcome : uint8_t {
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
  SubmittedBy by{};
};
using Record = std::variant<AppliedDefinition, Reading, Withdrawal, Comment>;

// A reading that is kept once, by all who have to do with it.
struct KeptReading : Reading, boost::intrusive_ref_counter<KeptReading> {
  explicit KeptReading(Reading reading, int64_t at = -1) : Reading(std::move(reading)), offset(at) {}
  int64_t offset;  // Of its record; -1: of none.
};
using ReadingPtr = boost::intrusive_ptr<const KeptReading>;

// What is in force for one period: a reading, or the knowledge that there was one and is no more.
struct Slot {
  ReadingPtr reading;   // Null: withdrawn.
  RecordedAt recorded;  // Of the record that made it so.
};
// Only periods that ever had a reading in force have a slot. They lie side by side: a rating looks at two years of
// them.
using Slots = boost::container::flat_map<core::Period, Slot>;

// What an indicator's figures are rated from.
struct Subject {
  const Definition* definition = nullptr;
  RecordedAt definition_recorded;
  const Slots* slots = nullptr;
};

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
// Readings that come before the definition are told `held`, and take force all the same: nothing is rated without a
// definition, and the definition then settles them with the outcomes that they would have had after it.
class Ledger {
 public:
  // Applies the next record. Any record is taken: what it amounts to is its outcome.
  Applied Apply(Record record, const RecordedAt& recorded);

  // Null: not defined yet.
  const std::shared_ptr<const Definition>& definition() const { return definition_; }
  const RecordedAt& definition_recorded() const { return definition_recorded_; }
  const Slots& slots() const { return slots_; }
  const std::map<core::Period, CommentInForce>& comments() const { return seldom_->comments; }

 private:
  // The first record of an id, to tell a repeat from a conflict.
  template <typename T>
  struct First {
    T record;
    int64_t offset;
  };
  using ReadingId = std::pair<core::Interned, std::string_view>;
  static ReadingId IdOf(const ReadingPtr& reading) { return {reading->by.principal, reading->reading_id}; }
  static const ReadingId& IdOf(const ReadingId& id) { return id; }
  struct HashOfId {
    using is_transparent = void;
    size_t operator()(const auto& of) const { return absl::HashOf(IdOf(of)); }
  };
  struct SameId {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return IdOf(a) == IdOf(b); }
  };
  // An earlier record corrects or withdraws an id that may come later.
  struct Overtaken {
    std::string by;                      // In words.
    std::optional<core::Period> period;  // A withdrawal names one.
    SubmittedBy sender{};
  };

  // What few indicators have.
  struct HasSeldom {
    std::map<core::Period, CommentInForce> comments;
    std::map<std::pair<std::string, std::string>, First<Withdrawal>> withdrawal_ids;  // By principal and id.
    std::map<std::pair<std::string, std::string>, First<Comment>> comment_ids;
    std::multimap<std::string, Overtaken> overtaken;  // By reading_id.
    std::vector<Settled> held;
  };

  Applied ApplyOne(const AppliedDefinition& definition, const RecordedAt& recorded);
  Applied ApplyOne(Reading&& read, const RecordedAt& recorded);
  Applied ApplyOne(const Withdrawal& withdrawal, const RecordedAt& recorded);
  Applied ApplyOne(const Comment& comment, const RecordedAt& recorded);
  // Puts the reading in force, and what it corrects in another period out of force.
  void TakeForce(const ReadingPtr& taken, const RecordedAt& recorded, Applied* applied);

  std::shared_ptr<const Definition> definition_;
  RecordedAt definition_recorded_;
  Slots slots_;
  boost::container::flat_map<std::string, First<std::shared_ptr<const Definition>>> definition_ids_;  // Mostly one.
  // The first of each principal and id, as the readings have them: there are millions of readings.
  absl::flat_hash_set<ReadingPtr, HashOfId, SameId> readings_;
  core::Seldom<HasSeldom> seldom_;
};

// "repeat", "first", ...: for logs and details.
std::string_view OutcomeWord(Outcome outcome);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_LEDGER_H_
