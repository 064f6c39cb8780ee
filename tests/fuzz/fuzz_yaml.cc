// Catalogue files.
#include <cstdint>
#include <cstdlib>

#include "bellwether/v1/definition.pb.h"
#include "services/cli/yaml_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bellwether::v1::Catalogue catalogue;
  bellwether::cli::YamlPlaces places;
  (void)bellwether::cli::YamlToMessage(std::string_view(reinterpret_cast<const char*>(data), size), &catalogue,
                                       &places);
  return 0;
}
