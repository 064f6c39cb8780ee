// What a reading says, in the texts of its message, before anything is checked. Private to libs/codec.
#ifndef BELLWETHER_CODEC_SRC_READING_PARTS_H_
#define BELLWETHER_CODEC_SRC_READING_PARTS_H_

#include <optional>
#include <string_view>
#include <variant>

#include "bellwether/codec/reading.h"
#include "bellwether/v1/record.pb.h"
#include "check.h"

namespace bellwether::codec {

struct RatioParts {
  std::optional<std::string_view> numerator;
  std::optional<std::string_view> denominator;
  std::optional<std::string_view> value;
};
struct MeanParts {
  std::optional<std::string_view> mean;
  std::optional<std::string_view> weight;
};
struct NotAvailableParts {
  std::string_view reason;
};
// A text: that of a value.
using MeasurementParts = std::variant<std::monostate, std::string_view, RatioParts, MeanParts, NotAvailableParts>;
struct OtherParts {
  std::optional<std::string_view> volume;
  std::optional<std::string_view> amount;
  std::optional<std::string_view> amount_in_period;
  std::optional<std::string_view> attainment;
};
struct ReadingParts {
  std::string_view council;
  std::string_view ref;
  std::string_view period;
  std::string_view reading_id;
  std::string_view corrects;
  MeasurementParts measurement;
  std::string_view observation_status;
  std::string_view as_at;
  OtherParts other;
  std::string_view published_arrow;
  std::string_view published_status;
  std::string_view source;
};

// These point into what they are given.
MeasurementParts PartsOf(const v1::Measurement& measurement);
OtherParts PartsOf(const v1::OtherMeasures& other);
ReadingParts PartsOf(const v1::Reading& reading);
// Of a reading's bytes as our encoder writes them: the log is read by the million, without a message between. Absent:
// of others.
std::optional<ReadingParts> PlainPartsOf(std::string_view reading);

// Checks everything that the reading alone can tell.
Keyed<rating::Reading> ReadReading(const ReadingParts& parts, Checker& check);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_READING_PARTS_H_
