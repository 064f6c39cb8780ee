// What the handlers of ingestion work with.
#ifndef BELLWETHER_SERVICES_INGESTION_PARTS_H_
#define BELLWETHER_SERVICES_INGESTION_PARTS_H_

#include <cstddef>

#include "absl/time/time.h"
#include "bellwether/core/clock.h"
#include "bellwether/rpc/door.h"
#include "services/ingestion/audit.h"
#include "services/ingestion/dead_letter_desk.h"
#include "services/ingestion/definitions.h"
#include "services/ingestion/follower.h"
#include "services/ingestion/recorder.h"

namespace bellwether::ingestion {

// All outlive the handlers.
struct Parts {
  const Definitions* definitions = nullptr;
  Follower* follower = nullptr;
  Recorder* recorder = nullptr;
  DeadLetterDesk* dead_letters = nullptr;
  rpc::Door* door = nullptr;
  Audit* audit = nullptr;
  const core::Clock* clock = nullptr;
  // A unary call is answered within this, or within its own deadline if that is earlier.
  absl::Duration longest_call = absl::Seconds(30);
  // So long may a stream's frame wait for the newest definitions.
  absl::Duration longest_wait = absl::Seconds(10);
  // So long may a stream leave its acknowledgements unread.
  absl::Duration longest_unread = absl::Seconds(60);
  // Readings of one stream that may be unacknowledged: beyond it the stream is not read.
  size_t window = 2000;
};

// Whether definitions that are not read yet may say otherwise where an indicator lies, and so what the caller may do.
inline bool RightsMayHangOnNewer(const Parts& parts, const rpc::Caller& caller) {
  return caller.is_known() && !parts.follower->caught_up();
}

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_PARTS_H_
