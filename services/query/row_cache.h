// Report rows as bytes, made once for all who ask for them until the indicator, or the day, changes.
#ifndef BELLWETHER_SERVICES_QUERY_ROW_CACHE_H_
#define BELLWETHER_SERVICES_QUERY_ROW_CACHE_H_

#include <grpcpp/support/slice.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/period.h"
#include "services/query/effort.h"
#include "services/query/indicator.h"

namespace bellwether::query {

// A v1::ReportRow as bytes.
struct EncodedRow {
  grpc::Slice bytes;
  uint64_t digest = 0;
};

std::string_view BytesOf(const grpc::Slice& slice);
// What stands before the bytes of a message field in the wire format: so rows that are encoded are not encoded again.
void AppendFieldHead(int number, size_t size, std::string* out);

// Thread-safe. Holds at most about `most_bytes`; what is more pushes all else of its share out.
class RowCache {
 public:
  explicit RowCache(size_t most_bytes = size_t{64} << 20) : most_bytes_(most_bytes) {}

  // The row of the indicator, which has a definition, in the report of the month, with the absences of `today`. Error:
  // that of RowOf.
  absl::StatusOr<EncodedRow> Of(const Indicator& indicator, core::Month month, core::Date today, Effort* effort);

 private:
  struct Key {
    StateId state;
    core::Month month;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const;
  };
  struct Entry {
    core::Date today;
    EncodedRow row;
  };
  struct Share {
    core::Mutex mutex;
    std::unordered_map<Key, Entry, Hash> rows ABSL_GUARDED_BY(mutex);
    size_t bytes ABSL_GUARDED_BY(mutex) = 0;
  };
  static constexpr size_t kShares = 16;  // So that calls seldom wait for one another.

  const size_t most_bytes_;
  std::array<Share, kShares> shares_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_ROW_CACHE_H_
