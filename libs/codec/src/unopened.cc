#include "bellwether/codec/unopened.h"

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "bellwether/v1/record.pb.h"
#include "bellwether/v1/score.pb.h"
#include "fields.h"
#include "record_parts.h"

namespace bellwether::codec {
namespace {

template <typename M>
bool Parse(std::string_view bytes, M* message) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Adds a reading, a withdrawal or a comment; what the label has from one before is kept where this one has nothing, as
// protobuf merges them. The same of a definition.
template <typename M>
bool AddFigures(std::string_view bytes, RecordLabel* label, std::string_view* period) {
  Fields fields(bytes);
  while (const std::optional<Field> field = fields.Next()) {
    if (field->content_number() == M::kCouncilFieldNumber) label->council = field->content;
    if (field->content_number() == M::kRefFieldNumber) label->ref = field->content;
    if (field->content_number() == M::kPeriodFieldNumber) *period = field->content;
    if constexpr (requires { M::kReadingIdFieldNumber; }) {
      if (field->content_number() == M::kReadingIdFieldNumber) label->reading_id = field->content;
    }
    if (field->content_number() == M::kSourceFieldNumber) label->source = field->content;
  }
  return fields.AtEnd();
}

bool AddDefinition(std::string_view bytes, RecordLabel* label) {
  Fields fields(bytes);
  while (const std::optional<Field> field = fields.Next()) {
    if (field->content_number() != v1::Definition::kDefinitionFieldNumber) continue;
    Fields inner(field->content);
    while (const std::optional<Field> part = inner.Next()) {
      if (part->content_number() == v1::IndicatorDefinition::kCouncilFieldNumber) label->council = part->content;
      if (part->content_number() == v1::IndicatorDefinition::kRefFieldNumber) label->ref = part->content;
    }
    if (!inner.AtEnd()) return false;
  }
  return fields.AtEnd();
}

bool AddContent(std::string_view bytes, RecordLabel* label, std::string_view* period) {
  switch (label->kind) {
    case RecordLabel::Kind::kDefinition:
      return AddDefinition(bytes, label);
    case RecordLabel::Kind::kReading:
      return AddFigures<v1::Reading>(bytes, label, period);
    case RecordLabel::Kind::kWithdrawal:
      return AddFigures<v1::Withdrawal>(bytes, label, period);
    case RecordLabel::Kind::kComment:
      return AddFigures<v1::Comment>(bytes, label, period);
  }
  return false;
}

std::optional<RecordLabel::Kind> KindOf(int field) {
  switch (field) {
    case v1::IndicatorRecord::kDefinitionFieldNumber:
      return RecordLabel::Kind::kDefinition;
    case v1::IndicatorRecord::kReadingFieldNumber:
      return RecordLabel::Kind::kReading;
    case v1::IndicatorRecord::kWithdrawalFieldNumber:
      return RecordLabel::Kind::kWithdrawal;
    case v1::IndicatorRecord::kCommentFieldNumber:
      return RecordLabel::Kind::kComment;
    default:
      return std::nullopt;
  }
}

absl::StatusOr<core::Period> PeriodOfScore(std::string_view score) {
  Fields fields(score);
  // Deterministic encoding puts it first.
  const std::optional<Field> field = fields.Next();
  if (!field || field->content_number() != v1::Score::kPeriodFieldNumber) return Malformed("Score");
  return core::Period::Parse(field->content);
}

}  // namespace

absl::StatusOr<RecordLabel> ReadLabel(std::string_view record) {
  Fields fields(record);
  std::optional<RecordLabel> label;
  std::string_view period;
  while (const std::optional<Field> field = fields.Next()) {
    const std::optional<RecordLabel::Kind> kind = KindOf(field->content_number());
    if (!kind) continue;
    if (!label || label->kind != *kind) {  // The last of a oneof stands.
      label = RecordLabel{};
      label->kind = *kind;
      period = {};
    }
    if (!AddContent(field->content, &*label, &period)) return Malformed("IndicatorRecord");
  }
  if (!fields.AtEnd()) return Malformed("IndicatorRecord");
  if (!label) return absl::InvalidArgumentError("kind: is not set, or newer than this reader");
  if (label->kind == RecordLabel::Kind::kDefinition) return *label;
  const absl::StatusOr<core::Period> read = core::Period::Parse(period);
  if (!read.ok()) return absl::InvalidArgumentError(absl::StrCat("period: ", read.status().message()));
  label->period = *read;
  return *label;
}

bool MayHoldDefinition(std::string_view bytes) {
  Fields fields(bytes);
  while (const std::optional<Field> field = fields.Next()) {
    if (field->content_number() == v1::IndicatorRecord::kDefinitionFieldNumber) return true;
  }
  return !fields.AtEnd();  // Malformed: whoever reads it is to say so.
}

absl::StatusOr<UnopenedUpdate> DecodeUnopened(std::string_view update) {
  UnopenedUpdate unopened;
  v1::Position position;
  google::protobuf::Timestamp recorded_at;
  v1::SettledRecord settled;
  bool has_position = false;
  std::optional<std::string_view> record;
  int outcome = 0;
  Fields fields(update);
  while (const std::optional<Field> field = fields.Next()) {
    if (field->varint_number() == v1::Update::kOutcomeFieldNumber) outcome = static_cast<int>(field->varint);
    switch (field->content_number()) {
      case v1::Update::kPositionFieldNumber:
        has_position = true;
        if (!Parse(field->content, &position)) return Malformed("Position");
        break;
      case v1::Update::kRecordedAtFieldNumber:
        if (!Parse(field->content, &recorded_at)) return Malformed("Timestamp");
        break;
      case v1::Update::kRecordFieldNumber:
        record = field->content;
        break;
      case v1::Update::kDetailFieldNumber:
        unopened.detail = field->content;
        break;
      case v1::Update::kSettledFieldNumber: {
        if (!Parse(field->content, &settled)) return Malformed("SettledRecord");
        absl::StatusOr<rating::Settled> read = ReadSettled(settled);
        if (!read.ok()) return read.status();
        unopened.settled.push_back(*std::move(read));
        break;
      }
      case v1::Update::kScoresFieldNumber: {
        const absl::StatusOr<core::Period> period = PeriodOfScore(field->content);
        if (!period.ok()) return period.status();
        unopened.scores.push_back({*period, field->content});
        break;
      }
      default:
        break;
    }
  }
  if (!fields.AtEnd()) return Malformed("Update");
  if (!has_position) return absl::InvalidArgumentError("position: is not set");
  unopened.position = FromProto(position);
  unopened.recorded_at = FromProto(recorded_at);
  const absl::StatusOr<rating::Outcome> read = ReadOutcome(static_cast<v1::Outcome>(outcome));
  if (!read.ok()) return read.status();
  unopened.outcome = *read;
  if (record.has_value()) {
    absl::StatusOr<RecordLabel> label = ReadLabel(*record);
    if (!label.ok()) return label.status();
    unopened.label = *label;
    unopened.record = *record;
  } else if (unopened.outcome != rating::Outcome::kDeadLetter) {
    return absl::InvalidArgumentError("record: is not set, and the outcome is not dead letter");
  }
  return unopened;
}

bool HasReading(std::string_view score) {
  Fields fields(score);
  while (const std::optional<Field> field = fields.Next()) {
    if (field->content_number() == v1::Score::kReadingIdFieldNumber) return !field->content.empty();
  }
  return false;
}

int64_t NewestOffsetOf(std::string_view score) {
  Fields fields(score);
  while (const std::optional<Field> field = fields.Next()) {
    if (field->varint_number() == v1::Score::kNewestOffsetFieldNumber) return static_cast<int64_t>(field->varint);
  }
  return 0;
}

}  // namespace bellwether::codec
