// The report that a watch tells: what of it was told, and what is to be told next.
#ifndef BELLWETHER_SERVICES_QUERY_WATCHED_REPORT_H_
#define BELLWETHER_SERVICES_QUERY_WATCHED_REPORT_H_

#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "bellwether/core/period.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/rows.h"
#include "services/query/sight.h"

namespace bellwether::query {

class WatchHub;

// Not thread-safe: only the writer uses it.
class WatchedReport {
 public:
  // `filter`: directorate and service; refs are resolved into `named`. The hub must outlive it.
  WatchedReport(WatchHub* hub, Sight sight, std::string council, core::Month month, v1::ReportFilter filter);

  enum class Next { kMessage, kNothing, kLater };
  // The next message: a part of the report until that is told, then what became of a row that changed, then a heartbeat
  // if one is due. kLater: there may be one, but others are to have their turn first. `changed`: refs that changed
  // since it was called last. Error: that of Answers::RowOf; Cancelled once `gone` is true.
  absl::StatusOr<Next> NextMessage(std::set<std::string> changed, bool heartbeat, const std::atomic<bool>& gone,
                                   grpc::ByteBuffer* message);

  std::set<std::string> named;      // Refs that the filter names. Empty: all.
  std::deque<std::string> to_show;  // Refs that the snapshot has yet to show.

 private:
  absl::Status NextPart(Effort* effort, grpc::ByteBuffer* message);
  // False: there is nothing to tell of it.
  absl::StatusOr<bool> Tell(const std::string& ref, Effort* effort, grpc::ByteBuffer* message);
  // Where the council stands, and of it the indicator, if the report has a row for it.
  absl::StatusOr<Found> Wanted(const std::string& ref, Effort* effort) const;
  // What is due, missing or under way hangs on the date: no record tells of its change.
  void NoteANewDay();

  WatchHub* const hub_;
  const Sight sight_;
  const std::string council_;
  const core::Month month_;
  const v1::ReportFilter filter_;
  core::Date today_;  // As the rows told show it.
  bool snapshot_sent_ = false;
  std::set<std::string> pending_;                   // Refs that changed since they were told.
  std::unordered_map<std::string, uint64_t> rows_;  // What was told, by digest.
  SchemeCollector schemes_;                         // That were told.
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_WATCHED_REPORT_H_
