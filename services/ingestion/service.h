// IngestionService: handlers of the callback API. None of them waits on a thread of gRPC.
#ifndef BELLWETHER_SERVICES_INGESTION_SERVICE_H_
#define BELLWETHER_SERVICES_INGESTION_SERVICE_H_

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "bellwether/core/mutex.h"
#include "bellwether/v1/ingestion_service.grpc.pb.h"
#include "services/ingestion/parts.h"

namespace bellwether::ingestion {

class ReadingStream;

// Requests come as bytes: gRPC would say nothing of those that it cannot read.
namespace raw {
using v1::IngestionService;
using Calls = IngestionService::WithRawCallbackMethod_ApplyCatalogue<
    IngestionService::WithRawCallbackMethod_RecordReadings<IngestionService::WithRawCallbackMethod_StreamReadings<
        IngestionService::WithRawCallbackMethod_WithdrawReading<IngestionService::WithRawCallbackMethod_RecordComment<
            IngestionService::WithRawCallbackMethod_ListDeadLetters<
                IngestionService::WithRawCallbackMethod_ReplayDeadLetter<IngestionService::Service>>>>>>>;
}  // namespace raw

class Service final : public raw::Calls {
 public:
  explicit Service(const Parts& parts);
  ~Service() override;

  // Answers the open streams for all that they sent, and ends them; later ones are ended at once.
  void Drain();

  using Unary = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  Unary* ApplyCatalogue(Context* context, const Bytes* bytes, Bytes* answer) override;
  Unary* RecordReadings(Context* context, const Bytes* bytes, Bytes* answer) override;
  grpc::ServerBidiReactor<Bytes, Bytes>* StreamReadings(Context* context) override;
  Unary* WithdrawReading(Context* context, const Bytes* bytes, Bytes* answer) override;
  Unary* RecordComment(Context* context, const Bytes* bytes, Bytes* answer) override;
  Unary* ListDeadLetters(Context* context, const Bytes* bytes, Bytes* answer) override;
  Unary* ReplayDeadLetter(Context* context, const Bytes* bytes, Bytes* answer) override;

 private:
  const Parts parts_;
  core::Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::weak_ptr<ReadingStream>> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_SERVICE_H_
