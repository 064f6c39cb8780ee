// Records of an indicator as answers show them.
#ifndef BELLWETHER_SERVICES_QUERY_OCCURRENCES_H_
#define BELLWETHER_SERVICES_QUERY_OCCURRENCES_H_

#include "absl/status/statusor.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/view.h"

namespace bellwether::query {

// `ledger`: that of the indicator. Error: Internal, where the record cannot be read.
absl::StatusOr<v1::Occurrence> ToProto(const View& view, const Indicator& indicator, const rating::Ledger& ledger,
                                       const Occurrence& occurrence);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_OCCURRENCES_H_
