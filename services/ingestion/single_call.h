// A call with one record: what is wrong with it is the call's error.
#ifndef BELLWETHER_SERVICES_INGESTION_SINGLE_CALL_H_
#define BELLWETHER_SERVICES_INGESTION_SINGLE_CALL_H_

#include <functional>
#include <memory>
#include <string>

#include "bellwether/rpc/call.h"
#include "services/ingestion/checks.h"
#include "services/ingestion/parts.h"

namespace bellwether::ingestion {

class SingleCall : public rpc::Call {
 public:
  // `check` reads the request, whose field `field` holds the item; `about` says of what it is; `fill` fills in the
  // response.
  SingleCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
             std::shared_ptr<const google::protobuf::Message> response, const Parts& parts, rpc::Method method,
             std::string field, std::function<CheckedItem(const rpc::Caller&)> check,
             std::function<DecidedItem()> about, std::function<void(const codec::Position&)> fill);

  // Checks, waits for definitions where that is needed, records, answers. `read`: what the reading of the request came
  // to. `validate_only`: a good item is not recorded, and `fill` is not called.
  void Run(const grpc::Status& read, bool validate_only = false);

 private:
  std::shared_ptr<SingleCall> Self() { return std::static_pointer_cast<SingleCall>(shared_from_this()); }
  void CheckAndRecord(bool newest_definitions);

  const Parts parts_;
  const rpc::Method method_;
  const std::string field_;
  bool validate_only_ = false;
  const std::function<CheckedItem(const rpc::Caller&)> check_;
  const std::function<DecidedItem()> about_;
  const std::function<void(const codec::Position&)> fill_;
  bool recording_ = false;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_SINGLE_CALL_H_
