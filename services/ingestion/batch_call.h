// A call with a result for each of its items: some may be recorded while others are not.
#ifndef BELLWETHER_SERVICES_INGESTION_BATCH_CALL_H_
#define BELLWETHER_SERVICES_INGESTION_BATCH_CALL_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "bellwether/codec/record.h"
#include "bellwether/rpc/call.h"
#include "bellwether/v1/ingestion_service.pb.h"
#include "services/ingestion/audit.h"
#include "services/ingestion/parts.h"

namespace bellwether::ingestion {

// What the check of a batch came to.
struct CheckedBatch {
  std::optional<grpc::Status> end;  // The call ends with this: refused as a whole, or nothing to record.
  std::vector<std::pair<int, codec::KeyedRecord>> records;  // To be recorded, each with its item's place.
  std::vector<DecidedItem> decided;  // Whether the caller may: of the items that a write is asked for. In the request.
  bool wait = false;  // Something is refused because of a definition: check again once the newest are there.
};

class BatchCall : public rpc::Call {
 public:
  // Where in the response an item's result belongs.
  using Slot = std::function<v1::ItemResult*(int place)>;
  // Fills in the response with what is wrong. Called with the newest definitions or, before that, without.
  using Check = std::function<CheckedBatch(const rpc::Caller& caller, bool newest_definitions)>;

  BatchCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
            std::shared_ptr<const google::protobuf::Message> response, const Parts& parts, rpc::Method method,
            Slot slot, Check check);

  // Checks, waits for definitions where that is needed, records, answers. `read`: what the reading of the request came
  // to.
  void Run(const grpc::Status& read);

 private:
  std::shared_ptr<BatchCall> Self() { return std::static_pointer_cast<BatchCall>(shared_from_this()); }
  void CheckAndRecord(bool newest_definitions);
  void Recorded(int place, const absl::StatusOr<codec::Position>& position);
  grpc::Status AtDeadline();
  // OK, unless nothing at all was recorded because the broker is away.
  grpc::Status EndOfItems();

  const Parts parts_;
  const rpc::Method method_;
  const Slot slot_;
  const Check check_;
  std::vector<int> places_;  // Of the items that are being recorded; empty: not yet.
  size_t open_ = 0;          // How many of them have no result yet.
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_BATCH_CALL_H_
