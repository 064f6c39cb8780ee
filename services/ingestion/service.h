// IngestionService: handlers of the callback API. None of them waits on a thread of gRPC.
#ifndef BELLWETHER_SERVICES_INGESTION_SERVICE_H_
#define BELLWETHER_SERVICES_INGESTION_SERVICE_H_

#include <memory>
#include <mutex>
#include <vector>

#include "bellwether/v1/ingestion_service.grpc.pb.h"
#include "services/ingestion/parts.h"

namespace bellwether::ingestion {

class ReadingStream;

class Service final : public v1::IngestionService::CallbackService {
 public:
  explicit Service(const Parts& parts);
  ~Service() override;

  // Answers the open streams for all that they sent, and ends them; later ones are ended at once.
  void Drain();

  grpc::ServerUnaryReactor* ApplyCatalogue(grpc::CallbackServerContext* context,
                                           const v1::ApplyCatalogueRequest* request,
                                           v1::ApplyCatalogueResponse* response) override;
  grpc::ServerUnaryReactor* RecordReadings(grpc::CallbackServerContext* context,
                                           const v1::RecordReadingsRequest* request,
                                           v1::RecordReadingsResponse* response) override;
  grpc::ServerBidiReactor<v1::StreamReadingsRequest, v1::StreamReadingsResponse>* StreamReadings(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* WithdrawReading(grpc::CallbackServerContext* context,
                                            const v1::WithdrawReadingRequest* request,
                                            v1::WithdrawReadingResponse* response) override;
  grpc::ServerUnaryReactor* RecordComment(grpc::CallbackServerContext* context, const v1::RecordCommentRequest* request,
                                          v1::RecordCommentResponse* response) override;
  grpc::ServerUnaryReactor* ListDeadLetters(grpc::CallbackServerContext* context,
                                            const v1::ListDeadLettersRequest* request,
                                            v1::ListDeadLettersResponse* response) override;
  grpc::ServerUnaryReactor* ReplayDeadLetter(grpc::CallbackServerContext* context,
                                             const v1::ReplayDeadLetterRequest* request,
                                             v1::ReplayDeadLetterResponse* response) override;

 private:
  const Parts parts_;
  std::mutex mutex_;
  bool draining_ = false;
  std::vector<std::weak_ptr<ReadingStream>> streams_;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_SERVICE_H_
