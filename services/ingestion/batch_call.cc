#include "services/ingestion/batch_call.h"

#include <algorithm>

#include "bellwether/rpc/status.h"
#include "services/ingestion/checks.h"

namespace bellwether::ingestion {

BatchCall::BatchCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
                     std::shared_ptr<const google::protobuf::Message> response, const Parts& parts, rpc::Method method,
                     Slot slot, Check check)
    : Call(context, answer, std::move(response), parts.longest_call, *parts.door, method),
      parts_(parts),
      method_(method),
      slot_(std::move(slot)),
      check_(std::move(check)) {}

void BatchCall::Run(const grpc::Status& read) {
  Begin([this] { return AtDeadline(); });
  if (!read.ok()) return Call::End(read);
  CheckAndRecord(/*newest_definitions=*/false);
}

void BatchCall::CheckAndRecord(bool newest_definitions) {
  std::vector<std::pair<int, codec::KeyedRecord>> records;
  bool wait = false;
  Do([&]() -> std::optional<grpc::Status> {
    CheckedBatch checked = check_(caller(), newest_definitions);
    if (checked.wait) {
      wait = true;
      return std::nullopt;
    }
    parts_.audit->Note(caller(), method_, checked.decided);
    if (checked.end.has_value()) return checked.end;
    if (checked.records.empty()) return grpc::Status::OK;
    records = std::move(checked.records);
    for (const auto& [place, record] : records) places_.push_back(place);
    open_ = records.size();
    return std::nullopt;
  });
  if (wait) {
    parts_.follower->WaitForEnd(deadline(), [self = Self()](const absl::Status& there) {
      if (there.ok()) self->CheckAndRecord(/*newest_definitions=*/true);  // Else its time is over: the alarm answers.
    });
  }
  for (const auto& [place, record] : records) {
    parts_.recorder->Record(
        record, traceparent(),
        [self = Self(), place = place](const absl::StatusOr<codec::Position>& at) { self->Recorded(place, at); });
  }
}

void BatchCall::Recorded(int place, const absl::StatusOr<codec::Position>& position) {
  Do([&]() -> std::optional<grpc::Status> {
    v1::ItemResult result = ToItemResult(position);
    result.mutable_warnings()->Swap(slot_(place)->mutable_warnings());
    *slot_(place) = std::move(result);
    if (--open_ > 0) return std::nullopt;
    return EndOfItems();
  });
}

grpc::Status BatchCall::AtDeadline() {
  if (places_.empty()) return rpc::Failed(codec::Reason::kDefinitionsNotCurrent);
  for (const int place : places_) {
    v1::ItemResult* result = slot_(place);
    if (!result->has_position() && result->errors().empty()) *result = ToItemResult(absl::UnavailableError(""));
  }
  return EndOfItems();
}

grpc::Status BatchCall::EndOfItems() {
  const bool away =
      std::all_of(places_.begin(), places_.end(), [this](int place) { return IsBrokerAway(*slot_(place)); });
  return away ? rpc::Failed(codec::Reason::kBrokerUnavailable) : grpc::Status::OK;
}

}  // namespace bellwether::ingestion
