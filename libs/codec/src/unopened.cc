#include "bellwether/codec/unopened.h"

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "bellwether/v1/record.pb.h"
#include "bellwether/v1/score.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "record_parts.h"

namespace bellwether::codec {
namespace {

// The fields of a message one after another, as they lie in its bytes. What protobuf takes is taken here, too: foreign
// producers may write what no encoder of ours does.
class Fields {
 public:
  explicit Fields(std::string_view bytes)
      : bytes_(bytes), in_(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size())) {}

  // Goes to the next. False: that was the last one, or what follows is no field.
  bool Next() {
    int groups = 0;  // That are open. Nobody writes them, but they may be skipped.
    do {
      const uint32_t tag = in_.ReadTag();
      if (tag == 0) return groups > 0 && Fail();
      number_ = 0;
      varint_number_ = 0;
      bytes_of_ = {};
      switch (tag & 7) {  // The wire type.
        case 0:
          if (!in_.ReadVarint64(&varint_)) return Fail();
          varint_number_ = static_cast<int>(tag >> 3);
          break;
        case 1:
          if (!in_.Skip(8)) return Fail();
          break;
        case 2: {
          uint32_t size = 0;
          if (!in_.ReadVarint32(&size)) return Fail();
          const auto begin = static_cast<size_t>(in_.CurrentPosition());
          if (size > bytes_.size() - begin || !in_.Skip(static_cast<int>(size))) return Fail();
          bytes_of_ = bytes_.substr(begin, size);
          number_ = static_cast<int>(tag >> 3);
          break;
        }
        case 3:
          ++groups;
          break;
        case 4:
          if (--groups < 0) return Fail();
          break;
        case 5:
          if (!in_.Skip(4)) return Fail();
          break;
        default:
          return Fail();
      }
    } while (groups > 0);
    return true;
  }
  // Of the present field, where it is a message or a text; else 0, and empty.
  int number() const { return number_; }
  std::string_view bytes() const { return bytes_of_; }
  // The same, where it is a number.
  int varint_number() const { return varint_number_; }
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
  int varint_number_ = 0;
  std::string_view bytes_of_;
  uint64_t varint_ = 0;
  bool failed_ = false;
};

template <typename M>
bool Parse(std::string_view bytes, M* message) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Adds a reading, a withdrawal or a comment; what the label has from one before is kept where this one has nothing, as
// protobuf merges them. The same of a definition.
template <typename M>
bool AddFigures(std::string_view bytes, RecordLabel* label, std::string_view* period) {
  Fields fields(bytes);
  while (fields.Next()) {
    if (fields.number() == M::kCouncilFieldNumber) label->council = fields.bytes();
    if (fields.number() == M::kRefFieldNumber) label->ref = fields.bytes();
    if (fields.number() == M::kPeriodFieldNumber) *period = fields.bytes();
    if constexpr (requires { M::kReadingIdFieldNumber; }) {
      if (fields.number() == M::kReadingIdFieldNumber) label->reading_id = fields.bytes();
    }
    if (fields.number() == M::kSourceFieldNumber) label->source = fields.bytes();
  }
  return fields.AtEnd();
}

bool AddDefinition(std::string_view bytes, RecordLabel* label) {
  Fields fields(bytes);
  while (fields.Next()) {
    if (fields.number() != v1::Definition::kDefinitionFieldNumber) continue;
    Fields inner(fields.bytes());
    while (inner.Next()) {
      if (inner.number() == v1::IndicatorDefinition::kCouncilFieldNumber) label->council = inner.bytes();
      if (inner.number() == v1::IndicatorDefinition::kRefFieldNumber) label->ref = inner.bytes();
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
  if (!fields.Next() || fields.number() != v1::Score::kPeriodFieldNumber) return Malformed("Score");
  return core::Period::Parse(fields.bytes());
}

}  // namespace

absl::StatusOr<RecordLabel> ReadLabel(std::string_view record) {
  Fields fields(record);
  std::optional<RecordLabel> label;
  std::string_view period;
  while (fields.Next()) {
    const std::optional<RecordLabel::Kind> kind = KindOf(fields.number());
    if (!kind) continue;
    if (!label || label->kind != *kind) {  // The last of a oneof stands.
      label = RecordLabel{};
      label->kind = *kind;
      period = {};
    }
    if (!AddContent(fields.bytes(), &*label, &period)) return Malformed("IndicatorRecord");
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
    if (fields.varint_number() == v1::Update::kOutcomeFieldNumber) outcome = static_cast<int>(fields.varint());
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

int64_t NewestOffsetOf(std::string_view score) {
  Fields fields(score);
  while (fields.Next()) {
    if (fields.varint_number() == v1::Score::kNewestOffsetFieldNumber) return static_cast<int64_t>(fields.varint());
  }
  return 0;
}

}  // namespace bellwether::codec
