#include "services/query/kept.h"

#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/unopened.h"

namespace bellwether::query {
namespace {

// As it lies in the memory of this process, which nobody else reads.
template <typename T>
void AppendRaw(const T& value, std::string* bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
T TakeRaw(std::string_view* bytes) {
  T value;
  std::memcpy(&value, bytes->data(), sizeof(value));
  bytes->remove_prefix(sizeof(value));
  return value;
}

std::string Pack(const Occurrence& occurrence) {
  std::string packed;
  AppendVarint(static_cast<uint64_t>(occurrence.offset), &packed);
  AppendRaw(occurrence.recorded_at, &packed);
  AppendVarint(static_cast<uint64_t>(occurrence.outcome), &packed);
  AppendVarint(occurrence.record.size(), &packed);
  packed.append(occurrence.record);
  packed.append(occurrence.detail);
  return packed;
}

Occurrence UnpackOccurrence(std::string_view packed) {
  Occurrence occurrence;
  occurrence.offset = static_cast<int64_t>(TakeVarint(&packed));
  occurrence.recorded_at = TakeRaw<absl::Time>(&packed);
  occurrence.outcome = static_cast<rating::Outcome>(TakeVarint(&packed));
  const size_t record = TakeVarint(&packed);
  occurrence.record = packed.substr(0, record);
  occurrence.detail = packed.substr(record);
  return occurrence;
}

std::string Pack(const PublishedScore& score) {
  std::string packed;
  AppendRaw(score.period, &packed);
  AppendVarint(static_cast<uint64_t>(score.offset), &packed);
  packed.append(score.bytes);
  return packed;
}

PublishedScore UnpackScore(std::string_view packed) {
  PublishedScore score;
  score.period = TakeRaw<core::Period>(&packed);
  score.offset = static_cast<int64_t>(TakeVarint(&packed));
  score.bytes = packed;
  return score;
}

// The first index for which `is_before` does not hold.
template <typename IsBefore>
size_t LowerBound(const PackedList& list, const IsBefore& is_before) {
  size_t low = 0;
  for (size_t high = list.size(); low < high;) {
    const size_t middle = low + (high - low) / 2;
    if (is_before(list.At(middle))) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

absl::StatusOr<rating::Record> RecordOf(const Occurrence& occurrence) {
  absl::StatusOr<codec::KeyedRecord> record = codec::DecodeRecord(occurrence.record);
  if (record.ok()) return std::move(record->value);
  return absl::InternalError(
      absl::StrCat("the record of offset ", occurrence.offset, " cannot be read: ", record.status().message()));
}

std::optional<core::Period> PeriodOf(const Occurrence& occurrence) {
  const absl::StatusOr<codec::RecordLabel> label = codec::ReadLabel(occurrence.record);
  return !label.ok() || label->kind == codec::RecordLabel::Kind::kComment ? std::nullopt : label->period;
}

Occurrence Occurrences::At(size_t index) const { return UnpackOccurrence(packed_.At(index)); }

std::vector<Occurrence> Occurrences::From(size_t index) const {
  std::vector<Occurrence> occurrences;
  const std::vector<std::string_view> entries = packed_.From(index);
  occurrences.reserve(entries.size());
  for (const std::string_view entry : entries) occurrences.push_back(UnpackOccurrence(entry));
  return occurrences;
}

size_t Occurrences::Find(int64_t offset) const {
  const size_t place =
      LowerBound(packed_, [offset](std::string_view entry) { return UnpackOccurrence(entry).offset < offset; });
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

std::vector<PublishedScore> Scores::All() const {
  std::vector<PublishedScore> scores;
  for (const std::string_view entry : packed_.From(0)) scores.push_back(UnpackScore(entry));
  return scores;
}

size_t Scores::PlaceOf(const core::Period& period) const {
  return LowerBound(packed_, [&period](std::string_view entry) { return UnpackScore(entry).period < period; });
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
  for (const PublishedScore& score : old.All()) {
    if (stays(score.period)) packed_.Append(Pack(score));
  }
}

}  // namespace bellwether::query
