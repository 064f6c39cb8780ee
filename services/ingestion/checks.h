// What can be wrong with an item, as its answer tells it.
#ifndef BELLWETHER_SERVICES_INGESTION_CHECKS_H_
#define BELLWETHER_SERVICES_INGESTION_CHECKS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/violation.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/warnings.h"
#include "bellwether/rpc/door.h"
#include "bellwether/v1/ingestion_service.pb.h"
#include "services/ingestion/definitions.h"

namespace bellwether::ingestion {

// An item after its check.
struct CheckedItem {
  std::optional<codec::KeyedRecord> record;  // Absent if anything is wrong.
  codec::Violations violations;
  // Something is wrong because of the definitions known so far: newer ones may say otherwise.
  bool by_definition = false;
  // What speaks against a reading or comment by itself, though it is recorded.
  std::vector<rating::Warning> warnings;
  // Whether the caller may send it. By empty: that was not asked, as of what cannot be read.
  access::Decision decision{};
};

// What `caller` may not send is refused with NOT_PERMITTED and nothing else: it may know nothing of it. `unread`: what
// of the message could not be read (codec::ReadLeniently).
CheckedItem CheckReading(const v1::Reading& message, const Definitions& definitions, const rpc::Caller& caller,
                         core::Date today, const codec::Violations& unread = {});
CheckedItem CheckWithdrawal(const v1::Withdrawal& message, const Definitions& definitions, const rpc::Caller& caller);
CheckedItem CheckComment(const v1::Comment& message, const Definitions& definitions, const rpc::Caller& caller,
                         core::Date today);

// The reason why a record is not known to be in the log.
codec::Reason ReasonOf(const absl::Status& not_recorded);

v1::ItemError ToItemError(const codec::Violation& violation);
v1::ItemResult ToItemResult(const codec::Violations& violations);
// The same, with the warnings.
v1::ItemResult ToItemResult(const CheckedItem& item);
v1::ItemResult ToItemResult(const absl::StatusOr<codec::Position>& recorded);

// So that each reason is counted from 0 on: a first refusal must show as a rise.
void MakeRefusalCounters();
// Counts it, once its answer is certain; and logs it, at debug level and without figures, for whoever looks for the
// feed.
void NoteRefused(const v1::Reading& reading, const codec::Violations& violations);

// Whether no item was recorded because the broker did not answer: then the call itself fails.
bool IsBrokerAway(const v1::ItemResult& result);

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_CHECKS_H_
