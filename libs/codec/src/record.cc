#include "bellwether/codec/record.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "bellwether/codec/definition.h"
#include "bellwether/codec/score.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "check.h"
#include "definition_parts.h"
#include "encode.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "plain_fields.h"
#include "reading_parts.h"
#include "record_parts.h"

namespace bellwether::codec {
namespace {

template <typename T>
absl::StatusOr<KeyedRecord> Finish(Parsed<Keyed<T>> parsed) {
  if (!parsed.ok()) return ToStatus(parsed.violations);
  return KeyedRecord{std::move(parsed.value.key), std::move(parsed.value.value)};
}

absl::StatusOr<KeyedRecord> Applied(std::string_view apply_id, Parsed<rating::Definition> parsed) {
  Checker check;
  check.RecordId("apply_id", apply_id);
  check.AddAll(Under("definition", std::move(parsed.violations)));
  if (!check.ok()) return ToStatus(check.Take());
  auto definition = std::make_shared<const rating::Definition>(std::move(parsed.value));
  core::IndicatorKey key{definition->council, definition->ref};
  return KeyedRecord{std::move(key), rating::AppliedDefinition{std::string(apply_id), std::move(definition)}};
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

namespace {

// The fields of the message of a record, which is one of a kind.
struct RecordWriter {
  const core::IndicatorKey& key;
  WireWriter& out;

  void operator()(const rating::Reading& reading) const {
    out.Message(v1::IndicatorRecord::kReadingFieldNumber, [&] { Write(key, reading, out); });
  }
  void operator()(const rating::AppliedDefinition& applied) const {
    v1::Definition proto;
    proto.set_apply_id(applied.apply_id);
    *proto.mutable_definition() = ToProto(*applied.definition, WithScheme::kYes);
    out.Bytes(v1::IndicatorRecord::kDefinitionFieldNumber, SerializeDeterministically(proto));
  }
  void operator()(const rating::Withdrawal& withdrawal) const {
    out.Bytes(v1::IndicatorRecord::kWithdrawalFieldNumber, SerializeDeterministically(ToProto(key, withdrawal)));
  }
  void operator()(const rating::Comment& comment) const {
    out.Bytes(v1::IndicatorRecord::kCommentFieldNumber, SerializeDeterministically(ToProto(key, comment)));
  }
};

}  // namespace

namespace {

void Write(const KeyedRecord& record, WireWriter& out) {
  const rating::SubmittedBy& by = SubmittedByOf(record);
  if (by.for_all) out.Number(v1::IndicatorRecord::kForAllFieldNumber, 1);
  out.Text(v1::IndicatorRecord::kSubmittedByFieldNumber, by.principal.name());
  std::visit(RecordWriter{record.key, out}, record.value);
}

}  // namespace

rating::SubmittedBy& SubmittedByOf(KeyedRecord& record) {
  return std::visit([](auto& value) -> rating::SubmittedBy& { return value.by; }, record.value);
}

const rating::SubmittedBy& SubmittedByOf(const KeyedRecord& record) {
  return std::visit([](const auto& value) -> const rating::SubmittedBy& { return value.by; }, record.value);
}

v1::IndicatorRecord ToProto(const KeyedRecord& record) {
  return MessageOf<v1::IndicatorRecord>([&](WireWriter& out) { Write(record, out); });
}

std::string EncodeRecord(const KeyedRecord& record) {
  WireWriter out;
  Write(record, out);
  return std::string(out.view());
}

namespace {

absl::StatusOr<KeyedRecord> KindFromProto(const v1::IndicatorRecord& record) {
  switch (record.kind_case()) {
    case v1::IndicatorRecord::kDefinition:
      return Applied(record.definition().apply_id(), FromProto(record.definition().definition()));
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

}  // namespace

namespace {

absl::Status SetSubmittedBy(std::string_view principal, bool for_all, KeyedRecord& record) {
  if (principal.empty() && !for_all) return absl::OkStatus();
  const int characters = core::CharacterCount(principal);
  if (characters < 0 || characters > core::limits::kIdCharacters ||
      core::HasControlCharacters(principal, /*allow_line_breaks=*/false))
    return absl::InvalidArgumentError("submitted_by: is no name of a principal");
  SubmittedByOf(record) = {core::Interned(principal), for_all};
  return absl::OkStatus();
}

// A reading as our own encoder writes it. Absent: it is not, or something is wrong with it.
std::optional<KeyedRecord> ReadPlainReading(std::string_view bytes) {
  const std::optional<ReadingParts> parts = PlainPartsOf(bytes);
  if (!parts) return std::nullopt;
  Checker check;
  Keyed<rating::Reading> read = ReadReading(*parts, check);
  if (!check.ok()) return std::nullopt;
  return KeyedRecord{std::move(read.key), std::move(read.value)};
}

// The same of a definition whose scheme is known.
std::optional<KeyedRecord> ReadPlainDefinition(std::string_view bytes) {
  PlainFields fields(bytes);
  const std::string_view apply_id = fields.Text(v1::Definition::kApplyIdFieldNumber);
  const auto definition = fields.Take(v1::Definition::kDefinitionFieldNumber);
  if (!definition || !fields.AtEnd()) return std::nullopt;
  MessageArena arena;
  auto read = ReadOfKeptScheme(*definition, arena.New<v1::IndicatorDefinition>());
  if (!read) return std::nullopt;
  absl::StatusOr<KeyedRecord> applied = Applied(apply_id, *std::move(read));
  return applied.ok() ? std::optional(*std::move(applied)) : std::nullopt;
}

// What nearly all of the log is. Absent: another record, or something is wrong with it, which is told when protobuf has
// read it.
std::optional<KeyedRecord> ReadPlain(std::string_view bytes) {
  PlainFields fields(bytes);
  const auto definition = fields.Take(v1::IndicatorRecord::kDefinitionFieldNumber);
  const auto reading = fields.Take(v1::IndicatorRecord::kReadingFieldNumber);
  const std::string_view principal = fields.Text(v1::IndicatorRecord::kSubmittedByFieldNumber);
  if (!fields.AtEnd() || definition.has_value() == reading.has_value()) return std::nullopt;
  std::optional<KeyedRecord> read = reading ? ReadPlainReading(*reading) : ReadPlainDefinition(*definition);
  if (read && !SetSubmittedBy(principal, /*for_all=*/false, *read).ok()) return std::nullopt;
  return read;
}

}  // namespace

absl::StatusOr<KeyedRecord> FromProto(const v1::IndicatorRecord& record) {
  absl::StatusOr<KeyedRecord> read = KindFromProto(record);
  if (!read.ok()) return read;
  if (absl::Status set = SetSubmittedBy(record.submitted_by(), record.for_all(), *read); !set.ok()) return set;
  return read;
}

absl::StatusOr<KeyedRecord> DecodeRecord(std::string_view bytes) {
  if (std::optional<KeyedRecord> plain = ReadPlain(bytes)) return *std::move(plain);
  MessageArena arena;
  auto* proto = arena.New<v1::IndicatorRecord>();
  if (!proto->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Malformed("IndicatorRecord");
  return FromProto(*proto);
}

std::string EncodeUpdate(const Update& update) {
  WireWriter out;
  for (auto warning = update.warnings.rbegin(); warning != update.warnings.rend(); ++warning) {
    out.Message(v1::Update::kWarningsFieldNumber, [&] {
      out.Text(v1::Warning::kMessageFieldNumber, warning->message);
      out.Number(v1::Warning::kKindFieldNumber, ToProto(warning->kind));
    });
  }
  out.Text(v1::Update::kOriginalKeyFieldNumber, update.original_key);
  for (auto score = update.scores.rbegin(); score != update.scores.rend(); ++score) {
    Put(v1::Update::kScoresFieldNumber, *score, out);
  }
  for (auto settled = update.settled.rbegin(); settled != update.settled.rend(); ++settled) {
    out.Message(v1::Update::kSettledFieldNumber, [&] {
      out.Text(v1::SettledRecord::kDetailFieldNumber, settled->detail);
      out.Number(v1::SettledRecord::kOutcomeFieldNumber, ToProto(settled->outcome));
      out.Text(v1::SettledRecord::kReadingIdFieldNumber, settled->reading_id);
      out.Number(v1::SettledRecord::kOffsetFieldNumber, settled->offset);
    });
  }
  out.Text(v1::Update::kDetailFieldNumber, update.detail);
  out.Number(v1::Update::kOutcomeFieldNumber, ToProto(update.outcome));
  out.Text(v1::Update::kRecordFieldNumber, update.record);
  if (update.recorded_at != absl::InfinitePast()) Put(v1::Update::kRecordedAtFieldNumber, update.recorded_at, out);
  Put(v1::Update::kPositionFieldNumber, update.position, out);
  return std::string(out.view());
}

}  // namespace bellwether::codec
