// Updates read whole, for tests: nothing else opens them.
#ifndef BELLWETHER_CODEC_TESTING_UPDATE_H_
#define BELLWETHER_CODEC_TESTING_UPDATE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bellwether/codec/record.h"

namespace bellwether::codec::testing {

struct DecodedUpdate {
  Position position;
  absl::Time recorded_at = absl::InfinitePast();
  std::optional<KeyedRecord> record;  // Absent: dead letter.
  rating::Outcome outcome = rating::Outcome::kDeadLetter;
  std::string detail;
  std::vector<rating::Settled> settled;
  std::vector<rating::Score> scores;
  std::string original_key;
};
// Error: InvalidArgument, with the field.
absl::StatusOr<DecodedUpdate> DecodeUpdate(std::string_view bytes);

}  // namespace bellwether::codec::testing

#endif  // BELLWETHER_CODEC_TESTING_UPDATE_H_
