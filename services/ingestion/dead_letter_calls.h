// ListDeadLetters and ReplayDeadLetter.
#ifndef BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_CALLS_H_
#define BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_CALLS_H_

#include <memory>
#include <optional>

#include "bellwether/rpc/call.h"
#include "bellwether/v1/ingestion_service.pb.h"
#include "services/ingestion/checks.h"
#include "services/ingestion/dead_letters.h"
#include "services/ingestion/parts.h"

namespace bellwether::ingestion {

class ListDeadLettersCall : public rpc::Call {
 public:
  ListDeadLettersCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer, const Parts& parts);
  void Run(const grpc::ByteBuffer& request);

 private:
  void Answer(absl::StatusOr<DeadLetterReader*> reader);

  const Parts parts_;
  v1::ListDeadLettersRequest request_;  // Read once, before others know the call.
};

// Reads on to the newest definitions, finds the letter, checks it as if its source had just sent it, folds its key's
// records to see what would become of it, and records it.
class ReplayDeadLetterCall : public rpc::Call {
 public:
  ReplayDeadLetterCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer, const Parts& parts);
  void Run(const grpc::ByteBuffer& request);

 private:
  std::shared_ptr<ReplayDeadLetterCall> Self() {
    return std::static_pointer_cast<ReplayDeadLetterCall>(shared_from_this());
  }
  void FindAndCheck(absl::StatusOr<DeadLetterReader*> reader);
  void Record(const DeadLetter& letter, const codec::KeyedRecord& record, v1::ReplayDeadLetterResponse answer);

  const Parts parts_;
  v1::ReplayDeadLetterRequest request_;  // Read once, before others know the call.
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_CALLS_H_
