// Catalogue files.
#include <cstdint>
#include <cstdlib>

#include "bellwether/core/visible.h"
#include "bellwether/v1/definition.pb.h"
#include "bellwether/yaml/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bellwether::v1::Catalogue catalogue;
  bellwether::yaml::YamlPlaces places;
  const absl::Status status =
      bellwether::yaml::YamlToMessage(std::string_view(reinterpret_cast<const char*>(data), size), &catalogue, &places);
  // Whatever is wrong, however often: a hundred lines and one, of a thousand characters, each shown in ten.
  if (status.message().size() > 101 * 10'000) std::abort();
  const std::string told(status.message());
  if (bellwether::core::Visible(told, bellwether::core::LineBreaks::kKept) != told) std::abort();
  return 0;
}
