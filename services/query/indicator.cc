#include "services/query/indicator.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/unopened.h"

namespace bellwether::query {
namespace {

std::string Pack(const Occurrence& occurrence) {
  std::string packed;
  AppendRaw(occurrence.offset, &packed);
  AppendRaw(absl::ToUnixMillis(occurrence.recorded_at), &packed);  // The log has no finer ones.
  AppendRaw(static_cast<uint8_t>(occurrence.outcome), &packed);
  AppendRaw(static_cast<uint32_t>(occurrence.record.size()), &packed);
  packed.append(occurrence.record);
  packed.append(occurrence.detail);
  return packed;
}

Occurrence UnpackOccurrence(std::string_view packed) {
  Occurrence occurrence;
  occurrence.offset = TakeRaw<int64_t>(&packed);
  const auto millis = TakeRaw<int64_t>(&packed);
  if (millis != absl::ToUnixMillis(absl::InfinitePast())) occurrence.recorded_at = absl::FromUnixMillis(millis);
  occurrence.outcome = static_cast<rating::Outcome>(TakeRaw<uint8_t>(&packed));
  const auto record_size = TakeRaw<uint32_t>(&packed);
  occurrence.record = packed.substr(0, record_size);
  occurrence.detail = packed.substr(record_size);
  return occurrence;
}

std::string Pack(const PublishedScore& score) {
  std::string packed;
  AppendRaw(score.period, &packed);
  packed.append(score.bytes);
  return packed;
}

PublishedScore UnpackScore(std::string_view packed) {
  const auto period = TakeRaw<core::Period>(&packed);
  return {period, packed};
}

}  // namespace

absl::StatusOr<rating::Record> RecordOf(const Occurrence& occurrence) {
  absl::StatusOr<codec::KeyedRecord> record = codec::DecodeRecord(occurrence.record);
  if (record.ok()) return std::move(record->value);
  return absl::InternalError(
      absl::StrCat("the record of offset ", occurrence.offset, " cannot be read: ", record.status().message()));
}

std::optional<core::Period> PeriodOf(const Occurrence& occurrence, bool comments) {
  const absl::StatusOr<codec::RecordLabel> label = codec::ReadLabel(occurrence.record);
  if (!label.ok() || (label->kind == codec::RecordLabel::Kind::kComment && !comments)) return std::nullopt;
  return label->period;
}

Occurrence Occurrences::At(size_t index) const { return UnpackOccurrence(packed_.At(index)); }

size_t Occurrences::Find(int64_t offset) const {
  const size_t place =
      packed_.LowerBound([offset](std::string_view entry) { return UnpackOccurrence(entry).offset < offset; });
  return place < size() && At(place).offset == offset ? place : size();
}

void Occurrences::Append(const Occurrence& occurrence) { packed_.Append(Pack(occurrence)); }

void Occurrences::Settle(int64_t offset, rating::Outcome outcome, std::string_view detail) {
  const size_t place = Find(offset);
  if (place == size()) return;
  Occurrence settled = At(place);
  settled.outcome = outcome;
  settled.detail = detail;
  packed_.Replace(place, Pack(settled));
}

PublishedScore Scores::At(size_t index) const { return UnpackScore(packed_.At(index)); }

size_t Scores::PlaceOf(const core::Period& period) const {
  return packed_.LowerBound([&period](std::string_view entry) { return UnpackScore(entry).period < period; });
}

std::optional<PublishedScore> Scores::Find(const core::Period& period) const {
  const size_t place = PlaceOf(period);
  if (place == size()) return std::nullopt;
  const PublishedScore found = At(place);
  return found.period == period ? std::optional(found) : std::nullopt;
}

void Scores::Publish(const PublishedScore& score) {
  const bool is_newest = size() == 0 || At(size() - 1).period < score.period;  // As most are.
  const size_t place = is_newest ? size() : PlaceOf(score.period);
  if (place < size() && At(place).period == score.period) {
    packed_.Replace(place, Pack(score));
  } else {
    packed_.Insert(place, Pack(score));
  }
}

void Scores::DropUnless(const std::function<bool(const core::Period& period)>& stays) {
  const Scores old = *this;
  packed_ = {};
  for (size_t i = 0; i < old.size(); ++i) {
    if (stays(old.At(i).period)) packed_.Append(Pack(old.At(i)));
  }
}

const rating::Definition& WordingIn(const Indicator& indicator, core::Month report_month) {
  const rating::Definition& newest = *indicator.definition;
  return rating::InForceIn(newest, rating::DataPeriodOf(newest, report_month).last());
}

bool IsBefore(const Indicator& a, const Indicator& b) {
  const unsigned place_a = a.definition->report_position;
  const unsigned place_b = b.definition->report_position;
  return place_a != place_b ? place_a < place_b : a.key.ref < b.key.ref;
}

StateId RecordsOf(const Indicator& indicator, size_t records) {
  StateId id = indicator.id;
  id.offset = records == 0 ? -1 : indicator.occurrences.At(records - 1).offset;
  return id;
}

absl::StatusOr<rating::Ledger> LedgerBefore(const Indicator& indicator, absl::Time moment, Effort* effort) {
  rating::Ledger ledger;
  for (size_t i = 0; i < indicator.occurrences.size(); ++i) {
    const Occurrence occurrence = indicator.occurrences.At(i);
    if (occurrence.recorded_at >= moment) break;
    if (!effort->Spend(Effort::kFold, 1 + occurrence.record.size() / 512)) return Effort::Ended();
    const absl::StatusOr<rating::Record> record = RecordOf(occurrence);
    if (!record.ok())
      return absl::InternalError(absl::StrCat(indicator.key.ToString(), ": ", record.status().message()));
    ledger.Apply(*record, {occurrence.offset, occurrence.recorded_at});
  }
  return ledger;
}

absl::StatusOr<LedgerPtr> LedgerOf(const Indicator& indicator, Effort* effort) {
  const std::string name = indicator.key.ToString() + indicator.seen_as;
  // What is left out of one that is not whole may change by a record that is left out as well.
  const StateId of = indicator.seen_as.empty() ? RecordsOf(indicator, indicator.occurrences.size()) : indicator.id;
  if (LedgerPtr kept = indicator.ledgers->Find(name, {of})) return kept;
  absl::StatusOr<rating::Ledger> whole = LedgerBefore(indicator, absl::InfiniteFuture(), effort);
  if (!whole.ok()) return whole.status();
  auto ledger = std::make_shared<const rating::Ledger>(*std::move(whole));
  indicator.ledgers->Keep(name, {of}, ledger, indicator.occurrences.size());
  return LedgerPtr(std::move(ledger));
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
  return reading != nullptr && slot->second.reading->by.principal == reading->by.principal &&
         rating::SameContent(*slot->second.reading, *reading);
}

}  // namespace bellwether::query
