#include "bellwether/rating/ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bellwether::rating {
namespace {

Applied Told(Outcome outcome, std::string detail) {
  Applied applied;
  applied.outcome = outcome;
  applied.detail = std::move(detail);
  return applied;
}

// Of an id that was first recorded at `offset`.
Applied Repeat(int64_t offset) { return Told(Outcome::kRepeat, absl::StrCat("first recorded at offset ", offset)); }
Applied Conflict(const std::string& id, int64_t offset) {
  return Told(Outcome::kConflict, absl::StrCat("id \"", id, "\" was recorded with other content at offset ", offset,
                                               ": send another figure under another id"));
}

// Repeat or conflict, where the id was seen before, under its key; absent where it is new.
template <typename Ids, typename Same>
std::optional<Applied> SeenBefore(const Ids& ids, const typename Ids::key_type& key, const std::string& id,
                                  const Same& same) {
  const auto it = ids.find(key);
  if (it == ids.end()) return std::nullopt;
  const int64_t offset = it->second.offset;
  return same(it->second.record) ? Repeat(offset) : Conflict(id, offset);
}

}  // namespace

std::string_view OutcomeWord(Outcome outcome) {
  switch (outcome) {
    case Outcome::kRepeat:
      return "repeat";
    case Outcome::kConflict:
      return "conflict";
    case Outcome::kSuperseded:
      return "superseded";
    case Outcome::kWithdrawal:
      return "withdrawal";
    case Outcome::kConfirmation:
      return "confirmation";
    case Outcome::kFirst:
      return "first";
    case Outcome::kRevision:
      return "revision";
    case Outcome::kHeld:
      return "held";
    case Outcome::kDefined:
      return "defined";
    case Outcome::kCommented:
      return "commented";
    case Outcome::kDeadLetter:
      return "dead-letter";
  }
  return "";
}

Applied Ledger::Apply(Record record, const RecordedAt& recorded) {
  Applied applied = std::visit([&](auto& r) { return ApplyOne(std::move(r), recorded); }, record);
  std::sort(applied.changed.begin(), applied.changed.end());
  return applied;
}

Applied Ledger::ApplyOne(const AppliedDefinition& definition, const RecordedAt& recorded) {
  const auto same = [&](const std::shared_ptr<const Definition>& first) { return *first == *definition.definition; };
  if (auto seen = SeenBefore(definition_ids_, definition.apply_id, definition.apply_id, same)) return *std::move(seen);
  definition_ids_.emplace(definition.apply_id,
                          First<std::shared_ptr<const Definition>>{definition.definition, recorded.offset});
  if (definition_ && *definition_ == *definition.definition)
    return Told(Outcome::kConfirmation, "the definition in force says the same");
  Applied applied = Told(Outcome::kDefined, "");
  if (!definition_ && !seldom_->held.empty()) applied.settled = std::exchange(seldom_.Edit().held, {});
  definition_ = definition.definition;
  definition_recorded_ = recorded;
  applied.definition_changed = true;
  return applied;
}

Applied Ledger::ApplyOne(Reading&& read, const RecordedAt& recorded) {
  if (const auto first = readings_.find(ReadingId{read.by.principal, read.reading_id}); first != readings_.end()) {
    const int64_t offset = (*first)->offset;
    return SameContent(**first, read) ? Repeat(offset) : Conflict(read.reading_id, offset);
  }
  // What it says again was recorded before anybody asked who it is.
  if (const auto old = readings_.find(ReadingId{core::Interned(), read.reading_id});
      old != readings_.end() && SameContent(**old, read))
    return Repeat((*old)->offset);
  const ReadingPtr kept(new KeptReading(std::move(read), recorded.offset));
  const Reading& reading = *kept;
  readings_.insert(kept);
  if (!reading.seldom->corrects.empty()) {
    seldom_.Edit().overtaken.emplace(
        reading.seldom->corrects,
        Overtaken{
            absl::StrCat("corrected by \"", reading.reading_id, "\" at offset ", recorded.offset), {}, reading.by});
  }
  const auto [begin, end] = seldom_->overtaken.equal_range(reading.reading_id);
  const auto overtaken = std::find_if(begin, end, [&](const auto& entry) {
    const Overtaken& earlier = entry.second;
    return (!earlier.period || *earlier.period == reading.period) && earlier.sender.MayTouch(reading.by);
  });
  if (overtaken != end) return Told(Outcome::kSuperseded, overtaken->second.by);

  const auto slot = slots_.find(reading.period);
  const bool in_force = slot != slots_.end() && slot->second.reading != nullptr;
  Applied applied;
  if (in_force && Confirms(reading, *slot->second.reading)) {
    applied = Told(Outcome::kConfirmation,
                   absl::StrCat("says what \"", slot->second.reading->reading_id, "\" says, which is in force"));
  } else {
    applied.outcome = in_force ? Outcome::kRevision : Outcome::kFirst;
    if (in_force) applied.detail = absl::StrCat("takes the place of \"", slot->second.reading->reading_id, "\"");
    TakeForce(kept, recorded, &applied);
  }
  if (definition_) return applied;
  seldom_.Edit().held.push_back({recorded.offset, reading.reading_id, applied.outcome, applied.detail});
  return Told(Outcome::kHeld, "kept until the indicator is defined");
}

void Ledger::TakeForce(const ReadingPtr& taken, const RecordedAt& recorded, Applied* applied) {
  const Reading& reading = *taken;
  slots_[reading.period] = Slot{taken, recorded};
  applied->changed.push_back(reading.period);
  const std::string& corrects = reading.seldom->corrects;
  if (corrects.empty()) return;
  for (auto& [period, slot] : slots_) {
    if (slot.reading == nullptr || period == reading.period || slot.reading->reading_id != corrects ||
        !reading.by.MayTouch(slot.reading->by))
      continue;
    slot = Slot{nullptr, recorded};
    applied->changed.push_back(period);
  }
}

Applied Ledger::ApplyOne(const Withdrawal& withdrawal, const RecordedAt& recorded) {
  const auto same = [&](const Withdrawal& first) { return SameContent(first, withdrawal); };
  const std::pair<std::string, std::string> id(withdrawal.by.principal.name(), withdrawal.withdrawal_id);
  if (auto seen = SeenBefore(seldom_->withdrawal_ids, id, withdrawal.withdrawal_id, same)) return *std::move(seen);
  HasSeldom& seldom = seldom_.Edit();
  seldom.withdrawal_ids.emplace(id, First<Withdrawal>{withdrawal, recorded.offset});
  seldom.overtaken.emplace(withdrawal.reading_id, Overtaken{absl::StrCat("withdrawn by \"", withdrawal.withdrawal_id,
                                                                         "\" at offset ", recorded.offset),
                                                            withdrawal.period, withdrawal.by});
  const auto slot = slots_.find(withdrawal.period);
  if (slot == slots_.end() || !slot->second.reading || slot->second.reading->reading_id != withdrawal.reading_id) {
    return Told(Outcome::kWithdrawal,
                absl::StrCat("\"", withdrawal.reading_id, "\" was not in force for ", withdrawal.period.ToString()));
  }
  if (const SubmittedBy& owner = slot->second.reading->by; !withdrawal.by.MayTouch(owner)) {
    return Told(Outcome::kWithdrawal, absl::StrCat("\"", withdrawal.reading_id, "\" is of \"", owner.principal.name(),
                                                   "\" and stays in force: it is another's"));
  }
  Applied applied = Told(Outcome::kWithdrawal, "");
  slot->second = Slot{nullptr, recorded};
  applied.changed.push_back(withdrawal.period);
  return applied;
}

Applied Ledger::ApplyOne(const Comment& comment, const RecordedAt& recorded) {
  const auto same = [&](const Comment& first) { return SameContent(first, comment); };
  const std::pair<std::string, std::string> id(comment.by.principal.name(), comment.comment_id);
  if (auto seen = SeenBefore(seldom_->comment_ids, id, comment.comment_id, same)) return *std::move(seen);
  HasSeldom& seldom = seldom_.Edit();
  if (const auto old = seldom.comment_ids.find({"", comment.comment_id});
      old != seldom.comment_ids.end() && same(old->second.record))
    return Repeat(old->second.offset);
  seldom.comment_ids.emplace(id, First<Comment>{comment, recorded.offset});
  const auto in_force = seldom.comments.find(comment.period);
  const std::string_view words = in_force == seldom.comments.end() ? std::string_view() : in_force->second.comment.text;
  if (words == comment.text) return Told(Outcome::kConfirmation, "the comment in force says the same");
  Applied applied = Told(Outcome::kCommented, "");
  applied.comment_changed = true;
  if (comment.text.empty()) {
    seldom.comments.erase(comment.period);
  } else {
    seldom.comments[comment.period] = CommentInForce{comment, recorded};
  }
  return applied;
}

}  // namespace bellwether::rating
