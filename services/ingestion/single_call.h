// A call with one record: what is wrong with it is the call's error.
#ifndef BELLWETHER_SERVICES_INGESTION_SINGLE_CALL_H_
#define BELLWETHER_SERVICES_INGESTION_SINGLE_CALL_H_

#include <functional>
#include <memory>
#include <string>

#include "services/ingestion/checks.h"
#include "services/ingestion/parts.h"
#include "services/ingestion/unary_call.h"

namespace bellwether::ingestion {

class SingleCall : public UnaryCall {
 public:
  // `check` reads the request, whose field `field` holds the item; `answer` fills in the response.
  SingleCall(grpc::CallbackServerContext* context, const Parts& parts, std::string field,
             std::function<CheckedItem()> check, std::function<void(const codec::Position&)> answer);

  // Checks, waits for definitions where that is needed, records, answers.
  void Run();

 private:
  std::shared_ptr<SingleCall> Self() { return std::static_pointer_cast<SingleCall>(shared_from_this()); }
  void CheckAndRecord(bool newest_definitions);

  const Parts parts_;
  const std::string field_;
  const std::function<CheckedItem()> check_;
  const std::function<void(const codec::Position&)> answer_;
  bool recording_ = false;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_SINGLE_CALL_H_
