// Definitions as an apply sends them, resolved into complete ones or refused.
#include <cstdint>

#include "bellwether/codec/definition.h"
#include "bellwether/v1/definition.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bellwether::v1::IndicatorDefinition definition;
  if (definition.ParseFromArray(data, static_cast<int>(size))) (void)bellwether::codec::FromProto(definition);
  return 0;
}
