// ListDeadLetters and ReplayDeadLetter.
#ifndef BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_CALLS_H_
#define BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_CALLS_H_

#include <memory>
#include <optional>

#include "bellwether/v1/ingestion_service.pb.h"
#include "services/ingestion/checks.h"
#include "services/ingestion/dead_letters.h"
#include "services/ingestion/parts.h"
#include "services/ingestion/unary_call.h"

namespace bellwether::ingestion {

class ListDeadLettersCall : public UnaryCall {
 public:
  ListDeadLettersCall(grpc::CallbackServerContext* context, const Parts& parts,
                      const v1::ListDeadLettersRequest* request, v1::ListDeadLettersResponse* response);
  void Run();

 private:
  void Answer(absl::StatusOr<DeadLetterReader*> reader);

  const Parts parts_;
  const v1::ListDeadLettersRequest request_;
  v1::ListDeadLettersResponse* const response_;
};

// Reads on to the newest definitions, finds the letter, checks it as if its source had just sent it, folds its key's
// records to see what would become of it, and records it.
class ReplayDeadLetterCall : public UnaryCall {
 public:
  ReplayDeadLetterCall(grpc::CallbackServerContext* context, const Parts& parts,
                       const v1::ReplayDeadLetterRequest* request, v1::ReplayDeadLetterResponse* response);
  void Run();

 private:
  std::shared_ptr<ReplayDeadLetterCall> Self() {
    return std::static_pointer_cast<ReplayDeadLetterCall>(shared_from_this());
  }
  void FindAndCheck(absl::StatusOr<DeadLetterReader*> reader);
  void Record(const DeadLetter& letter, const codec::KeyedRecord& record, v1::ReplayDeadLetterResponse answer);
  void End(const grpc::Status& status, v1::ReplayDeadLetterResponse answer = {});

  const Parts parts_;
  const v1::ReplayDeadLetterRequest request_;
  v1::ReplayDeadLetterResponse* const response_;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_DEAD_LETTER_CALLS_H_
