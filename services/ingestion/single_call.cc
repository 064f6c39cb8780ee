#include "services/ingestion/single_call.h"

#include <utility>

#include "bellwether/rpc/status.h"

namespace bellwether::ingestion {

SingleCall::SingleCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
                       std::shared_ptr<const google::protobuf::Message> response, const Parts& parts,
                       rpc::Method method, std::string field, std::function<CheckedItem(const rpc::Caller&)> check,
                       std::function<DecidedItem()> about, std::function<void(const codec::Position&)> fill)
    : Call(context, answer, std::move(response), parts.longest_call, *parts.door, method),
      parts_(parts),
      method_(method),
      field_(std::move(field)),
      check_(std::move(check)),
      about_(std::move(about)),
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
    CheckedItem item = check_(caller());
    if (!newest_definitions && (item.by_definition || RightsMayHangOnNewer(parts_, caller()))) {
      wait = true;
      return std::nullopt;
    }
    if (!item.decision.by.empty() && (!validate_only_ || !item.decision.allowed)) {
      DecidedItem decided = about_();
      decided.decision = item.decision;
      parts_.audit->Note(caller(), method_, {decided});
    }
    if (!item.record.has_value()) return rpc::Refused(codec::Under(field_, std::move(item.violations)));
    if (validate_only_) return grpc::Status::OK;
    record = std::move(item.record);
    recording_ = true;
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
