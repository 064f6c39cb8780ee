// Parts of records and updates that are read both with and without opening them.
#ifndef BELLWETHER_CODEC_SRC_RECORD_PARTS_H_
#define BELLWETHER_CODEC_SRC_RECORD_PARTS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bellwether/rating/ledger.h"
#include "bellwether/v1/score.pb.h"

namespace bellwether::codec {

// InvalidArgument: the bytes are not those of a message of that name.
absl::Status Malformed(std::string_view message);
// Error: InvalidArgument, where the outcome is not known.
absl::StatusOr<rating::Outcome> ReadOutcome(v1::Outcome outcome);
absl::StatusOr<rating::Settled> ReadSettled(const v1::SettledRecord& settled);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_RECORD_PARTS_H_
