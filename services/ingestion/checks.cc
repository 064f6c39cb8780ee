#include "services/ingestion/checks.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/score.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::ingestion {
namespace {

using codec::Reason;

v1::ErrorClass ToProto(codec::ErrorClass error_class) {
  switch (error_class) {
    case codec::ErrorClass::kCaller:
      return v1::ERROR_CLASS_CALLER;
    case codec::ErrorClass::kTryAgain:
      return v1::ERROR_CLASS_TRY_AGAIN;
    case codec::ErrorClass::kService:
      return v1::ERROR_CLASS_SERVICE;
  }
  return v1::ERROR_CLASS_SERVICE;
}

void AddAll(codec::Violations more, codec::Violations& violations) {
  for (codec::Violation& v : more) violations.push_back(std::move(v));
}

codec::Violation Unknown(const core::IndicatorKey& key, const Definitions& definitions) {
  if (!definitions.HasCouncil(key.council)) {
    return {"council", Reason::kUnknownCouncil,
            absl::StrCat("\"", key.council, "\" has no indicators: correct the code, or apply its catalogue first")};
  }
  return {"ref", Reason::kUnknownIndicator,
          absl::StrCat("\"", key.ref, "\" is not an indicator of ", key.council,
                       ": correct the ref, or define it in the catalogue first")};
}

// Whether what it names may have been sent by another.
bool TouchesAnother(const rating::Reading& reading) { return !reading.seldom->corrects.empty(); }
bool TouchesAnother(const rating::Withdrawal&) { return true; }
bool TouchesAnother(const rating::Comment&) { return false; }

// Whether the field, or one inside it, could be read.
bool IsRead(const std::string& field, const codec::Violations& violations) {
  for (const codec::Violation& v : violations) {
    if (v.field.rfind(field, 0) == 0 && v.reason != Reason::kPeriodNotBegun) return false;
  }
  return true;
}

// The check of an item against its definition, as far as its message could be read: all errors come at once, and none
// follows from another. `action` is what the caller does by it, `check` says what a definition makes of it.
template <typename T, typename Check>
CheckedItem Finish(codec::Parsed<codec::Keyed<T>> parsed, const Definitions& definitions, const rpc::Caller& caller,
                   access::Action action, Check check) {
  CheckedItem item;
  item.violations = std::move(parsed.violations);
  const core::IndicatorKey& key = parsed.value.key;
  if (IsRead("council", item.violations) && IsRead("ref", item.violations)) {
    const auto definition = definitions.Find(key);
    const access::Scope whole = ScopeOf(key, definition.get());
    access::Scope scope = whole;
    scope.source = parsed.value.value.source;
    item.decision = caller.Decide(action, scope);
    if (!item.decision.allowed) return {std::nullopt, {caller.Lack(action, scope)}, true, {}, item.decision};
    parsed.value.value.by = {core::Interned(caller.name()),
                             TouchesAnother(parsed.value.value) && !caller.name().empty() && caller.May(action, whole)};
    const codec::Violations unread = item.violations;
    for (codec::Violation& v : definition == nullptr ? codec::Violations{Unknown(key, definitions)}
                                                     : check(*definition, parsed.value.value)) {
      if (!IsRead(v.field.substr(0, v.field.find('.')), unread)) continue;
      item.by_definition = true;
      item.violations.push_back(std::move(v));
    }
  }
  if (item.violations.empty())
    item.record = codec::KeyedRecord{std::move(parsed.value.key), std::move(parsed.value.value)};
  return item;
}

}  // namespace

CheckedItem CheckReading(const v1::Reading& message, const Definitions& definitions, const rpc::Caller& caller,
                         core::Date today, const codec::Violations& unread) {
  if (!unread.empty() && unread.front().reason == Reason::kNotAMessage) return {std::nullopt, unread, false, {}, {}};
  codec::Parsed<codec::Keyed<rating::Reading>> parsed = codec::FromProto(message);
  for (const codec::Violation& v : unread) {  // In the place of what follows from it.
    std::erase_if(parsed.violations, [&](const codec::Violation& other) { return other.field == v.field; });
  }
  parsed.violations.insert(parsed.violations.begin(), unread.begin(), unread.end());
  if (IsRead("period", parsed.violations)) {
    AddAll(codec::CheckToday(parsed.value.value, today), parsed.violations);
  }
  const access::Action action =
      message.corrects().empty() ? access::Action::ACTION_RECORD : access::Action::ACTION_CORRECT;
  CheckedItem item =
      Finish(std::move(parsed), definitions, caller, action,
             [](const rating::Definition& d, const rating::Reading& r) { return codec::CheckAgainst(d, r); });
  if (item.record) {
    if (const auto definition = definitions.Find(item.record->key))  // Unless the log has just been dropped.
      item.warnings = rating::WarningsOf(*definition, std::get<rating::Reading>(item.record->value), {}, today);
  }
  return item;
}

CheckedItem CheckWithdrawal(const v1::Withdrawal& message, const Definitions& definitions, const rpc::Caller& caller) {
  return Finish(
      codec::FromProto(message), definitions, caller, access::Action::ACTION_WITHDRAW,
      [](const rating::Definition& d, const rating::Withdrawal& w) { return codec::CheckPeriodAgainst(d, w.period); });
}

CheckedItem CheckComment(const v1::Comment& message, const Definitions& definitions, const rpc::Caller& caller,
                         core::Date today) {
  codec::Parsed<codec::Keyed<rating::Comment>> parsed = codec::FromProto(message);
  if (IsRead("period", parsed.violations)) {
    AddAll(codec::CheckToday(parsed.value.value.period, today), parsed.violations);
  }
  CheckedItem item =
      Finish(std::move(parsed), definitions, caller, access::Action::ACTION_COMMENT,
             [](const rating::Definition& d, const rating::Comment& c) { return codec::CheckAgainst(d, c); });
  if (item.record) {
    if (const auto definition = definitions.Find(item.record->key))  // Unless the log has just been dropped.
      item.warnings = rating::WarningsOf(*definition, std::get<rating::Comment>(item.record->value));
  }
  return item;
}

codec::Reason ReasonOf(const absl::Status& not_recorded) {
  switch (not_recorded.code()) {
    case absl::StatusCode::kResourceExhausted:
      return Reason::kQueueFull;
    case absl::StatusCode::kInvalidArgument:
      return Reason::kRequestTooLarge;
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
      return Reason::kBrokerUnavailable;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
      return Reason::kTopicUnusable;
    default:
      return Reason::kInternal;
  }
}

v1::ItemError ToItemError(const codec::Violation& violation) {
  v1::ItemError error;
  error.set_error_class(ToProto(codec::InfoOf(violation.reason).error_class));
  error.set_reason(codec::NameOf(violation.reason));
  error.set_field(violation.field);
  error.set_message(violation.field.empty() ? violation.message
                                            : absl::StrCat(violation.field, ": ", violation.message));
  return error;
}

namespace {

// By reason, which is the first thing that is wrong.
const std::vector<prometheus::Counter*>& RefusalCounters() {
  static const auto* const counters = [] {
    auto* all = new std::vector<prometheus::Counter*>();
    for (const codec::ReasonInfo& info : codec::AllReasons()) {
      all->push_back(&telemetry::CounterOf(
          "bellwether_readings_refused_total",
          "Readings that were not recorded, and other records that the log did not take, by reason",
          {{"reason", std::string(info.name)}}));
    }
    return all;
  }();
  return *counters;
}

void CountRefused(Reason reason) { RefusalCounters()[static_cast<size_t>(reason)]->Increment(); }

}  // namespace

void MakeRefusalCounters() { (void)RefusalCounters(); }

void NoteRefused(const v1::Reading& reading, const codec::Violations& violations) {
  if (violations.empty()) return;
  CountRefused(violations.front().reason);
  if (!telemetry::LogsDebug()) return;
  telemetry::LogDebug("refused", {{"council", reading.council()},
                                  {"ref", reading.ref()},
                                  {"period", reading.period()},
                                  {"reading_id", reading.reading_id()},
                                  {"source", reading.source()},
                                  {"field", violations.front().field},
                                  {"reason", codec::NameOf(violations.front().reason)}});
}

v1::ItemResult ToItemResult(const codec::Violations& violations) {
  v1::ItemResult result;
  for (const codec::Violation& v : violations) *result.add_errors() = ToItemError(v);
  return result;
}

v1::ItemResult ToItemResult(const CheckedItem& item) {
  v1::ItemResult result = ToItemResult(item.violations);
  for (const rating::Warning& warning : item.warnings) *result.add_warnings() = codec::ToProto(warning);
  return result;
}

v1::ItemResult ToItemResult(const absl::StatusOr<codec::Position>& recorded) {
  v1::ItemResult result;
  if (recorded.ok()) {
    *result.mutable_position() = codec::ToProto(*recorded);
  } else {
    const Reason reason = ReasonOf(recorded.status());
    CountRefused(reason);
    *result.add_errors() = ToItemError({"", reason, std::string(codec::InfoOf(reason).sentence)});
  }
  return result;
}

bool IsBrokerAway(const v1::ItemResult& result) {
  return result.errors_size() == 1 && result.errors(0).reason() == codec::NameOf(Reason::kBrokerUnavailable);
}

}  // namespace bellwether::ingestion
