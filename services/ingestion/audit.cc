#include "services/ingestion/audit.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bellwether/access/key.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/values.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/telemetry/trace.h"

namespace bellwether::ingestion {
namespace {

constexpr int kMostRefs = 20;
constexpr int kMostSources = 5;
constexpr size_t kMostRecords = 20;  // Of one call; the rest are told together, without their councils.
constexpr double kRefusalsPerSecond = 10;
constexpr double kMostRefusals = 100;  // At once.

// What is no name is left out: the topic holds nobody's words.
void AddOnce(std::string_view text, int most, google::protobuf::RepeatedPtrField<std::string>* texts) {
  if (texts->size() >= most || std::find(texts->begin(), texts->end(), text) != texts->end() ||
      !core::CheckRecordId(text).ok())
    return;
  texts->Add(std::string(text));
}

// "00-TRACE-SPAN-01".
std::string TraceIdIn(std::string_view traceparent) {
  constexpr size_t kBegin = 3;
  constexpr size_t kDigits = 32;
  return core::IsTraceparent(traceparent) ? std::string(traceparent.substr(kBegin, kDigits)) : std::string();
}

}  // namespace

Audit::Audit(std::string topic, Recorder* recorder, const core::Clock* clock)
    : topic_(std::move(topic)),
      recorder_(recorder),
      clock_(clock),
      chain_(absl::StrCat("ingestion-", telemetry::RandomId())),
      lost_(telemetry::CounterOf("bellwether_audit_records_lost_total", "Audit records that the broker did not take")) {
}

v1::AuditRecord Audit::Begin(const rpc::Caller& caller, rpc::Method method) const {
  v1::AuditRecord record;
  *record.mutable_decided_at() = codec::ToProto(clock_->Now());
  record.set_principal(caller.name());
  record.set_method(std::string(rpc::InfoOf(method).path));
  record.set_request_id(caller.request_id());
  record.set_trace_id(TraceIdIn(caller.traceparent()));
  record.set_address(caller.address());
  return record;
}

void Audit::Note(const rpc::Caller& caller, rpc::Method method, const std::vector<DecidedItem>& items) {
  if (!caller.is_known()) return;
  std::map<std::pair<std::string_view, std::string_view>, v1::AuditRecord> records;
  for (const DecidedItem& item : items) {
    // Of made-up councils there are any number.
    const bool too_many = records.size() >= kMostRecords && records.count({item.council, item.decision.by}) == 0;
    const auto [found, is_new] = records.try_emplace({too_many ? std::string_view() : item.council, item.decision.by});
    v1::AuditRecord& record = found->second;
    if (is_new) {
      record = Begin(caller, method);
      if (!too_many) record.set_council(std::string(item.council));
      record.set_allowed(item.decision.allowed);
      record.set_decided_by(std::string(item.decision.by));
    }
    record.set_items(record.items() + 1);
    AddOnce(item.ref, kMostRefs, record.mutable_refs());
    AddOnce(item.source, kMostSources, record.mutable_sources());
  }
  for (auto& [of, record] : records) Write(std::move(record));
}

void Audit::NoteRefused(const rpc::Caller& caller, rpc::Method method, std::string_view why) {
  v1::AuditRecord record = Begin(caller, method);
  record.set_decided_by(std::string(why));
  Write(std::move(record));
}

bool Audit::Refusals::Take() {
  const core::SteadyTime now = core::SteadyTime::Now();
  left = std::min(kMostRefusals, left + absl::ToDoubleSeconds(now - seen) * kRefusalsPerSecond);
  seen = now;
  if (left < 1) return false;
  left -= 1;
  return true;
}

void Audit::Write(v1::AuditRecord record) {
  const core::MutexLock lock(mutex_);
  if (!record.allowed()) {
    const bool stranger = record.principal().empty() || record.principal() == access::kAnonymous;
    if (!(stranger ? of_strangers_ : of_known_).Take()) {
      ++unwritten_;
      return;
    }
  }
  record.set_chain(chain_);
  record.set_sequence(sequence_);
  record.set_previous_sha256(previous_sha256_);
  record.set_unwritten(unwritten_);
  bus::OutgoingRecord out;
  out.topic = topic_;
  out.key = chain_;
  out.value = codec::SerializeDeterministically(record);
  std::string sha256 = absl::HexStringToBytes(access::Sha256Of(out.value));
  const bool taken = recorder_->Write(out, [this](const absl::StatusOr<bus::DeliveredAt>& at) {
    if (at.ok()) return;
    lost_.Increment();
    static telemetry::LogLimit limit;
    if (limit.Take())
      telemetry::LogWarning("an audit record was not written", {{"why", std::string(at.status().message())}});
  });
  if (!taken) {  // The chain goes on as if it had not been.
    ++unwritten_;
    return;
  }
  ++sequence_;
  previous_sha256_ = std::move(sha256);
  unwritten_ = 0;
}

}  // namespace bellwether::ingestion
