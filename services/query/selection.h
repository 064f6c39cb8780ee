// Which indicators a request is about.
#ifndef BELLWETHER_SERVICES_QUERY_SELECTION_H_
#define BELLWETHER_SERVICES_QUERY_SELECTION_H_

#include <grpcpp/support/status.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/errors.h"
#include "services/query/sight.h"

namespace bellwether::query {

// Error: INVALID_ARGUMENT, or UNKNOWN_COUNCIL where it has no defined indicators; that of Sight.
grpc::Status SelectCouncil(const Sight& sight, const std::string& name, Effort* effort, CouncilState* council);

// Finds indicators by ref or alternate ref; the ref of one stands before an alternate ref of another. For as long as
// the vector is as it is.
class RefIndex {
 public:
  explicit RefIndex(const std::vector<IndicatorPtr>& indicators);
  // Null: there is none.
  const Indicator* Find(std::string_view ref) const;

 private:
  absl::flat_hash_map<std::string_view, const Indicator*> by_ref_;
};

// Of a council one, defined, by ref or alternate ref. Error: that of SelectCouncil, or UNKNOWN_INDICATOR, with refs
// that look like it.
grpc::Status SelectIndicator(const Sight& sight, const std::string& council, const std::string& ref, Effort* effort,
                             Found* found);
// Keeps those that every field of the filter fits, as they are in the report of the month; none: as they are defined
// now. Error: UNKNOWN_INDICATOR for a ref that does not exist.
grpc::Status Filter(const v1::ReportFilter& filter, std::optional<core::Month> month,
                    std::vector<IndicatorPtr>* indicators);

// Parses fields that hold a month (or a longer period, of which the last month is meant) or a period; empty is absent.
// What is wrong goes into `check`.
std::optional<core::Month> MonthField(std::string_view field, const std::string& text, RequestCheck* check);
std::optional<core::Period> PeriodField(std::string_view field, const std::string& text, RequestCheck* check);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_SELECTION_H_
