#include <cstdint>
#include <cstdlib>

#include "bellwether/core/decimal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto decimal = bellwether::core::Decimal::Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (decimal.ok() && *bellwether::core::Decimal::Parse(decimal->ToString()) != *decimal) std::abort();
  return 0;
}
