// Readings as feeds send them.
#include <cstdint>

#include "bellwether/codec/reading.h"
#include "bellwether/v1/ingestion_service.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bellwether::v1::RecordReadingsRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  for (const auto& reading : request.readings()) {
    const auto parsed = bellwether::codec::FromProto(reading);
    if (parsed.ok()) (void)bellwether::codec::CheckToday(parsed.value.value, bellwether::core::Date(2022, 3, 1));
  }
  return 0;
}
