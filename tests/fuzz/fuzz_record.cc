// Records and updates as they come from the bus.
#include <cstdint>
#include <cstdlib>

#include "bellwether/codec/record.h"
#include "bellwether/codec/unopened.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto record = bellwether::codec::DecodeRecord(bytes); record.ok()) {
    const std::string encoded = bellwether::codec::EncodeRecord(*record);
    const auto again = bellwether::codec::DecodeRecord(encoded);
    if (!again.ok() || bellwether::codec::EncodeRecord(*again) != encoded) std::abort();
    bellwether::v1::IndicatorRecord message;  // What is read without a message is what protobuf would have read.
    if (!message.ParseFromArray(data, static_cast<int>(size))) std::abort();
    const auto parsed = bellwether::codec::FromProto(message);
    if (!parsed.ok() || bellwether::codec::EncodeRecord(*parsed) != encoded) std::abort();
  }
  (void)bellwether::codec::DecodeUnopened(bytes);
  return 0;
}
