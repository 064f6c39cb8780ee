// An indicator as those see it who may see no provisional figure.
#ifndef BELLWETHER_SERVICES_QUERY_WITHOUT_PROVISIONAL_H_
#define BELLWETHER_SERVICES_QUERY_WITHOUT_PROVISIONAL_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/reading.h"
#include "services/query/effort.h"
#include "services/query/indicator.h"

namespace bellwether::query {

// Whether the reading says so (observation status P, E or F: provisional, estimated, a forecast), or its period is not
// over on the day.
bool IsProvisional(const rating::Reading& reading, core::Date today);

// The indicator, and those that it continues, as if no provisional reading had come, nor what withdraws one and may
// mean no other, nor what was said of its period since, until another takes force there, nor what was refused for
// having the id of one of these: folded and rated anew from the records that are left, which keep their places in the
// log. The readings of `owner` stay; empty: nobody's. The same pointer, where there is nothing to leave out. Error:
// that of LedgerOf.
absl::StatusOr<IndicatorPtr> WithoutProvisional(const IndicatorPtr& indicator, core::Date today, std::string_view owner,
                                                Effort* effort);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_WITHOUT_PROVISIONAL_H_
