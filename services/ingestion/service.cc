#include "services/ingestion/service.h"

#include <algorithm>

#include "bellwether/codec/score.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rpc/call.h"
#include "bellwether/rpc/status.h"
#include "services/ingestion/apply_catalogue.h"
#include "services/ingestion/batch_call.h"
#include "services/ingestion/checks.h"
#include "services/ingestion/dead_letter_calls.h"
#include "services/ingestion/reading_stream.h"
#include "services/ingestion/single_call.h"

namespace bellwether::ingestion {
namespace {

CheckedBatch CheckBatch(const Parts& parts, const rpc::Caller& caller, const v1::RecordReadingsRequest& request,
                        const std::vector<codec::WrongItem>& unread, bool newest_definitions,
                        v1::RecordReadingsResponse* response) {
  CheckedBatch batch;
  const int count = request.readings_size();
  const core::Date today = parts.clock->Today();
  response->clear_results();
  std::vector<codec::Violations> violations;
  auto next_unread = unread.begin();
  for (int i = 0; i < count; ++i) {
    codec::Violations own;
    if (next_unread != unread.end() && next_unread->place == i) own = (next_unread++)->violations;
    const v1::Reading& reading = request.readings(i);
    CheckedItem item = CheckReading(reading, *parts.definitions, caller, today, own);
    const bool decided = !item.decision.by.empty() && caller.is_known();
    if (decided && (!request.validate_only() || !item.decision.allowed))
      batch.decided.push_back({reading.council(), reading.ref(), reading.source(), item.decision});
    batch.wait = batch.wait || (item.by_definition && !newest_definitions);
    *response->add_results() = ToItemResult(item);
    violations.push_back(std::move(item.violations));
    if (item.record.has_value() && !request.validate_only()) batch.records.emplace_back(i, *std::move(item.record));
  }
  batch.wait = batch.wait || (!newest_definitions && RightsMayHangOnNewer(parts, caller));
  // Who only asks has nothing refused; and who is asked again after the newest definitions is told then.
  if (request.validate_only() || batch.wait) return batch;
  for (int i = 0; i < count; ++i) NoteRefused(request.readings(i), violations[static_cast<size_t>(i)]);
  return batch;
}

template <typename Item>
DecidedItem About(const Item& item) {
  return {item.council(), item.ref(), item.source(), {}};
}

// What a unary call of one method works on, as long as somebody holds it.
template <typename Request, typename Response>
struct Messages {
  Request request;
  Response response;
};

}  // namespace

Service::Service(const Parts& parts) : parts_(parts) {}
Service::~Service() = default;

Service::Unary* Service::RecordReadings(Context* context, const Bytes* bytes, Bytes* answer) {
  struct Batch : Messages<v1::RecordReadingsRequest, v1::RecordReadingsResponse> {
    std::vector<codec::WrongItem> unread;
  };
  const auto batch = std::make_shared<Batch>();
  const auto call = std::make_shared<BatchCall>(
      context, answer, std::shared_ptr<const google::protobuf::Message>(batch, &batch->response), parts_,
      rpc::Method::kRecordReadings, [batch](int place) { return batch->response.mutable_results(place); },
      [parts = parts_, batch](const rpc::Caller& caller, bool newest_definitions) {
        return CheckBatch(parts, caller, batch->request, batch->unread, newest_definitions, &batch->response);
      });
  grpc::Status read = call->Read(*bytes, v1::RecordReadingsRequest::kReadingsFieldNumber,
                                 core::limits::kReadingsPerFrame, &batch->request, &batch->unread);
  if (read.ok()) read = parts_.door->TakeReadings(call->caller(), batch->request.readings_size());
  call->Run(read);
  return call.get();
}

Service::Unary* Service::ApplyCatalogue(Context* context, const Bytes* bytes, Bytes* answer) {
  const auto apply = std::make_shared<Messages<v1::ApplyCatalogueRequest, v1::ApplyCatalogueResponse>>();
  const auto call = std::make_shared<BatchCall>(
      context, answer, std::shared_ptr<const google::protobuf::Message>(apply, &apply->response), parts_,
      rpc::Method::kApplyCatalogue,
      [apply](int place) { return apply->response.mutable_results(place)->mutable_result(); },
      [parts = parts_, apply](const rpc::Caller& caller, bool newest_definitions) {
        return CheckApply(*parts.definitions, caller, apply->request, parts.clock->Today(), newest_definitions,
                          &apply->response);
      });
  call->Run(call->Read(*bytes, &apply->request));
  return call.get();
}

Service::Unary* Service::WithdrawReading(Context* context, const Bytes* bytes, Bytes* answer) {
  const auto own = std::make_shared<Messages<v1::WithdrawReadingRequest, v1::WithdrawReadingResponse>>();
  const auto call = std::make_shared<SingleCall>(
      context, answer, std::shared_ptr<const google::protobuf::Message>(own, &own->response), parts_,
      rpc::Method::kWithdrawReading, "withdrawal",
      [parts = parts_, own](const rpc::Caller& caller) {
        return CheckWithdrawal(own->request.withdrawal(), *parts.definitions, caller);
      },
      [own] { return About(own->request.withdrawal()); },
      [own](const codec::Position& at) { *own->response.mutable_position() = codec::ToProto(at); });
  call->Run(call->Read(*bytes, &own->request));
  return call.get();
}

Service::Unary* Service::RecordComment(Context* context, const Bytes* bytes, Bytes* answer) {
  const auto own = std::make_shared<Messages<v1::RecordCommentRequest, v1::RecordCommentResponse>>();
  const auto call = std::make_shared<SingleCall>(
      context, answer, std::shared_ptr<const google::protobuf::Message>(own, &own->response), parts_,
      rpc::Method::kRecordComment, "comment",
      [parts = parts_, own](const rpc::Caller& caller) {
        CheckedItem item = CheckComment(own->request.comment(), *parts.definitions, caller, parts.clock->Today());
        own->response.clear_warnings();
        for (const rating::Warning& warning : item.warnings) *own->response.add_warnings() = codec::ToProto(warning);
        return item;
      },
      [own] { return About(own->request.comment()); },
      [own](const codec::Position& at) { *own->response.mutable_position() = codec::ToProto(at); });
  const grpc::Status read = call->Read(*bytes, &own->request);
  call->Run(read, own->request.validate_only());
  return call.get();
}

Service::Unary* Service::ListDeadLetters(Context* context, const Bytes* bytes, Bytes* answer) {
  const auto call = std::make_shared<ListDeadLettersCall>(context, answer, parts_);
  call->Run(*bytes);
  return call.get();
}

Service::Unary* Service::ReplayDeadLetter(Context* context, const Bytes* bytes, Bytes* answer) {
  const auto call = std::make_shared<ReplayDeadLetterCall>(context, answer, parts_);
  call->Run(*bytes);
  return call.get();
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Service::StreamReadings(Context* context) {
  const auto stream = std::make_shared<ReadingStream>(context, parts_);
  bool draining = false;
  {
    const core::MutexLock lock(mutex_);
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
    const core::MutexLock lock(mutex_);
    draining_ = true;
    streams.swap(streams_);
  }
  for (const std::weak_ptr<ReadingStream>& weak : streams) {
    if (const std::shared_ptr<ReadingStream> stream = weak.lock()) stream->Drain();
  }
}

}  // namespace bellwether::ingestion
