#include "services/query/occurrences.h"

#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/values.h"

namespace bellwether::query {

absl::StatusOr<v1::Occurrence> ToProto(const View& view, const Indicator& indicator, const rating::Ledger& ledger,
                                       const Occurrence& occurrence) {
  v1::Occurrence proto;
  *proto.mutable_position() = codec::ToProto(codec::Position{view.epoch(), indicator.id.partition, occurrence.offset});
  *proto.mutable_recorded_at() = codec::ToProto(occurrence.recorded_at);
  const std::string_view record = occurrence.record;
  if (!proto.mutable_record()->ParseFromArray(record.data(), static_cast<int>(record.size()))) {
    return absl::InternalError(
        absl::StrCat("the record of ", indicator.key.ToString(), " at offset ", occurrence.offset, " cannot be read"));
  }
  proto.set_outcome(codec::ToProto(occurrence.outcome));
  proto.set_detail(std::string(occurrence.detail));
  proto.set_in_force(IsInForce(ledger, occurrence));
  return proto;
}

}  // namespace bellwether::query
