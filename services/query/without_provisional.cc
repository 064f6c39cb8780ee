#include "services/query/without_provisional.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/score.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/core/text.h"
#include "bellwether/rating/evaluate.h"

namespace bellwether::query {
namespace {

using Kind = codec::RecordLabel::Kind;

// Ids, each with the principal whose it is.
using Ids = std::set<std::pair<std::string, std::string>>;

// What is left out of an indicator's records, by their places.
class LeftOut {
 public:
  LeftOut(const Indicator& indicator, core::Date today, std::string_view owner)
      : indicator_(indicator), today_(today), owner_(owner), left_out_(indicator.occurrences.size()) {}

  // Error: as of WithoutProvisional.
  absl::Status Find(Effort* effort) {
    for (size_t i = 0; i < left_out_.size(); ++i) {
      const Occurrence occurrence = indicator_.occurrences.At(i);
      if (!effort->Spend(Effort::kFold)) return Effort::Ended();
      const auto label = codec::ReadLabel(occurrence.record);
      if (label.ok() && label->kind != Kind::kReading) continue;
      const absl::StatusOr<rating::Record> record = RecordOf(occurrence);
      if (!record.ok()) return record.status();
      if (const auto* reading = std::get_if<rating::Reading>(&*record)) Look(i, occurrence.outcome, *reading);
    }
    if (hidden_.empty()) return absl::OkStatus();
    const absl::StatusOr<LedgerPtr> whole = LedgerOf(indicator_, effort);
    if (!whole.ok()) return whole.status();
    Ids withdrawals;  // That are left out.
    Ids comments;
    for (size_t i = 0; i < left_out_.size(); ++i) {
      if (!effort->Spend(Effort::kLabel)) return Effort::Ended();
      const Occurrence occurrence = indicator_.occurrences.At(i);
      const auto label = codec::ReadLabel(occurrence.record);
      if (!label.ok() || (label->kind != Kind::kWithdrawal && label->kind != Kind::kComment)) continue;
      if (!effort->Spend(Effort::kFold)) return Effort::Ended();
      const absl::StatusOr<rating::Record> record = RecordOf(occurrence);
      if (!record.ok()) return record.status();
      const bool conflict = occurrence.outcome == rating::Outcome::kConflict;
      if (const auto* withdrawal = std::get_if<rating::Withdrawal>(&*record)) {
        left_out_[i] = LeavesOut(IsOfHidden(*withdrawal), conflict,
                                 {withdrawal->withdrawal_id, withdrawal->by.principal.name()}, &withdrawals);
      } else if (const auto* comment = std::get_if<rating::Comment>(&*record)) {
        left_out_[i] = LeavesOut(IsOfHidden(*comment, i, **whole), conflict,
                                 {comment->comment_id, comment->by.principal.name()}, &comments);
      }
    }
    return absl::OkStatus();
  }

  bool any() const { return !hidden_.empty(); }
  bool Has(size_t place) const { return left_out_[place]; }

 private:
  bool Hides(const rating::Reading& reading) const {
    return IsProvisional(reading, today_) && (owner_.empty() || reading.by.principal.name() != owner_);
  }

  void Look(size_t place, rating::Outcome outcome, const rating::Reading& reading) {
    const Ids::value_type id(reading.reading_id, reading.by.principal.name());
    const bool conflict = outcome == rating::Outcome::kConflict;
    if (Hides(reading)) {
      left_out_[place] = true;
      hidden_.insert(id);
      since_.try_emplace(reading.period, place);
      return;
    }
    // What was refused for the id of one that is hidden takes no force in its absence.
    left_out_[place] = conflict && !shown_.contains(id);
    if (conflict || outcome == rating::Outcome::kRepeat) return;
    shown_.emplace(id, reading.period);
    // What was said until then is public with it, and stays so.
    if (outcome == rating::Outcome::kFirst || outcome == rating::Outcome::kRevision) since_.erase(reading.period);
  }

  // Whether it is, or was refused for the id of one that is.
  static bool LeavesOut(bool of_hidden, bool conflict, const Ids::value_type& id, Ids* left_out) {
    if (conflict) return of_hidden || left_out->contains(id);
    if (of_hidden) left_out->insert(id);
    return of_hidden;
  }

  // Whether it may touch one that is hidden, and none of its period that is not.
  bool IsOfHidden(const rating::Withdrawal& withdrawal) const {
    const auto may_touch = [&](const std::string& principal) {
      return withdrawal.by.MayTouch({core::Interned(principal), false});
    };
    bool is = false;
    for (auto it = hidden_.lower_bound({withdrawal.reading_id, ""});
         it != hidden_.end() && it->first == withdrawal.reading_id; ++it) {
      is = is || may_touch(it->second);
    }
    for (auto it = shown_.lower_bound({withdrawal.reading_id, ""});
         is && it != shown_.end() && it->first.first == withdrawal.reading_id; ++it) {
      is = it->second != withdrawal.period || !may_touch(it->first.second);
    }
    return is;
  }

  bool IsOfHidden(const rating::Comment& comment, size_t place, const rating::Ledger& whole) const {
    const auto since = since_.find(comment.period);
    if (since == since_.end() || place < since->second) return false;
    const auto slot = whole.slots().find(comment.period);
    return slot == whole.slots().end() || !slot->second.reading || Hides(*slot->second.reading);
  }

  const Indicator& indicator_;
  const core::Date today_;
  const std::string_view owner_;
  std::vector<bool> left_out_;
  Ids hidden_;                                     // Of readings that are left out.
  std::map<Ids::value_type, core::Period> shown_;  // And of those that are not, with their periods.
  std::map<core::Period, size_t> since_;  // The place of the first that is left out, and nothing took force after it.
};

// The records that are left, folded and rated as scoring does it. How many bytes that takes, about.
absl::StatusOr<size_t> Fold(const Indicator& whole, const LeftOut& left_out, Effort* effort, Indicator* seen) {
  size_t bytes = 0;
  rating::Ledger ledger;
  for (size_t i = 0; i < whole.occurrences.size(); ++i) {
    if (left_out.Has(i)) continue;
    Occurrence occurrence = whole.occurrences.At(i);
    if (!effort->Spend(Effort::kFold, 1 + occurrence.record.size() / 512)) return Effort::Ended();
    absl::StatusOr<rating::Record> record = RecordOf(occurrence);
    if (!record.ok()) return record.status();
    const rating::Applied applied = ledger.Apply(*std::move(record), {occurrence.offset, occurrence.recorded_at});
    for (const rating::Settled& s : applied.settled) seen->occurrences.Settle(s.offset, s.outcome, s.detail);
    occurrence.outcome = applied.outcome;
    occurrence.detail = applied.detail;
    seen->occurrences.Append(occurrence);
    bytes += occurrence.record.size();
  }
  for (const auto& [period, comment] : ledger.comments()) {
    if (!comment.comment.text.empty()) seen->comments.emplace(period, comment.comment);
  }
  if (ledger.definition() == nullptr) return bytes;
  for (const core::Period& period : rating::ScoredPeriods(*ledger.definition(), ledger.slots())) {
    if (!effort->Spend(Effort::kRow)) return Effort::Ended();
    const rating::Score score =
        rating::Rate(*ledger.definition(), ledger.definition_recorded(), ledger.slots(), period);
    const std::string score_bytes = codec::SerializeDeterministically(codec::ToProto(score));
    seen->scores.Publish({period, score_bytes});
    bytes += score_bytes.size();
  }
  return bytes;
}

}  // namespace

bool IsProvisional(const rating::Reading& reading, core::Date today) {
  return rating::SaysProvisional(reading) || reading.period.last().LastDay() >= today;
}

absl::StatusOr<IndicatorPtr> WithoutProvisional(const IndicatorPtr& indicator, core::Date today, std::string_view owner,
                                                Effort* effort) {
  const std::string as = absl::StrCat(" without provisional for ", core::ToAbsl(owner));
  const std::string name = indicator->key.ToString() + as;
  const MadeOf of{indicator->id, today};
  if (const auto kept = indicator->seen_indicators->Find(name, of)) return *kept != nullptr ? *kept : indicator;
  IndicatorPtr before = indicator->predecessor;
  if (before != nullptr) {
    absl::StatusOr<IndicatorPtr> seen = WithoutProvisional(before, today, owner, effort);
    if (!seen.ok()) return seen.status();
    before = *std::move(seen);
  }
  LeftOut left_out(*indicator, today, owner);
  if (absl::Status s = left_out.Find(effort); !s.ok()) return s;
  const bool same = !left_out.any() && before == indicator->predecessor;
  std::shared_ptr<Indicator> seen;  // Null: it is as it is.
  size_t bytes = name.size();
  if (!same) {
    seen = std::make_shared<Indicator>();
    seen->key = indicator->key;
    seen->id = indicator->id;
    seen->seen_as = absl::StrCat(as, " on ", absl::FormatCivilTime(today));
    seen->definition = indicator->definition;
    seen->definition_recorded = indicator->definition_recorded;
    seen->ledgers = indicator->ledgers;
    seen->seen_indicators = indicator->seen_indicators;
    seen->predecessor = before;
    const absl::StatusOr<size_t> folded = Fold(*indicator, left_out, effort, seen.get());
    if (!folded.ok()) return folded.status();
    bytes += *folded;
  }
  constexpr size_t kBeside = 500;
  indicator->seen_indicators->Keep(name, of, std::make_shared<const IndicatorPtr>(seen), kBeside + bytes);
  return same ? indicator : IndicatorPtr(std::move(seen));
}

}  // namespace bellwether::query
