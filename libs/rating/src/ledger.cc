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

// Repeat or conflict, where the id was seen before, under its key; absent where it is new.
template <typename Ids, typename Same>
std::optional<Applied> SeenBefore(const Ids& ids, const typename Ids::key_type& key, const std::string& id,
                                  const Same& same) {
  const auto it = ids.find(key);
  if (it == ids.end()) return std::nullopt;
  if (same(it->second.record))
    return Told(Outcome::kRepeat, absl::StrCat("first recorded at offset ", it->second.offset));
  return Told(Outcome::kConflict, absl::StrCat("id \"", id, "\" was recorded with other content at offset ",
                                               it->second.offset, ": send another figure under another id"));
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
  if (!definition_) applied.settled = std::move(held_);
  held_.clear();
  definition_ = definition.definition;
  definition_recorded_ = recorded;
  applied.definition_changed = true;
  return applied;
}

Applied Ledger::ApplyOne(Reading&& read, const RecordedAt& recorded) {
  const auto same = [&](const std::shared_ptr<const Reading>& first) { return SameContent(*first, read); };
  if (auto seen = SeenBefore(reading_ids_, {read.by.principal, read.reading_id}, read.reading_id, same))
    return *std::move(seen);
  // What it says again was recorded before anybody asked who it is.
  if (const auto old = reading_ids_.find({core::Interned(), read.reading_id});
      old != reading_ids_.end() && same(old->second.record))
    return Told(Outcome::kRepeat, absl::StrCat("first recorded at offset ", old->second.offset));
  const auto kept = std::make_shared<const Reading>(std::move(read));
  const Reading& reading = *kept;
  reading_ids_.try_emplace({kept->by.principal, kept->reading_id},
                           First<std::shared_ptr<const Reading>>{kept, recorded.offset});
  if (!reading.corrects.empty()) {
    overtaken_.emplace(
        reading.corrects,
        Overtaken{
            absl::StrCat("corrected by \"", reading.reading_id, "\" at offset ", recorded.offset), {}, reading.by});
  }
  const auto [begin, end] = overtaken_.equal_range(reading.reading_id);
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
  held_.push_back({recorded.offset, reading.reading_id, applied.outcome, applied.detail});
  return Told(Outcome::kHeld, "kept until the indicator is defined");
}

void Ledger::TakeForce(const std::shared_ptr<const Reading>& taken, const RecordedAt& recorded, Applied* applied) {
  const Reading& reading = *taken;
  slots_[reading.period] = Slot{taken, recorded};
  applied->changed.push_back(reading.period);
  if (reading.corrects.empty()) return;
  for (auto& [period, slot] : slots_) {
    if (slot.reading == nullptr || period == reading.period || slot.reading->reading_id != reading.corrects ||
        !reading.by.MayTouch(slot.reading->by))
      continue;
    slot = Slot{nullptr, recorded};
    applied->changed.push_back(period);
  }
}

Applied Ledger::ApplyOne(const Withdrawal& withdrawal, const RecordedAt& recorded) {
  const auto same = [&](const Withdrawal& first) { return SameContent(first, withdrawal); };
  const std::pair<std::string, std::string> id(withdrawal.by.principal.name(), withdrawal.withdrawal_id);
  if (auto seen = SeenBefore(withdrawal_ids_, id, withdrawal.withdrawal_id, same)) return *std::move(seen);
  withdrawal_ids_.emplace(id, First<Withdrawal>{withdrawal, recorded.offset});
  overtaken_.emplace(withdrawal.reading_id, Overtaken{absl::StrCat("withdrawn by \"", withdrawal.withdrawal_id,
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
  if (auto seen = SeenBefore(comment_ids_, id, comment.comment_id, same)) return *std::move(seen);
  if (const auto old = comment_ids_.find({"", comment.comment_id});
      old != comment_ids_.end() && same(old->second.record))
    return Told(Outcome::kRepeat, absl::StrCat("first recorded at offset ", old->second.offset));
  comment_ids_.emplace(id, First<Comment>{comment, recorded.offset});
  const auto in_force = comments_.find(comment.period);
  const std::string_view words = in_force == comments_.end() ? std::string_view() : in_force->second.comment.text;
  if (words == comment.text) return Told(Outcome::kConfirmation, "the comment in force says the same");
  Applied applied = Told(Outcome::kCommented, "");
  applied.comment_changed = true;
  if (comment.text.empty()) {
    comments_.erase(comment.period);
  } else {
    comments_[comment.period] = CommentInForce{comment, recorded};
  }
  return applied;
}

}  // namespace bellwether::rating
