// The bytes of the two topics: values that are pure functions of what they say, and the headers beside them.
#ifndef BELLWETHER_CODEC_RECORD_H_
#define BELLWETHER_CODEC_RECORD_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/headers.h"
#include "bellwether/core/ids.h"
#include "bellwether/rating/ledger.h"
#include "bellwether/rating/score.h"
#include "bellwether/rating/warnings.h"
#include "bellwether/v1/record.pb.h"
#include "bellwether/v1/score.pb.h"

namespace bellwether::codec {

using KeyedRecord = Keyed<rating::Record>;

// The bytes of a message, the same for the same content whoever serialises it.
std::string SerializeDeterministically(const google::protobuf::MessageLite& message);

// Who sent it.
const rating::SubmittedBy& SubmittedByOf(const KeyedRecord& record);
rating::SubmittedBy& SubmittedByOf(KeyedRecord& record);

v1::IndicatorRecord ToProto(const KeyedRecord& record);
// The value of a record of the indicators topic.
std::string EncodeRecord(const KeyedRecord& record);
// Reads one, and checks all that ingestion checks but what depends on today and on other records. Error:
// InvalidArgument, with every violation.
absl::StatusOr<KeyedRecord> DecodeRecord(std::string_view bytes);
absl::StatusOr<KeyedRecord> FromProto(const v1::IndicatorRecord& record);

// One record of the scores topic.
struct Update {
  Position position;
  absl::Time recorded_at = absl::InfinitePast();
  std::string_view record;  // Its bytes, as they stand in the log, where they lie. Empty: dead letter.
  rating::Outcome outcome = rating::Outcome::kDeadLetter;
  std::string detail;
  std::vector<rating::Settled> settled;
  std::vector<rating::Score> scores;
  std::string original_key;  // Of a dead letter.
  std::vector<rating::Warning> warnings;
};

// The same update gives the same bytes.
std::string EncodeUpdate(const Update& update);
// What the headers of a record of the indicators topic say, beside its value: CloudEvents 1.0, binary mode.
struct Envelope {
  std::string id;  // ce_id: the record's own id.
  // ce_source: who sent it, such as "/councils/E06000061/feeds/revenues-system/submitted-by/revenues-feed". The
  // principal is part of it, as the ids are each principal's own: source and id name one record. Where nobody asked who
  // it is, the path ends before it. A header of its own would cost more than this one's bytes.
  std::string source;
  std::string type;         // ce_type, such as "uk.bellwether.reading.v1".
  std::string subject;      // ce_subject: the key.
  std::string traceparent;  // W3C trace context, passed on only if it is well formed.
};
core::Headers HeadersOf(Envelope envelope);
Envelope EnvelopeOf(const KeyedRecord& record, std::string_view traceparent);
// The headers of an update: the trace context, where there is a well-formed one. All else that it is about it says
// itself, to readers by the million.
core::Headers UpdateHeaders(std::string_view traceparent);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_RECORD_H_
