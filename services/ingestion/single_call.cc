#include "services/ingestion/single_call.h"

#include <utility>

#include "bellwether/rpc/status.h"

namespace bellwether::ingestion {

SingleCall::SingleCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
                       std::shared_ptr<const google::protobuf::Message> response, const Parts& parts, std::string field,
                       std::function<CheckedItem()> check, std::function<void(const codec::Position&)> fill)
    : Call(context, answer, std::move(response), parts.longest_call),
      parts_(parts),
      field_(std::move(field)),
      check_(std::move(check)),
      fill_(std::move(fill)) {}

void SingleCall::Run(const grpc::Status& read, bool validate_only) {
  validate_only_ = validate_only;
  Begin([this] {
    return rpc::Failed(recording_ ? codec::Reason::kBrokerUnavailable : codec::Reason::kDefinitionsNotCurrent);
  });
  if (!read.ok()) return End(read);
  CheckAndRecord(/*newest_definitions=*/false);
}

void SingleCall::CheckAndRecord(bool newest_definitions) {
  std::optional<codec::KeyedRecord> record;
  bool wait = false;
  Do([&]() -> std::optional<grpc::Status> {
    CheckedItem item = check_();
    if (item.by_definition && !newest_definitions) {
      wait = true;
    } else if (!item.record.has_value()) {
      return rpc::Refused(codec::Under(field_, std::move(item.violations)));
    } else if (validate_only_) {
      return grpc::Status::OK;
    } else {
      record = std::move(item.record);
      recording_ = true;
    }
    return std::nullopt;
  });
  if (wait) {
    parts_.follower->WaitForEnd(deadline(), [self = Self()](const absl::Status& there) {
      if (there.ok()) self->CheckAndRecord(/*newest_definitions=*/true);  // Else its time is over: the alarm answers.
    });
  }
  if (!record.has_value()) return;
  parts_.recorder->Record(*record, traceparent(), [self = Self()](const absl::StatusOr<codec::Position>& at) {
    self->Do([&]() -> std::optional<grpc::Status> {
      if (!at.ok()) return rpc::Failed(ReasonOf(at.status()));
      self->fill_(*at);
      return grpc::Status::OK;
    });
  });
}

}  // namespace bellwether::ingestion
