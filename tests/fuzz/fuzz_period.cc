#include <cstdint>
#include <cstdlib>

#include "bellwether/core/period.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto period = bellwether::core::Period::Parse(text);
  if (period.ok() && period->ToString() != text) std::abort();  // One text for each period.
  return 0;
}
