// Catalogues as an apply sends them, resolved into complete definitions or refused.
#include <cstdint>
#include <cstdlib>

#include "bellwether/codec/catalogue.h"
#include "bellwether/codec/definition.h"
#include "bellwether/v1/definition.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace codec = bellwether::codec;
  bellwether::v1::Catalogue catalogue;
  if (!catalogue.ParseFromArray(data, static_cast<int>(size))) return 0;
  const codec::ResolvedCatalogue resolved = codec::ResolveCatalogue(catalogue, {});
  for (const codec::ResolvedIndicator& indicator : resolved.indicators) {
    if (indicator.definition == nullptr) {
      if (resolved.All().empty()) std::abort();  // Refused without a reason.
      continue;
    }
    const auto again = codec::FromProto(codec::ToProto(*indicator.definition, codec::WithScheme::kYes));
    if (!again.ok() || !codec::ChangedFields(*indicator.definition, again.value).empty()) std::abort();
  }
  return 0;
}
