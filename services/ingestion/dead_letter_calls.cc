#include "services/ingestion/dead_letter_calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/text.h"
#include "bellwether/rpc/status.h"

namespace bellwether::ingestion {
namespace {

using codec::Reason;

constexpr int32_t kPageSize = 100;
constexpr int32_t kLargestPage = 500;

grpc::Status BrokerAway(const absl::Status& s) {
  if (absl::IsCancelled(s)) return grpc::Status::CANCELLED;
  return rpc::Failed(s.code() == absl::StatusCode::kNotFound ? Reason::kTopicUnusable : Reason::kBrokerUnavailable,
                     std::string(s.message()));
}

// OK if the position can be that of a record of this log.
grpc::Status CheckPosition(const v1::Position& position, uint32_t epoch) {
  if (position.epoch() != epoch) {
    return rpc::Failed(Reason::kLogRebuilt, absl::StrCat("epoch ", position.epoch(), ", and the log has ", epoch));
  }
  codec::Violations wrong;
  if (position.partition() < 0) wrong.push_back({"position.partition", Reason::kOutOfRange, "is negative"});
  if (position.offset() < 0) wrong.push_back({"position.offset", Reason::kOutOfRange, "is negative"});
  return wrong.empty() ? grpc::Status::OK : rpc::Refused(wrong);
}

enum class WithValue { kNo, kYes };

v1::DeadLetter ToProto(const DeadLetter& letter, WithValue with_value) {
  v1::DeadLetter proto;
  *proto.mutable_position() = codec::ToProto(letter.position);
  *proto.mutable_recorded_at() = codec::ToProto(letter.recorded_at);
  proto.set_reason(core::Shorten(letter.reason, 100));
  proto.set_message(core::Shorten(letter.message, 2000));
  proto.set_key(letter.key);
  proto.set_value_bytes(static_cast<uint32_t>(letter.value_bytes));
  if (with_value == WithValue::kYes) proto.set_value(letter.value);
  for (const bus::Header& header : letter.headers) {
    v1::RecordHeader* h = proto.add_headers();
    h->set_name(header.name);
    h->set_value(header.value);
  }
  return proto;
}

grpc::Status ListPage(DeadLetterReader& reader, const v1::ListDeadLettersRequest& request,
                      v1::ListDeadLettersResponse* response) {
  const std::optional<LetterCursor> start =
      request.page_token().empty() ? LetterCursor() : LetterCursor::Parse(request.page_token());
  LetterCursor cursor = start.value_or(LetterCursor());
  std::vector<DeadLetter> letters;
  const absl::StatusOr<bool> more = reader.List(
      request.page_size() == 0 ? kPageSize : std::min(request.page_size(), kLargestPage), &cursor, &letters);
  if (!more.ok()) return BrokerAway(more.status());
  for (const DeadLetter& letter : letters) *response->add_dead_letters() = ToProto(letter, WithValue::kNo);
  if (*more) response->set_next_page_token(cursor.ToString());
  return grpc::Status::OK;
}

grpc::Status ShowOne(DeadLetterReader& reader, const v1::Position& position, v1::ListDeadLettersResponse* response) {
  const absl::StatusOr<std::optional<DeadLetter>> letter = reader.Find(codec::FromProto(position));
  if (!letter.ok()) return BrokerAway(letter.status());
  if (!letter->has_value()) return rpc::Failed(Reason::kDeadLetterNotFound);
  *response->add_dead_letters() = ToProto(**letter, WithValue::kYes);
  return grpc::Status::OK;
}

// What is wrong with the record, checked as if its source had just sent it.
codec::Violations CheckAsSent(const codec::KeyedRecord& record, const Definitions& definitions, core::Date today) {
  const v1::IndicatorRecord proto = codec::ToProto(record);
  // The operator decides, whoever its source was.
  const rpc::Caller anybody = rpc::Caller::OfEveryone("");
  switch (proto.kind_case()) {
    case v1::IndicatorRecord::kReading:
      return codec::Under("reading", CheckReading(proto.reading(), definitions, anybody, today).violations);
    case v1::IndicatorRecord::kWithdrawal:
      return codec::Under("withdrawal", CheckWithdrawal(proto.withdrawal(), definitions, anybody).violations);
    case v1::IndicatorRecord::kComment:
      return codec::Under("comment", CheckComment(proto.comment(), definitions, anybody, today).violations);
    default:
      return {};
  }
}

bool ChangesNothing(rating::Outcome outcome) {
  return outcome == rating::Outcome::kRepeat || outcome == rating::Outcome::kConflict ||
         outcome == rating::Outcome::kSuperseded;
}

}  // namespace

ListDeadLettersCall::ListDeadLettersCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
                                         const Parts& parts)
    : Call(context, answer, nullptr, parts.longest_call, *parts.door, rpc::Method::kListDeadLetters), parts_(parts) {}

void ListDeadLettersCall::Run(const grpc::ByteBuffer& request) {
  Begin([] { return rpc::Failed(Reason::kBrokerUnavailable); });
  if (const grpc::Status s = Read(request, &request_); !s.ok()) return End(s);
  if (request_.has_position()) {
    if (const grpc::Status s = CheckPosition(request_.position(), parts_.dead_letters->epoch()); !s.ok()) return End(s);
  }
  if (request_.page_size() < 0) {
    return End(rpc::Refused({{"page_size", Reason::kOutOfRange, "is negative: give 1 to 500, or 0 for 100"}}));
  }
  if (!request_.page_token().empty() && !LetterCursor::Parse(request_.page_token())) {
    return End(rpc::Failed(Reason::kPageTokenInvalid));
  }
  const auto self = std::static_pointer_cast<ListDeadLettersCall>(shared_from_this());
  const bool taken = parts_.dead_letters->Post(
      deadline(), [self] { return !self->IsWanted(); },
      [self](absl::StatusOr<DeadLetterReader*> reader) { self->Answer(std::move(reader)); });
  if (!taken) End(rpc::Failed(Reason::kQueueFull, "other operators ask for dead letters"));
}

void ListDeadLettersCall::Answer(absl::StatusOr<DeadLetterReader*> reader) {
  v1::ListDeadLettersResponse answer;
  grpc::Status status;
  if (!reader.ok()) {
    status = BrokerAway(reader.status());
  } else if (request_.has_position()) {
    status = ShowOne(**reader, request_.position(), &answer);
  } else {
    status = ListPage(**reader, request_, &answer);
  }
  if (!status.ok()) return End(status);
  EndWithBytes(rpc::BytesOf(answer));
}

ReplayDeadLetterCall::ReplayDeadLetterCall(grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
                                           const Parts& parts)
    : Call(context, answer, nullptr, parts.longest_call, *parts.door, rpc::Method::kReplayDeadLetter), parts_(parts) {}

void ReplayDeadLetterCall::Run(const grpc::ByteBuffer& request) {
  Begin([] { return rpc::Failed(Reason::kBrokerUnavailable); });
  if (const grpc::Status s = Read(request, &request_); !s.ok()) return End(s);
  if (const grpc::Status s = CheckPosition(request_.position(), parts_.dead_letters->epoch()); !s.ok()) return End(s);
  parts_.follower->WaitForEnd(deadline(), [self = Self()](const absl::Status& there) {
    if (!there.ok()) return;  // Its time is over: the alarm answers.
    const bool taken = self->parts_.dead_letters->Post(
        self->deadline(), [self] { return !self->IsWanted(); },
        [self](absl::StatusOr<DeadLetterReader*> reader) { self->FindAndCheck(std::move(reader)); });
    if (!taken) self->End(rpc::Failed(Reason::kQueueFull, "other operators ask for dead letters"));
  });
}

void ReplayDeadLetterCall::FindAndCheck(absl::StatusOr<DeadLetterReader*> reader) {
  if (!reader.ok()) return End(BrokerAway(reader.status()));
  const absl::StatusOr<std::optional<DeadLetter>> letter = (*reader)->Find(codec::FromProto(request_.position()));
  if (!letter.ok()) return End(BrokerAway(letter.status()));
  if (!letter->has_value()) return End(rpc::Failed(Reason::kDeadLetterNotFound));
  const absl::StatusOr<codec::KeyedRecord> record = codec::DecodeRecord((**letter).value);
  if (!record.ok()) {
    return End(rpc::Failed(Reason::kDeadLetterUnreadable, std::string(record.status().message())));
  }
  if (const codec::Violations wrong = CheckAsSent(*record, *parts_.definitions, parts_.clock->Today());
      !wrong.empty()) {
    return End(rpc::Refused(codec::Under("record", wrong)));
  }
  const absl::StatusOr<DeadLetterReader::OneLedger> log = (*reader)->LedgerOf(record->key);
  if (!log.ok()) return End(BrokerAway(log.status()));
  const Replay replay = FoldReplay(*log, **letter, *record);
  if (!replay.newer_in_force.empty() && !request_.supersede()) {
    return End(rpc::Failed(Reason::kNewerInForce, replay.newer_in_force));
  }
  v1::ReplayDeadLetterResponse answer;
  answer.set_outcome(codec::ToProto(replay.applied.outcome));
  answer.set_detail(replay.applied.detail);
  *answer.mutable_record() = codec::ToProto(*record);
  if (request_.validate_only() || ChangesNothing(replay.applied.outcome)) return EndWithBytes(rpc::BytesOf(answer));
  Record(**letter, *record, std::move(answer));
}

void ReplayDeadLetterCall::Record(const DeadLetter& letter, const codec::KeyedRecord& record,
                                  v1::ReplayDeadLetterResponse answer) {
  const access::Decision decision = caller().Decide(access::Action::ACTION_OPERATE, {});
  parts_.audit->Note(caller(), rpc::Method::kReplayDeadLetter, {{record.key.council, record.key.ref, "", decision}});
  const std::string_view own = bus::FindHeader(letter.headers, "traceparent").value_or("");
  parts_.recorder->Record(
      record, own.empty() ? traceparent() : own,
      [self = Self(), answer = std::move(answer)](const absl::StatusOr<codec::Position>& at) mutable {
        if (!at.ok()) return self->End(rpc::Failed(ReasonOf(at.status())));
        *answer.mutable_position() = codec::ToProto(*at);
        self->EndWithBytes(rpc::BytesOf(answer));
      });
}

}  // namespace bellwether::ingestion
