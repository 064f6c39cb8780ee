// The one place where a call is let in: who calls, and whether it may call this at all, before anything of the call is
// read. What it may do to what, Caller says of each item.
#ifndef BELLWETHER_RPC_DOOR_H_
#define BELLWETHER_RPC_DOOR_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/access/file.h"
#include "bellwether/access/policy.h"
#include "bellwether/codec/violation.h"
#include "bellwether/core/clock.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/methods.h"
#include "bellwether/rpc/slots.h"
#include "bellwether/rpc/tls.h"

namespace bellwether::rpc {

// One who calls, and what it may do, as the file stood when the call came. Cheap to copy. Thread-safe.
class Caller {
 public:
  // Who may do everything, whoever it is: of a service without access.yaml.
  static Caller OfEveryone(std::string host);

  // As the log and the audit say. Empty: the service does not know who calls.
  const std::string& name() const { return known_->principal.name; }
  // Whose share of the server a call takes: the name, or the host of those who have none.
  const std::string& share() const { return share_; }
  // Whether the service asks who calls.
  bool is_known() const { return known_->policy != nullptr; }
  // Of the call: x-request-id, its trace context, and from where it came ("ipv4:10.0.0.7:51234").
  const std::string& request_id() const { return known_->request_id; }
  const std::string& traceparent() const { return known_->traceparent; }
  const std::string& address() const { return known_->address; }
  // The decision lives as long as the caller.
  access::Decision Decide(access::Action action, const access::Scope& scope) const;
  bool May(access::Action action, const access::Scope& scope) const { return Decide(action, scope).allowed; }
  // Whether it may so in all of the council.
  bool MayInAllOf(access::Action action, std::string_view council) const;
  // What one who may not lacks, and whom to ask.
  codec::Violation Lack(access::Action action, const access::Scope& scope) const;
  // The same for two who may do the same. Empty: everything.
  const std::string& rights() const { return known_->rights; }
  // What it may do, in words, a line each; and whom to ask for more.
  std::vector<std::string> RightsInWords() const;
  std::string contact() const;
  // What it may take of the server, a line each. Empty: what a host may.
  std::vector<std::string> LimitsInWords() const;
  // Takes one of the slots for its share, of which it may have as many as the limit of access.yaml says. Absent: it, or
  // all callers together, have as many as may be.
  std::optional<Slots::Taken> TakeSlot(Slots& slots, uint32_t (v1::AccessLimits::*limit)() const) const;

 private:
  friend class Door;
  struct Known {
    std::shared_ptr<const access::Policy> policy;  // Null: everybody may do everything.
    access::Principal principal;
    access::Shown shown;
    std::string handed_on;              // By a proxy: the certificate that its caller showed.
    std::optional<std::string> reader;  // By a service of pages: for whom it calls.
    std::string rights;
    std::string request_id;
    std::string traceparent;
    std::string address;
  };
  Caller(std::shared_ptr<const Known> known, std::string share) : known_(std::move(known)), share_(std::move(share)) {}

  std::shared_ptr<const Known> known_;
  std::string share_;
};

// Thread-safe. Outlives the calls.
class Door {
 public:
  // Open to everyone.
  Door() = default;
  // Error: InvalidArgument, what is wrong with the file.
  static absl::StatusOr<std::unique_ptr<Door>> Make(const AccessOptions& options);
  ~Door();

  struct Entry {
    Caller caller;
    grpc::Status status;  // OK, or what the call ends with: NOT_AUTHENTICATED, NOT_PERMITTED, TOO_FAST.
  };
  // Called for each call that is refused there, from the thread that asks. To be set before the first.
  void SetOnRefused(std::function<void(const Caller&, Method, const std::string& why)> on_refused) {
    on_refused_ = std::move(on_refused);
  }
  Entry LetIn(const grpc::CallbackServerContext& context, Method method);

  // Has a call that lasts ended once what its caller showed is not valid any more, or it may do less or more: `end` is
  // called from a thread of the door's own, at most once, unless `call` is gone.
  void Hold(const Caller& caller, std::weak_ptr<void> call, std::function<void(const grpc::Status&)> end);
  // Takes so many readings out of the caller's share. OK, or TOO_FAST.
  grpc::Status TakeReadings(const Caller& caller, int count);

 private:
  struct Held {
    Caller caller;
    std::shared_ptr<const access::Policy> good_by;  // The newest that was asked.
    std::weak_ptr<void> call;
    std::function<void(const grpc::Status&)> end;
  };
  // What is left of a share that grows with time.
  struct Bucket {
    double left = 0;
    core::SteadyTime seen;
    bool Take(double count, double per_second);
  };
  struct Buckets {
    Bucket calls;
    Bucket readings;
  };

  void LookAtHeld();
  bool Take(const Caller& caller, Bucket Buckets::*bucket, double count, double per_second);

  std::function<void(const Caller&, Method, const std::string& why)> on_refused_;
  const core::RealClock clock_{};
  std::unique_ptr<access::File> file_;  // Null: open to everyone.
  core::Mutex mutex_;
  std::list<Held> held_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Buckets> buckets_ ABSL_GUARDED_BY(mutex_);  // By name.
};

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_DOOR_H_
