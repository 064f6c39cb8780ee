#include "libs/codec/testing/update.h"

#include <utility>

#include "bellwether/codec/score.h"
#include "bellwether/codec/values.h"
#include "bellwether/v1/score.pb.h"

namespace bellwether::codec::testing {

absl::StatusOr<DecodedUpdate> DecodeUpdate(std::string_view bytes) {
  v1::Update proto;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("not the bytes of an Update");
  }
  const auto outcome_of = [](v1::Outcome outcome) { return FromProto(outcome); };
  if (!proto.has_position()) return absl::InvalidArgumentError("position: is not set");
  if (!outcome_of(proto.outcome()).has_value()) return absl::InvalidArgumentError("outcome: is not known");
  DecodedUpdate update;
  update.position = FromProto(proto.position());
  update.recorded_at = FromProto(proto.recorded_at());
  update.outcome = *outcome_of(proto.outcome());
  if (proto.has_record()) {
    absl::StatusOr<KeyedRecord> record = FromProto(proto.record());
    if (!record.ok()) return record.status();
    update.record = *std::move(record);
  } else if (update.outcome != rating::Outcome::kDeadLetter) {
    return absl::InvalidArgumentError("record: is not set, and the outcome is not dead letter");
  }
  update.detail = proto.detail();
  for (const v1::SettledRecord& s : proto.settled()) {
    if (!outcome_of(s.outcome()).has_value()) return absl::InvalidArgumentError("settled.outcome: is not known");
    update.settled.push_back({s.offset(), s.reading_id(), *outcome_of(s.outcome()), s.detail()});
  }
  for (const v1::Score& s : proto.scores()) {
    absl::StatusOr<rating::Score> score = FromProto(s);
    if (!score.ok()) return score.status();
    update.scores.push_back(*std::move(score));
  }
  update.original_key = proto.original_key();
  return update;
}

}  // namespace bellwether::codec::testing
