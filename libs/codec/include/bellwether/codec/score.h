// Scores, explanations and findings: proto <-> domain.
#ifndef BELLWETHER_CODEC_SCORE_H_
#define BELLWETHER_CODEC_SCORE_H_

#include "absl/status/statusor.h"
#include "bellwether/rating/explain.h"
#include "bellwether/rating/findings.h"
#include "bellwether/rating/score.h"
#include "bellwether/rating/trend.h"
#include "bellwether/rating/warnings.h"
#include "bellwether/v1/explanation.pb.h"
#include "bellwether/v1/query_service.pb.h"
#include "bellwether/v1/score.pb.h"

namespace bellwether::codec {

v1::Score ToProto(const rating::Score& score);
v1::Finding ToProto(const rating::Finding& finding);
v1::Warning ToProto(const rating::Warning& warning);
v1::Explanation ToProto(const rating::Definition& definition, const rating::Explanation& explanation,
                        const rating::Score& score);
// Rounded to two places more than the indicator's decimals. Error: OutOfRange if a Decimal cannot hold it.
absl::StatusOr<v1::TrendLine> ToProto(const rating::Definition& definition, const rating::Trend& trend);

// Reads what ToProto wrote. Error: InvalidArgument, with the field.
absl::StatusOr<rating::Score> FromProto(const v1::Score& score);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SCORE_H_
