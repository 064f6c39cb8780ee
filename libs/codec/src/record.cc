#include "bellwether/codec/record.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "bellwether/codec/definition.h"
#include "bellwether/codec/score.h"
#include "bellwether/core/text.h"
#include "check.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "record_parts.h"

namespace bellwether::codec {
namespace {

template <typename T>
absl::StatusOr<KeyedRecord> Finish(Parsed<Keyed<T>> parsed) {
  if (!parsed.ok()) return ToStatus(parsed.violations);
  return KeyedRecord{std::move(parsed.value.key), std::move(parsed.value.value)};
}

absl::StatusOr<KeyedRecord> ReadAppliedDefinition(const v1::Definition& proto) {
  Checker check;
  check.RecordId("apply_id", proto.apply_id());
  Parsed<rating::Definition> parsed = FromProto(proto.definition());
  check.AddAll(Under("definition", std::move(parsed.violations)));
  if (!check.ok()) return ToStatus(check.Take());
  auto definition = std::make_shared<const rating::Definition>(std::move(parsed.value));
  core::IndicatorKey key{definition->council, definition->ref};
  return KeyedRecord{std::move(key), rating::AppliedDefinition{proto.apply_id(), std::move(definition)}};
}

v1::SettledRecord SettledToProto(const rating::Settled& settled) {
  v1::SettledRecord proto;
  proto.set_offset(settled.offset);
  proto.set_reading_id(settled.reading_id);
  proto.set_outcome(ToProto(settled.outcome));
  proto.set_detail(settled.detail);
  return proto;
}

}  // namespace

absl::Status Malformed(std::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(core::ToAbsl(message), ": not the bytes of such a message"));
}

absl::StatusOr<rating::Outcome> ReadOutcome(v1::Outcome outcome) {
  const std::optional<rating::Outcome> read = FromProto(outcome);
  if (read.has_value()) return *read;
  return absl::InvalidArgumentError(
      absl::StrCat("outcome: ", static_cast<int>(outcome), " is not known: the writer is newer than this reader"));
}

absl::StatusOr<rating::Settled> ReadSettled(const v1::SettledRecord& settled) {
  const absl::StatusOr<rating::Outcome> outcome = ReadOutcome(settled.outcome());
  if (!outcome.ok()) return outcome.status();
  return rating::Settled{settled.offset(), settled.reading_id(), *outcome, settled.detail()};
}

std::string SerializeDeterministically(const google::protobuf::MessageLite& message) {
  std::string bytes;
  bytes.reserve(message.ByteSizeLong());
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

namespace {

using codec::Fill;

void Fill(const KeyedRecord& record, v1::IndicatorRecord* proto) {
  if (const auto* applied = std::get_if<rating::AppliedDefinition>(&record.value)) {
    proto->mutable_definition()->set_apply_id(applied->apply_id);
    *proto->mutable_definition()->mutable_definition() = ToProto(*applied->definition, WithScheme::kYes);
  } else if (const auto* reading = std::get_if<rating::Reading>(&record.value)) {
    Fill(record.key, *reading, proto->mutable_reading());
  } else if (const auto* withdrawal = std::get_if<rating::Withdrawal>(&record.value)) {
    *proto->mutable_withdrawal() = ToProto(record.key, *withdrawal);
  } else {
    *proto->mutable_comment() = ToProto(record.key, std::get<rating::Comment>(record.value));
  }
}

// An arena for the messages of one record or update: most fit into its first block, and none is freed field by field.
class MessageArena {
 public:
  MessageArena() : arena_(block_.data(), block_.size()) {}
  template <typename M>
  M* New() {
    return google::protobuf::Arena::CreateMessage<M>(&arena_);
  }

 private:
  alignas(std::max_align_t) std::array<char, 16 << 10> block_;
  google::protobuf::Arena arena_;
};

}  // namespace

v1::IndicatorRecord ToProto(const KeyedRecord& record) {
  v1::IndicatorRecord proto;
  Fill(record, &proto);
  return proto;
}

std::string EncodeRecord(const KeyedRecord& record) {
  MessageArena arena;
  auto* proto = arena.New<v1::IndicatorRecord>();
  Fill(record, proto);
  return SerializeDeterministically(*proto);
}

absl::StatusOr<KeyedRecord> FromProto(const v1::IndicatorRecord& record) {
  switch (record.kind_case()) {
    case v1::IndicatorRecord::kDefinition:
      return ReadAppliedDefinition(record.definition());
    case v1::IndicatorRecord::kReading:
      return Finish(FromProto(record.reading()));
    case v1::IndicatorRecord::kWithdrawal:
      return Finish(FromProto(record.withdrawal()));
    case v1::IndicatorRecord::kComment:
      return Finish(FromProto(record.comment()));
    case v1::IndicatorRecord::KIND_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("kind: is not set, or newer than this reader");
}

absl::StatusOr<KeyedRecord> DecodeRecord(std::string_view bytes) {
  MessageArena arena;
  auto* proto = arena.New<v1::IndicatorRecord>();
  if (!proto->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Malformed("IndicatorRecord");
  return FromProto(*proto);
}

namespace {

void Fill(const Update& update, v1::Update* proto) {
  Fill(update.position, proto->mutable_position());
  if (update.recorded_at != absl::InfinitePast()) Fill(update.recorded_at, proto->mutable_recorded_at());
  if (update.record.has_value()) Fill(*update.record, proto->mutable_record());
  proto->set_outcome(ToProto(update.outcome));
  proto->set_detail(update.detail);
  for (const rating::Settled& s : update.settled) *proto->add_settled() = SettledToProto(s);
  for (const rating::Score& s : update.scores) Fill(s, proto->add_scores());
  proto->set_original_key(update.original_key);
}

}  // namespace

v1::Update ToProto(const Update& update) {
  v1::Update proto;
  Fill(update, &proto);
  return proto;
}

std::string EncodeUpdate(const Update& update) {
  MessageArena arena;
  auto* proto = arena.New<v1::Update>();
  Fill(update, proto);
  return SerializeDeterministically(*proto);
}

absl::StatusOr<Update> DecodeUpdate(std::string_view bytes) {
  MessageArena arena;
  v1::Update& proto = *arena.New<v1::Update>();
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Malformed("Update");
  if (!proto.has_position()) return absl::InvalidArgumentError("position: is not set");
  Update update;
  update.position = FromProto(proto.position());
  update.recorded_at = FromProto(proto.recorded_at());
  const absl::StatusOr<rating::Outcome> outcome = ReadOutcome(proto.outcome());
  if (!outcome.ok()) return outcome.status();
  update.outcome = *outcome;
  if (proto.has_record()) {
    absl::StatusOr<KeyedRecord> record = FromProto(proto.record());
    if (!record.ok()) return record.status();
    update.record = *std::move(record);
  } else if (update.outcome != rating::Outcome::kDeadLetter) {
    return absl::InvalidArgumentError("record: is not set, and the outcome is not dead letter");
  }
  update.detail = proto.detail();
  for (const v1::SettledRecord& s : proto.settled()) {
    absl::StatusOr<rating::Settled> settled = ReadSettled(s);
    if (!settled.ok()) return settled.status();
    update.settled.push_back(*std::move(settled));
  }
  for (const v1::Score& s : proto.scores()) {
    absl::StatusOr<rating::Score> score = FromProto(s);
    if (!score.ok()) return score.status();
    update.scores.push_back(*std::move(score));
  }
  update.original_key = proto.original_key();
  return update;
}

}  // namespace bellwether::codec
