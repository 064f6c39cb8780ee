// What of the two topics comes by the million is written as bytes, without a message between: one mapping a type, from
// which the messages are read, too. Each writes the fields of the message of that name. Private to libs/codec.
#ifndef BELLWETHER_CODEC_SRC_ENCODE_H_
#define BELLWETHER_CODEC_SRC_ENCODE_H_

#include "absl/time/time.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/ids.h"
#include "bellwether/rating/reading.h"
#include "bellwether/rating/score.h"
#include "wire_writer.h"

namespace bellwether::codec {

void Write(const core::Decimal& decimal, WireWriter& out);
void Write(const rating::Range& range, WireWriter& out);
void Write(const Position& position, WireWriter& out);
void Write(absl::Time time, WireWriter& out);  // A Timestamp. InfinitePast is the default one.
void Write(const rating::Measurement& measurement, WireWriter& out);
void Write(const rating::OtherMeasures& other, WireWriter& out);
void Write(const core::IndicatorKey& key, const rating::Reading& reading, WireWriter& out);
void Write(const rating::Score& score, WireWriter& out);

// A field that is a message of a value.
template <typename T>
void Put(int field, const T& value, WireWriter& out) {
  out.Message(field, [&] { Write(value, out); });
}
template <typename T>
void Put(int field, const std::optional<T>& value, WireWriter& out) {
  if (value.has_value()) Put(field, *value, out);
}

// The message whose fields `write` writes.
template <typename M, typename F>
M MessageOf(const F& write) {
  WireWriter out;
  write(out);
  M message;
  message.ParsePartialFromArray(out.view().data(), static_cast<int>(out.view().size()));
  return message;
}

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_ENCODE_H_
