// Records and updates looked at from outside: what they are about, read off their bytes without the rest of them. For
// those who keep millions of them and open few.
#ifndef BELLWETHER_CODEC_UNOPENED_H_
#define BELLWETHER_CODEC_UNOPENED_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/ledger.h"

namespace bellwether::codec {

// What a record of the indicators topic is about. The views lie in its bytes.
struct RecordLabel {
  enum class Kind { kDefinition, kReading, kWithdrawal, kComment };
  Kind kind = Kind::kDefinition;
  std::string_view council;
  std::string_view ref;
  std::optional<core::Period> period;  // Absent: of a definition.
  std::string_view reading_id;         // Of a reading, and the one that a withdrawal withdraws.
  std::string_view source;             // Of a definition: empty.
};
// Error: InvalidArgument, where the bytes are no record, or its period is none. What else is in them is not looked at.
absl::StatusOr<RecordLabel> ReadLabel(std::string_view record);

// False: the bytes, of a record of the indicators topic, hold no definition. Far cheaper than reading them.
bool MayHoldDefinition(std::string_view bytes);

// One record of the scores topic. The views lie in its bytes.
struct UnopenedUpdate {
  struct Score {
    core::Period period;
    std::string_view bytes;  // A v1::Score.
  };
  Position position;
  absl::Time recorded_at = absl::InfinitePast();
  std::optional<RecordLabel> label;  // Absent: dead letter.
  std::string_view record;           // The v1::IndicatorRecord that the label is of.
  rating::Outcome outcome = rating::Outcome::kDeadLetter;
  std::string_view detail;
  std::vector<rating::Settled> settled;
  std::vector<Score> scores;
};
// Error: InvalidArgument, with the field.
absl::StatusOr<UnopenedUpdate> DecodeUnopened(std::string_view update);

// Whether the score, a v1::Score as bytes, is of a period that has a reading in force.
bool HasReading(std::string_view score);
// Offset of the newest record on which the score depends.
int64_t NewestOffsetOf(std::string_view score);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_UNOPENED_H_
