// Reads the audit topic.
#ifndef BELLWETHER_SERVICES_ADMIN_AUDIT_H_
#define BELLWETHER_SERVICES_ADMIN_AUDIT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/source.h"
#include "bellwether/v1/audit.pb.h"

namespace bellwether::admin {

// Follows the chains of audit records. Not thread-safe.
class AuditChains {
 public:
  // The next record of the topic, as its bytes stand there. What is wrong with it; empty: it follows from the one
  // before it. A chain whose beginning is older than what the topic keeps may begin anywhere.
  std::string Follow(const v1::AuditRecord& record, std::string_view bytes, bool may_begin_anywhere);

 private:
  struct End {
    uint64_t sequence = 0;
    std::string sha256;
  };
  std::map<std::string, End> ends_;
};

struct AuditQuestion {
  std::string topic;
  std::string principal;                       // Empty: all.
  absl::Time from = absl::InfinitePast();      // By the record's own time.
  absl::Duration timeout = absl::Seconds(30);  // Without a record.
};
struct Audited {
  int64_t records = 0;              // That were read.
  std::vector<std::string> broken;  // Where a chain does not follow, or a record cannot be read: a line each.
};
// Reads the topic from its beginning to its end of now, and hands each record that is asked for to `show`.
absl::StatusOr<Audited> ReadAudit(const AuditQuestion& question, bus::RecordSource& source,
                                  const std::function<void(const v1::AuditRecord&)>& show);

// One line for people.
std::string LineOf(const v1::AuditRecord& record);

}  // namespace bellwether::admin

#endif  // BELLWETHER_SERVICES_ADMIN_AUDIT_H_
