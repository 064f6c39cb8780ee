#include "services/ingestion/service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "services/ingestion/apply_catalogue.h"
#include "services/ingestion/batch_call.h"
#include "services/ingestion/checks.h"
#include "services/ingestion/dead_letter_calls.h"
#include "services/ingestion/reading_stream.h"
#include "services/ingestion/single_call.h"

namespace bellwether::ingestion {
namespace {

CheckedBatch CheckBatch(const Parts& parts, const v1::RecordReadingsRequest& request, bool newest_definitions,
                        v1::RecordReadingsResponse* response) {
  CheckedBatch batch;
  const int count = request.readings_size();
  if (count < 1 || count > core::limits::kReadingsPerFrame) {
    batch.end =
        CallRefused({{"readings", codec::Reason::kFrameInvalid,
                      absl::StrCat("holds ", count, " readings: send 1 to ", core::limits::kReadingsPerFrame)}});
    return batch;
  }
  const core::Date today = parts.clock->Today();
  response->clear_results();
  std::vector<codec::Violations> violations;
  for (int i = 0; i < count; ++i) {
    CheckedItem item = CheckReading(request.readings(i), *parts.definitions, today);
    batch.wait = batch.wait || (item.by_definition && !newest_definitions);
    *response->add_results() = ToItemResult(item.violations);
    violations.push_back(std::move(item.violations));
    if (item.record.has_value() && !request.validate_only()) batch.records.emplace_back(i, *std::move(item.record));
  }
  for (int i = 0; i < count && !batch.wait; ++i) NoteRefused(request.readings(i), violations[static_cast<size_t>(i)]);
  return batch;
}

}  // namespace

Service::Service(const Parts& parts) : parts_(parts) {}
Service::~Service() = default;

grpc::ServerUnaryReactor* Service::RecordReadings(grpc::CallbackServerContext* context,
                                                  const v1::RecordReadingsRequest* request,
                                                  v1::RecordReadingsResponse* response) {
  const auto call = std::make_shared<BatchCall>(
      context, parts_, [response](int place) { return response->mutable_results(place); },
      [parts = parts_, request, response](bool newest_definitions) {
        return CheckBatch(parts, *request, newest_definitions, response);
      });
  call->Run();
  return call.get();
}

grpc::ServerUnaryReactor* Service::ApplyCatalogue(grpc::CallbackServerContext* context,
                                                  const v1::ApplyCatalogueRequest* request,
                                                  v1::ApplyCatalogueResponse* response) {
  const auto call = std::make_shared<BatchCall>(
      context, parts_, [response](int place) { return response->mutable_results(place)->mutable_result(); },
      [parts = parts_, request, response](bool newest_definitions) {
        return CheckApply(*parts.definitions, *request, newest_definitions, response);
      });
  call->Run();
  return call.get();
}

grpc::ServerUnaryReactor* Service::WithdrawReading(grpc::CallbackServerContext* context,
                                                   const v1::WithdrawReadingRequest* request,
                                                   v1::WithdrawReadingResponse* response) {
  const auto call = std::make_shared<SingleCall>(
      context, parts_, "withdrawal",
      [parts = parts_, request] { return CheckWithdrawal(request->withdrawal(), *parts.definitions); },
      [response](const codec::Position& at) { *response->mutable_position() = codec::ToProto(at); });
  call->Run();
  return call.get();
}

grpc::ServerUnaryReactor* Service::RecordComment(grpc::CallbackServerContext* context,
                                                 const v1::RecordCommentRequest* request,
                                                 v1::RecordCommentResponse* response) {
  const auto call = std::make_shared<SingleCall>(
      context, parts_, "comment",
      [parts = parts_, request] { return CheckComment(request->comment(), *parts.definitions, parts.clock->Today()); },
      [response](const codec::Position& at) { *response->mutable_position() = codec::ToProto(at); });
  call->Run();
  return call.get();
}

grpc::ServerUnaryReactor* Service::ListDeadLetters(grpc::CallbackServerContext* context,
                                                   const v1::ListDeadLettersRequest* request,
                                                   v1::ListDeadLettersResponse* response) {
  const auto call = std::make_shared<ListDeadLettersCall>(context, parts_, request, response);
  call->Run();
  return call.get();
}

grpc::ServerUnaryReactor* Service::ReplayDeadLetter(grpc::CallbackServerContext* context,
                                                    const v1::ReplayDeadLetterRequest* request,
                                                    v1::ReplayDeadLetterResponse* response) {
  const auto call = std::make_shared<ReplayDeadLetterCall>(context, parts_, request, response);
  call->Run();
  return call.get();
}

grpc::ServerBidiReactor<v1::StreamReadingsRequest, v1::StreamReadingsResponse>* Service::StreamReadings(
    grpc::CallbackServerContext* context) {
  const auto stream = std::make_shared<ReadingStream>(context, parts_);
  bool draining = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::erase_if(streams_, [](const std::weak_ptr<ReadingStream>& s) { return s.expired(); });
    streams_.push_back(stream);
    draining = draining_;
  }
  stream->Begin();
  if (draining) stream->Drain();
  return stream.get();
}

void Service::Drain() {
  std::vector<std::weak_ptr<ReadingStream>> streams;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    draining_ = true;
    streams.swap(streams_);
  }
  for (const std::weak_ptr<ReadingStream>& weak : streams) {
    if (const std::shared_ptr<ReadingStream> stream = weak.lock()) stream->Drain();
  }
}

}  // namespace bellwether::ingestion
