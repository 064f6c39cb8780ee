#include "bellwether/codec/log.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bellwether/core/partition.h"
#include "bellwether/core/text.h"

namespace bellwether::codec {
namespace {

constexpr std::string_view kNote = "dlt_";  // Begins the names of a note's headers.
constexpr char kTopic[] = "dlt_original_topic";
constexpr char kPartition[] = "dlt_original_partition";
constexpr char kOffset[] = "dlt_original_offset";
constexpr char kReason[] = "dlt_reason";
constexpr char kMessage[] = "dlt_message";
constexpr char kService[] = "dlt_service";
constexpr char kTime[] = "dlt_time";

std::optional<absl::Time> TimeOf(const core::Headers& headers, std::string_view name) {
  absl::Time time;
  std::string error;
  const std::optional<std::string_view> text = core::FindHeader(headers, name);
  if (!text || !absl::ParseTime(absl::RFC3339_full, core::ToAbsl(*text), &time, &error)) return std::nullopt;
  return time;
}

LogRecord DeadLetterOf(DeadLetterReason reason, std::string_view why) {
  return {absl::InvalidArgumentError(core::ToAbsl(why)), reason};
}

}  // namespace

std::string_view ReasonWord(DeadLetterReason reason) {
  switch (reason) {
    case DeadLetterReason::kNullKey:
      return "null-key";
    case DeadLetterReason::kNullValue:
      return "null-value";
    case DeadLetterReason::kUnreadable:
      return "unreadable";
    case DeadLetterReason::kKeyMismatch:
      return "key-mismatch";
    case DeadLetterReason::kWrongPartition:
      return "wrong-partition";
  }
  return "";
}

LogRecord ReadLogRecord(std::optional<std::string_view> key, std::optional<std::string_view> value, int32_t partition,
                        int32_t partitions) {
  if (!key) return DeadLetterOf(DeadLetterReason::kNullKey, "the record has no key");
  if (!value) return DeadLetterOf(DeadLetterReason::kNullValue, "the record has no value");
  absl::StatusOr<KeyedRecord> read = DecodeRecord(*value);
  if (!read.ok()) return {std::move(read), DeadLetterReason::kUnreadable};
  if (!read->key.Is(*key)) {
    return DeadLetterOf(DeadLetterReason::kKeyMismatch, absl::StrCat("the record is about ", read->key.ToString(),
                                                                     ", but its key is ", core::Quoted(*key, 60)));
  }
  // Elsewhere it would be a second, separate life of the same council.
  if (const int32_t own = core::PartitionOf(*key, partitions); own != partition) {
    return DeadLetterOf(DeadLetterReason::kWrongPartition,
                        absl::StrCat("the record is about ", core::ToAbsl(*key), ", whose partition is ", own, " of ",
                                     partitions, ": its producer has another partitioner"));
  }
  return {std::move(read), std::nullopt};
}

absl::Time RecordedAtOf(const core::Headers& headers, absl::Time appended) {
  return TimeOf(headers, kRecordedAtHeader).value_or(appended);
}

void AddNote(const DeadLetterNote& note, core::Headers* headers) {
  headers->push_back({kTopic, note.topic});
  headers->push_back({kPartition, absl::StrCat(note.partition)});
  headers->push_back({kOffset, absl::StrCat(note.offset)});
  headers->push_back({kReason, note.reason});
  headers->push_back({kMessage, note.message});
  headers->push_back({kService, "bellwether-scoring"});
  headers->push_back({kTime, absl::FormatTime(absl::RFC3339_full, note.recorded_at, absl::UTCTimeZone())});
}

DeadLetterNote TakeNote(core::Headers* headers, absl::Time appended) {
  const auto text = [&](std::string_view name) { return core::FindHeader(*headers, name).value_or(""); };
  DeadLetterNote note;
  note.topic = text(kTopic);
  if (!absl::SimpleAtoi(core::ToAbsl(text(kPartition)), &note.partition)) note.partition = 0;
  if (!absl::SimpleAtoi(core::ToAbsl(text(kOffset)), &note.offset)) note.offset = -1;
  note.reason = text(kReason);
  note.message = text(kMessage);
  note.recorded_at = TimeOf(*headers, kTime).value_or(appended);
  std::erase_if(*headers, [](const core::Header& header) { return header.name.rfind(kNote, 0) == 0; });
  return note;
}

}  // namespace bellwether::codec
