// What the indicators topic may hold, and what becomes of a record that it may not: whoever reads the log decides so,
// scoring, ingestion, backup and the replay of dead letters alike.
#ifndef BELLWETHER_CODEC_LOG_H_
#define BELLWETHER_CODEC_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/headers.h"

namespace bellwether::codec {

// Why a record is a dead letter.
enum class DeadLetterReason { kNullKey, kNullValue, kUnreadable, kKeyMismatch, kWrongPartition };
inline constexpr DeadLetterReason kDeadLetterReasons[] = {DeadLetterReason::kNullKey, DeadLetterReason::kNullValue,
                                                          DeadLetterReason::kUnreadable, DeadLetterReason::kKeyMismatch,
                                                          DeadLetterReason::kWrongPartition};
// "null-key" and so on: what operators see.
std::string_view ReasonWord(DeadLetterReason reason);

// A record of the indicators topic.
struct LogRecord {
  absl::StatusOr<KeyedRecord> record;           // Error: InvalidArgument, why it is a dead letter.
  std::optional<DeadLetterReason> dead_letter;  // Absent: it is none.
};
// Reads what stands in `partition` of `partitions`. Key and value are absent where they are null.
LogRecord ReadLogRecord(std::optional<std::string_view> key, std::optional<std::string_view> value, int32_t partition,
                        int32_t partitions);

// Written by a restore alone: stands before the broker's own time. RFC 3339.
inline constexpr std::string_view kRecordedAtHeader = "bellwether-recorded-at";
// When a record was recorded: what that header says, else the broker's time of appending.
absl::Time RecordedAtOf(const core::Headers& headers, absl::Time appended);

// What a letter of the dead-letter topic says beside the record's own key, value and headers.
struct DeadLetterNote {
  std::string topic;      // Of the record.
  int32_t partition = 0;  // Of the record.
  int64_t offset = -1;    // Of the record; -1: the letter does not say.
  std::string reason;     // A ReasonWord.
  std::string message;    // The same in words.
  absl::Time recorded_at = absl::InfinitePast();
};
// Puts the note behind the record's own headers.
void AddNote(const DeadLetterNote& note, core::Headers* headers);
// Takes it out of a letter's headers again. A letter without a time was recorded at `appended`.
DeadLetterNote TakeNote(core::Headers* headers, absl::Time appended);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_LOG_H_
