// What becomes of a catalogue that is applied.
#ifndef BELLWETHER_SERVICES_INGESTION_APPLY_CATALOGUE_H_
#define BELLWETHER_SERVICES_INGESTION_APPLY_CATALOGUE_H_

#include "bellwether/v1/ingestion_service.pb.h"
#include "services/ingestion/batch_call.h"
#include "services/ingestion/definitions.h"

namespace bellwether::ingestion {

// Compares the catalogue with the definitions in force, and fills in the response. What of it needs no definitions is
// refused at once; all else waits for the newest. The caller must be allowed to define an indicator where it lies and
// where it is to lie. What was said for later months than it names, or than that of `today`, is dropped only where it
// says so.
CheckedBatch CheckApply(const Definitions& definitions, const rpc::Caller& caller,
                        const v1::ApplyCatalogueRequest& request, core::Date today, bool newest_definitions,
                        v1::ApplyCatalogueResponse* response);

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_APPLY_CATALOGUE_H_
