// Whole reports as bytes, made once and mended row by row: what most callers ask for, again and again.
#ifndef BELLWETHER_SERVICES_QUERY_REPORT_CACHE_H_
#define BELLWETHER_SERVICES_QUERY_REPORT_CACHE_H_

#include <grpcpp/support/slice.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/period.h"
#include "services/query/effort.h"
#include "services/query/view.h"

namespace bellwether::query {

// One council's report of one month, without a filter, as it stood at one version of the council.
struct CachedReport {
  uint64_t council_version = 0;
  core::Date today;
  grpc::Slice body;  // A v1::GetReportResponse, but for the view's positions.
  // A row in it: what it was made from, and where it lies in `body`.
  struct Row {
    StateId state;
    std::shared_ptr<const rating::Definition> definition;
    // Where the score was published. Absent: none was, or there is a comment, and only the state tells.
    std::optional<int64_t> score;
    size_t begin = 0;
    size_t size = 0;
  };
  std::vector<Row> rows;
  std::vector<std::shared_ptr<const rating::Scheme>> schemes;  // Of the definitions, after the rows.
};
using CachedReportPtr = std::shared_ptr<const CachedReport>;

// Thread-safe. Holds at most about `most_bytes`; what is more pushes all else out.
class ReportCache {
 public:
  ReportCache(const View* view, size_t most_bytes = size_t{256} << 20) : view_(view), most_bytes_(most_bytes) {}

  // The report if it stands as it did at the council's version and day; null otherwise.
  CachedReportPtr Find(const std::string& council, core::Month month, core::Date today) const;
  // Makes it anew from `indicators` (all with a row in it, in order), which were read at `council_version` or later.
  // What an older one has of it is taken from there. Error: that of RowOf.
  absl::StatusOr<CachedReportPtr> Make(const std::string& council, core::Month month, core::Date today,
                                       uint64_t council_version, const std::vector<IndicatorPtr>& indicators,
                                       Effort* effort);

 private:
  static std::string KeyOf(const std::string& council, core::Month month);
  CachedReportPtr Newest(const std::string& key) const;

  const View* const view_;
  const size_t most_bytes_;
  mutable core::Mutex mutex_;
  std::unordered_map<std::string, CachedReportPtr> reports_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_REPORT_CACHE_H_
