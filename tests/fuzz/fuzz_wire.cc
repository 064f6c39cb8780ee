// Bytes that callers send in the place of messages: what protobuf takes is taken, and what it does not take is named.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bellwether/codec/wire.h"
#include "bellwether/v1/ingestion_service.pb.h"

namespace {

namespace codec = bellwether::codec;
namespace v1 = bellwether::v1;

void Must(bool holds) {
  if (!holds) std::abort();
}

template <typename Request>
void Read(std::string_view bytes) {
  Request plain;
  Request lenient;
  const bool parsed = plain.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  const codec::Violations wrong = codec::ReadLeniently(bytes, &lenient);
  Must(wrong.empty() == parsed);
  // What was mended can be read by whoever gets it.
  Must(plain.ParseFromString(lenient.SerializeAsString()));
  Must(codec::Footprint(*Request::descriptor(), bytes, SIZE_MAX) >= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Read<v1::ApplyCatalogueRequest>(bytes);
  Read<v1::RecordReadingsRequest>(bytes);
  v1::RecordReadingsRequest plain;
  v1::RecordReadingsRequest batch;
  std::vector<codec::WrongItem> items;
  const bool parsed = plain.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  const codec::Violations beside = codec::ReadItemsLeniently(bytes, 1, &batch, &items);
  Must((beside.empty() && items.empty()) == parsed);
  Must(plain.ParseFromString(batch.SerializeAsString()));
  for (const codec::WrongItem& item : items) Must(item.place < batch.readings_size() && !item.violations.empty());
  return 0;
}
