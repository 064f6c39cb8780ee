#include "bellwether/rpc/door.h"

#include <grpcpp/security/auth_context.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/access/certificate.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"
#include "bellwether/rpc/slots.h"
#include "bellwether/rpc/status.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::rpc {
namespace {

using access::Action;
using access::Principal;
using access::Shown;
using codec::Reason;

// The certificate of the caller behind a proxy, in the metadata; empty: it has none.
constexpr char kHandedOn[] = "bellwether-client-certificate";
// For whom a service of pages calls: a serialised bellwether.v1.Reader.
constexpr char kReader[] = "bellwether-reader-bin";
constexpr double kAveragedSeconds = 10;
// So that a whole frame passes some time.
constexpr double kLeastAtOnce = core::limits::kReadingsPerFrame;
// Of shares that are kept: beyond it all begin anew, as strangers of many hosts would have it.
constexpr size_t kMostBuckets = 10'000;

std::vector<std::string> PropertiesOf(const grpc::AuthContext& context, const char* name) {
  std::vector<std::string> texts;
  for (const grpc::string_ref& value : context.FindPropertyValues(name)) texts.emplace_back(value.data(), value.size());
  return texts;
}

std::string First(std::vector<std::string> texts) { return texts.empty() ? std::string() : std::move(texts.front()); }

std::string TextIn(const grpc::CallbackServerContext& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  return found == context.client_metadata().end() ? std::string()
                                                  : std::string(found->second.data(), found->second.size());
}

// When the certificate ends that TLS has verified. It is the same for all calls of a connection, and costs more to read
// than a call that is let in.
absl::Time EndOfCertificate(const std::string& pem) {
  constexpr size_t kMostKept = 1'000;
  static auto* const mutex = new core::Mutex();
  static auto* const ends = new std::map<std::string, absl::Time>();
  {
    const core::MutexLock lock(*mutex);
    if (const auto found = ends->find(pem); found != ends->end()) return found->second;
  }
  const absl::Time end = access::EndOf(pem);
  const core::MutexLock lock(*mutex);
  if (ends->size() >= kMostKept) ends->clear();
  return ends->emplace(pem, end).first->second;
}

Shown ShownBy(const grpc::CallbackServerContext& context) {
  Shown shown;
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth != nullptr) {
    shown.encrypted = First(PropertiesOf(*auth, "transport_security_type")) == "ssl";
    if (auth->IsPeerAuthenticated()) {
      shown.uris = PropertiesOf(*auth, "peer_uri");
      shown.dns_names = PropertiesOf(*auth, "peer_dns");
      shown.common_name = First(PropertiesOf(*auth, "x509_common_name"));
      shown.certificate_until = EndOfCertificate(First(PropertiesOf(*auth, "x509_pem_cert")));
    }
  }
  shown.authorization = TextIn(context, "authorization");
  return shown;
}

std::string Asking(const access::Policy& policy) {
  return policy.contact().empty() ? "ask whoever runs this service" : absl::StrCat("ask ", policy.contact());
}

std::string Place(const access::Scope& scope) {
  if (scope.council.empty()) return "";
  std::string place = absl::StrCat(" of ", core::ToAbsl(core::Visible(scope.council)));
  if (!scope.ref.empty()) absl::StrAppend(&place, "/", core::ToAbsl(core::Visible(scope.ref)));
  if (!scope.source.empty()) absl::StrAppend(&place, " as source ", core::Quoted(scope.source, 60));
  return place;
}

std::string Lacking(const access::Policy& policy, const Principal& principal, Action action,
                    const access::Scope& scope) {
  return absl::StrCat(principal.name, " may not ", access::NameOf(action), Place(scope), ": ", Asking(policy));
}

// Who calls: itself, or through one who may act for others and hands its certificate on; and for which reader.
absl::StatusOr<Principal> IdentifyCaller(const access::Policy& policy, const Shown& shown, const std::string& handed_on,
                                         const std::optional<std::string>& reader, absl::Time now) {
  Shown direct = shown;
  direct.authorization.clear();
  absl::StatusOr<Principal> principal = policy.Identify(direct, now);
  if (!principal.ok()) return principal;
  if (policy.MaySomewhere(*principal, Action::ACTION_ACT_FOR)) {
    absl::StatusOr<Shown> names = handed_on.empty() ? absl::StatusOr<Shown>(Shown()) : access::ShownIn(handed_on);
    if (!names.ok())
      return absl::UnauthenticatedError(
          absl::StrCat(kHandedOn, " of ", principal->name, " ", names.status().message()));
    direct = *std::move(names);
    direct.encrypted = shown.encrypted;
  } else if (!handed_on.empty()) {
    return absl::UnauthenticatedError(
        absl::StrCat(kHandedOn, ": ", principal->name, " may not call for others: a proxy needs the right act-for"));
  }
  direct.authorization = shown.authorization;
  absl::StatusOr<Principal> caller = policy.Identify(direct, now);
  if (!caller.ok()) return caller;
  caller->until = std::min(caller->until, principal->until);
  return policy.ForWhom(*caller, reader);
}

prometheus::Counter& Refusals(Reason reason) {
  return telemetry::CounterOf("bellwether_calls_not_let_in_total", "Calls that were refused at the door, by reason",
                              {{"reason", codec::NameOf(reason)}});
}

}  // namespace

Caller Caller::OfEveryone(std::string host) {
  static const auto* const known = new std::shared_ptr<const Known>(std::make_shared<Known>());
  return Caller(*known, std::move(host));
}

access::Decision Caller::Decide(Action action, const access::Scope& scope) const {
  return is_known() ? known_->policy->Decide(known_->principal, action, scope) : access::Decision{true, ""};
}

bool Caller::MayInAllOf(Action action, std::string_view council) const {
  return !is_known() || known_->policy->MayInAllOf(known_->principal, action, council);
}

codec::Violation Caller::Lack(Action action, const access::Scope& scope) const {
  return {"", Reason::kNotPermitted, Lacking(*known_->policy, known_->principal, action, scope)};
}

std::vector<std::string> Caller::RightsInWords() const {
  return !is_known() ? std::vector<std::string>{"everything: everywhere"} : known_->policy->RightsOf(known_->principal);
}

std::vector<std::string> Caller::LimitsInWords() const {
  return !is_known() ? std::vector<std::string>() : known_->policy->LimitsInWords();
}

std::optional<Slots::Taken> Caller::TakeSlot(Slots& slots, uint32_t (v1::AccessLimits::*limit)() const) const {
  if (!is_known()) return slots.Take(share_);
  return slots.Take(share_, 1, (known_->policy->limits().*limit)());
}

std::string Caller::contact() const { return !is_known() ? "" : known_->policy->contact(); }

absl::StatusOr<std::unique_ptr<Door>> Door::Make(const AccessOptions& options) {
  auto door = std::make_unique<Door>();
  if (options.file.empty()) {
    spdlog::info("whoever reaches the port may do everything: there is no access.yaml (--access)");
    return door;
  }
  absl::StatusOr<std::unique_ptr<access::File>> file = access::File::Watch(options.file);
  if (!file.ok()) return file.status();
  for (const Reason reason : {Reason::kNotAuthenticated, Reason::kNotPermitted, Reason::kTooFast}) Refusals(reason);
  door->file_ = *std::move(file);
  door->file_->SetAfterLook([raw = door.get()] { raw->LookAtHeld(); });
  return door;
}

Door::~Door() { file_.reset(); }  // Its thread first.

Door::Entry Door::LetIn(const grpc::CallbackServerContext& context, Method method) {
  const std::string host = HostOf(context.peer());
  const auto& metadata = context.client_metadata();
  if (file_ == nullptr) {
    // Who says for whom it calls counts on an answer for that one.
    if (metadata.find(kReader) == metadata.end()) return {Caller::OfEveryone(host), grpc::Status::OK};
    return {Caller::OfEveryone(host),
            ErrorOf(Reason::kNotAuthenticated, "a reader is named, and this service does not ask who calls: --access")};
  }
  const auto known = std::make_shared<Caller::Known>();
  known->policy = file_->policy();
  known->shown = ShownBy(context);
  known->request_id = TextIn(context, "x-request-id");
  known->traceparent = TextIn(context, "traceparent");
  known->address = context.peer();
  const auto refuse = [&](Reason reason, const std::string& words) {
    Refusals(reason).Increment();
    static telemetry::LogLimit limit;  // An attack must not fill the disk.
    if (limit.Take()) {
      telemetry::LogWarning("a call was not let in", {{"principal", known->principal.name},
                                                      {"method", std::string(InfoOf(method).path)},
                                                      {"peer", std::string(context.peer())},
                                                      {"request_id", known->request_id},
                                                      {"reason", codec::NameOf(reason)}});
    }
    const Caller caller(known, host);
    if (on_refused_) on_refused_(caller, method, words);
    return Entry{caller, ErrorOf(reason, words)};
  };
  known->handed_on = TextIn(context, kHandedOn);
  if (metadata.find(kReader) != metadata.end()) known->reader = TextIn(context, kReader);
  absl::StatusOr<Principal> principal =
      IdentifyCaller(*known->policy, known->shown, known->handed_on, known->reader, clock_.Now());
  if (!principal.ok()) return refuse(Reason::kNotAuthenticated, std::string(principal.status().message()));
  known->principal = *std::move(principal);
  known->rights = known->policy->RightsKeyOf(known->principal);
  const bool anonymous = known->principal.name == access::kAnonymous;
  const Caller caller(known, anonymous ? host : known->principal.name);
  const std::optional<Action> needs = InfoOf(method).needs;
  if (needs && !known->policy->MaySomewhere(known->principal, *needs)) {
    if (anonymous) {
      return refuse(Reason::kNotAuthenticated,
                    absl::StrCat("who calls is not shown, and strangers may not ", access::NameOf(*needs),
                                 " here: show a certificate, a token or a key, or ", Asking(*known->policy)));
    }
    return refuse(Reason::kNotPermitted, Lacking(*known->policy, known->principal, *needs, {}));
  }
  if (!Take(caller, &Buckets::calls, 1, known->policy->limits().calls_per_second()))
    return refuse(Reason::kTooFast, absl::StrCat(caller.share(), " calls more often than it may"));
  return {caller, grpc::Status::OK};
}

void Door::Hold(const Caller& caller, std::weak_ptr<void> call, std::function<void(const grpc::Status&)> end) {
  if (file_ == nullptr) return;
  const core::MutexLock lock(mutex_);
  held_.push_back({caller, caller.known_->policy, std::move(call), std::move(end)});
}

void Door::LookAtHeld() {
  const std::shared_ptr<const access::Policy> now = file_->policy();
  const absl::Time time = clock_.Now();
  // Not under the lock, which every call wants: to verify takes its time.
  std::list<Held> held;
  {
    const core::MutexLock lock(mutex_);
    held.swap(held_);
  }
  std::list<std::pair<Held, grpc::Status>> ended;
  for (auto one = held.begin(); one != held.end();) {
    const Caller::Known& known = *one->caller.known_;
    grpc::Status status;
    if (!one->call.expired() && (one->good_by != now || time >= known.principal.until)) {
      const absl::StatusOr<Principal> principal =
          IdentifyCaller(*now, known.shown, known.handed_on, known.reader, time);
      if (!principal.ok()) {
        status = ErrorOf(Reason::kNotAuthenticated, std::string(principal.status().message()));
      } else if (principal->name != known.principal.name || now->RightsKeyOf(*principal) != known.rights) {
        status = ErrorOf(Reason::kAccessChanged, "what the caller may do was changed: call again");
      }
      one->good_by = now;
    }
    if (!status.ok()) ended.emplace_back(*one, status);
    one = one->call.expired() || !status.ok() ? held.erase(one) : std::next(one);
  }
  {
    const core::MutexLock lock(mutex_);
    held_.splice(held_.end(), held);
  }
  for (const auto& [one, status] : ended) {
    if (const std::shared_ptr<void> alive = one.call.lock()) one.end(status);
  }
}

grpc::Status Door::TakeReadings(const Caller& caller, int count) {
  if (file_ == nullptr) return grpc::Status::OK;
  if (Take(caller, &Buckets::readings, count, file_->policy()->limits().readings_per_second())) return grpc::Status::OK;
  return ErrorOf(Reason::kTooFast, absl::StrCat(caller.share(), " sends more readings than it may"));
}

bool Door::Bucket::Take(double count, double per_second) {
  const core::SteadyTime now = core::SteadyTime::Now();
  const double most = std::max(per_second * kAveragedSeconds, kLeastAtOnce);
  left = std::min(most, left + absl::ToDoubleSeconds(now - seen) * per_second);
  seen = now;
  if (left < count) return false;
  left -= count;
  return true;
}

bool Door::Take(const Caller& caller, Bucket Buckets::*bucket, double count, double per_second) {
  const core::MutexLock lock(mutex_);
  if (buckets_.size() >= kMostBuckets && buckets_.count(caller.share()) == 0) buckets_.clear();
  const auto [found, is_new] = buckets_.try_emplace(caller.share());
  Bucket& own = found->second.*bucket;
  if (own.seen == core::SteadyTime())
    own = {std::max(per_second * kAveragedSeconds, kLeastAtOnce), core::SteadyTime::Now()};
  return own.Take(count, per_second);
}

}  // namespace bellwether::rpc
