// Writes the audit topic: who wrote what, and who was refused.
#ifndef BELLWETHER_SERVICES_INGESTION_AUDIT_H_
#define BELLWETHER_SERVICES_INGESTION_AUDIT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "bellwether/core/clock.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rpc/door.h"
#include "bellwether/telemetry/metrics.h"
#include "bellwether/v1/audit.pb.h"
#include "services/ingestion/recorder.h"

namespace bellwether::ingestion {

// What was decided of one item. The views need only hold during the call of Audit::Note.
struct DecidedItem {
  std::string_view council;
  std::string_view ref;
  std::string_view source;
  access::Decision decision;
};

// Thread-safe. Writes nothing of callers whom the service does not know. What it is made with must outlive it.
class Audit {
 public:
  Audit(std::string topic, Recorder* recorder, const core::Clock* clock);

  // One record for each council and line that decided.
  void Note(const rpc::Caller& caller, rpc::Method method, const std::vector<DecidedItem>& items);
  // A call that was not let in.
  void NoteRefused(const rpc::Caller& caller, rpc::Method method, std::string_view why);

 private:
  // Those that may yet be written: an attack must not fill the topic, nor strangers hide what those do who are known.
  struct Refusals {
    double left = 100;
    core::SteadyTime seen = core::SteadyTime::Now();
    bool Take();
  };

  v1::AuditRecord Begin(const rpc::Caller& caller, rpc::Method method) const;
  void Write(v1::AuditRecord record);

  const std::string topic_;
  Recorder* const recorder_;
  const core::Clock* const clock_;
  const std::string chain_;
  prometheus::Counter& lost_;
  core::Mutex mutex_;  // Held while a record is handed over, so that the chain lies in its order.
  uint64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string previous_sha256_ ABSL_GUARDED_BY(mutex_);
  uint64_t unwritten_ ABSL_GUARDED_BY(mutex_) = 0;  // That were too many, or that nobody took.
  Refusals of_strangers_ ABSL_GUARDED_BY(mutex_);
  Refusals of_known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_AUDIT_H_
