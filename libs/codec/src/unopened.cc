#include "bellwether/codec/unopened.h"

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "bellwether/v1/record.pb.h"
#include "bellwether/v1/score.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "record_parts.h"

namespace bellwether::codec {
namespace {

using google::protobuf::internal::WireFormatLite;

// The fields of a message one after another, as they lie in its bytes.
class Fields {
 public:
  explicit Fields(std::string_view bytes)
      : bytes_(bytes), in_(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size())) {}

  // Goes to the next. False: that was the last one, or what follows is no field.
  bool Next() {
    const uint32_t tag = in_.ReadTag();
    if (tag == 0) return false;
    number_ = WireFormatLite::GetTagFieldNumber(tag);
    bytes_of_ = {};
    varint_ = 0;
    switch (WireFormatLite::GetTagWireType(tag)) {
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED: {
        uint32_t size = 0;
        if (!in_.ReadVarint32(&size)) return Fail();
        const auto begin = static_cast<size_t>(in_.CurrentPosition());
        if (size > bytes_.size() - begin || !in_.Skip(static_cast<int>(size))) return Fail();
        bytes_of_ = bytes_.substr(begin, size);
        return true;
      }
      case WireFormatLite::WIRETYPE_VARINT:
        return in_.ReadVarint64(&varint_) || Fail();
      default:
        return WireFormatLite::SkipField(&in_, tag) || Fail();
    }
  }
  int number() const { return number_; }
  // Of the present field; empty or 0 where it is of another kind.
  std::string_view bytes() const { return bytes_of_; }
  uint64_t varint() const { return varint_; }
  // After Next said false: everything was read.
  bool AtEnd() { return !failed_ && in_.ConsumedEntireMessage(); }

 private:
  bool Fail() {
    failed_ = true;
    return false;
  }

  const std::string_view bytes_;
  google::protobuf::io::CodedInputStream in_;
  int number_ = 0;
  std::string_view bytes_of_;
  uint64_t varint_ = 0;
  bool failed_ = false;
};

template <typename M>
bool Parse(std::string_view bytes, M* message) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// A reading, a withdrawal or a comment.
template <typename M>
absl::Status LabelFigures(std::string_view bytes, RecordLabel* label) {
  Fields fields(bytes);
  std::string_view period;
  while (fields.Next()) {
    if (fields.number() == M::kCouncilFieldNumber) label->council = fields.bytes();
    if (fields.number() == M::kRefFieldNumber) label->ref = fields.bytes();
    if (fields.number() == M::kPeriodFieldNumber) period = fields.bytes();
    if constexpr (requires { M::kReadingIdFieldNumber; }) {
      if (fields.number() == M::kReadingIdFieldNumber) label->reading_id = fields.bytes();
    }
    if (fields.number() == M::kSourceFieldNumber) label->source = fields.bytes();
  }
  if (!fields.AtEnd()) return Malformed("IndicatorRecord");
  const absl::StatusOr<core::Period> read = core::Period::Parse(period);
  if (!read.ok()) return absl::InvalidArgumentError(absl::StrCat("period: ", read.status().message()));
  label->period = *read;
  return absl::OkStatus();
}

absl::Status LabelDefinition(std::string_view bytes, RecordLabel* label) {
  Fields fields(bytes);
  std::string_view definition;
  while (fields.Next()) {
    if (fields.number() == v1::Definition::kDefinitionFieldNumber) definition = fields.bytes();
  }
  Fields inner(definition);
  while (inner.Next()) {
    if (inner.number() == v1::IndicatorDefinition::kCouncilFieldNumber) label->council = inner.bytes();
    if (inner.number() == v1::IndicatorDefinition::kRefFieldNumber) label->ref = inner.bytes();
  }
  return fields.AtEnd() && inner.AtEnd() ? absl::OkStatus() : Malformed("IndicatorRecord");
}

absl::StatusOr<core::Period> PeriodOfScore(std::string_view score) {
  Fields fields(score);
  // Deterministic encoding puts it first.
  if (!fields.Next() || fields.number() != v1::Score::kPeriodFieldNumber) return Malformed("Score");
  return core::Period::Parse(fields.bytes());
}

}  // namespace

absl::StatusOr<RecordLabel> ReadLabel(std::string_view record) {
  Fields fields(record);
  int kind = 0;
  std::string_view content;
  while (fields.Next()) {  // The last of a oneof stands.
    if (fields.number() < v1::IndicatorRecord::kDefinitionFieldNumber ||
        fields.number() > v1::IndicatorRecord::kCommentFieldNumber) {
      continue;
    }
    kind = fields.number();
    content = fields.bytes();
  }
  if (!fields.AtEnd()) return Malformed("IndicatorRecord");
  RecordLabel label;
  absl::Status read;
  switch (kind) {
    case v1::IndicatorRecord::kDefinitionFieldNumber:
      label.kind = RecordLabel::Kind::kDefinition;
      read = LabelDefinition(content, &label);
      break;
    case v1::IndicatorRecord::kReadingFieldNumber:
      label.kind = RecordLabel::Kind::kReading;
      read = LabelFigures<v1::Reading>(content, &label);
      break;
    case v1::IndicatorRecord::kWithdrawalFieldNumber:
      label.kind = RecordLabel::Kind::kWithdrawal;
      read = LabelFigures<v1::Withdrawal>(content, &label);
      break;
    case v1::IndicatorRecord::kCommentFieldNumber:
      label.kind = RecordLabel::Kind::kComment;
      read = LabelFigures<v1::Comment>(content, &label);
      break;
    default:
      return absl::InvalidArgumentError("kind: is not set, or newer than this reader");
  }
  if (!read.ok()) return read;
  return label;
}

bool MayHoldDefinition(std::string_view bytes) {
  Fields fields(bytes);
  while (fields.Next()) {
    if (fields.number() == v1::IndicatorRecord::kDefinitionFieldNumber) return true;
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
  while (fields.Next()) {
    switch (fields.number()) {
      case v1::Update::kPositionFieldNumber:
        has_position = true;
        if (!Parse(fields.bytes(), &position)) return Malformed("Position");
        break;
      case v1::Update::kRecordedAtFieldNumber:
        if (!Parse(fields.bytes(), &recorded_at)) return Malformed("Timestamp");
        break;
      case v1::Update::kRecordFieldNumber:
        record = fields.bytes();
        break;
      case v1::Update::kOutcomeFieldNumber:
        outcome = static_cast<int>(fields.varint());
        break;
      case v1::Update::kDetailFieldNumber:
        unopened.detail = fields.bytes();
        break;
      case v1::Update::kSettledFieldNumber: {
        if (!Parse(fields.bytes(), &settled)) return Malformed("SettledRecord");
        absl::StatusOr<rating::Settled> read = ReadSettled(settled);
        if (!read.ok()) return read.status();
        unopened.settled.push_back(*std::move(read));
        break;
      }
      case v1::Update::kScoresFieldNumber: {
        const absl::StatusOr<core::Period> period = PeriodOfScore(fields.bytes());
        if (!period.ok()) return period.status();
        unopened.scores.push_back({*period, fields.bytes()});
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
  while (fields.Next()) {
    if (fields.number() == v1::Score::kReadingIdFieldNumber) return !fields.bytes().empty();
  }
  return false;
}

}  // namespace bellwether::codec
