// Decimals, periods, positions, enumerations: proto <-> domain. FromProto of an enumeration is absent for UNSPECIFIED
// and for values that this version does not know.
#ifndef BELLWETHER_CODEC_VALUES_H_
#define BELLWETHER_CODEC_VALUES_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/definition.h"
#include "bellwether/rating/findings.h"
#include "bellwether/rating/ledger.h"
#include "bellwether/rating/scheme.h"
#include "bellwether/v1/explanation.pb.h"
#include "bellwether/v1/scheme.pb.h"
#include "bellwether/v1/types.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bellwether::codec {

// Where a record stands in the indicators topic.
struct Position {
  uint32_t epoch = 0;
  int32_t partition = 0;
  int64_t offset = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

v1::Decimal ToProto(const core::Decimal& decimal);
absl::StatusOr<core::Decimal> FromProto(const v1::Decimal& decimal);
v1::Range ToProto(const rating::Range& range);
v1::Position ToProto(const Position& position);
Position FromProto(const v1::Position& position);
// Milliseconds, as the log keeps them. InfinitePast is the default Timestamp.
google::protobuf::Timestamp ToProto(absl::Time time);
absl::Time FromProto(const google::protobuf::Timestamp& time);

v1::Polarity ToProto(rating::Polarity value);
v1::Frequency ToProto(rating::Frequency value);
v1::YearBasis ToProto(core::YearBasis value);
v1::ReportingYear ToProto(core::YearKind value);
v1::RollUpRule ToProto(rating::RollUpRule value);
v1::Figure ToProto(rating::Figure value);
v1::CellKind ToProto(rating::CellKind value);
v1::CellState ToProto(rating::CellState value);
v1::Movement ToProto(rating::Movement value);
v1::Performance ToProto(rating::Performance value);
v1::Judgement ToProto(rating::Judgement value);
v1::Outcome ToProto(rating::Outcome value);
v1::Precision ToProto(rating::Precision value);
v1::FindingKind ToProto(rating::FindingKind value);
v1::WarningKind ToProto(rating::WarningKind value);

std::optional<rating::Polarity> FromProto(v1::Polarity value);
std::optional<rating::Frequency> FromProto(v1::Frequency value);
std::optional<core::YearBasis> FromProto(v1::YearBasis value);
std::optional<core::YearKind> FromProto(v1::ReportingYear value);
std::optional<rating::RollUpRule> FromProto(v1::RollUpRule value);
std::optional<rating::Figure> FromProto(v1::Figure value);
std::optional<rating::CellKind> FromProto(v1::CellKind value);
std::optional<rating::CellState> FromProto(v1::CellState value);
std::optional<rating::Movement> FromProto(v1::Movement value);        // UNSPECIFIED is kNone.
std::optional<rating::Performance> FromProto(v1::Performance value);  // UNSPECIFIED is kNone.
std::optional<rating::Judgement> FromProto(v1::Judgement value);
std::optional<rating::Outcome> FromProto(v1::Outcome value);
std::optional<rating::Precision> FromProto(v1::Precision value);
std::optional<rating::FindingKind> FromProto(v1::FindingKind value);
std::optional<rating::WarningKind> FromProto(v1::WarningKind value);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_VALUES_H_
