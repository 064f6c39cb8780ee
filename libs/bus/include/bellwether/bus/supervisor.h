// The life of a service's sessions with the broker: which end of one passes, which begins anew, which ends the process.
#ifndef BELLWETHER_BUS_SUPERVISOR_H_
#define BELLWETHER_BUS_SUPERVISOR_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::bus {

// One session with the broker. RequestStop and NotReadyReason are safe from any thread, the rest is of the thread that
// runs it.
class BrokerSession {
 public:
  virtual ~BrokerSession() = default;
  // Until RequestStop (OK), or until it cannot go on: the errors are those of WhatFollows.
  virtual absl::Status Run() = 0;
  // Run returns before `by`, whatever the broker does.
  virtual void RequestStop(core::SteadyTime by) = 0;
  // Empty: ready. Else why not, in words.
  virtual std::string NotReadyReason() const = 0;
  // Once Run has returned: whether it ever read all that the broker had when it began.
  virtual bool caught_up() const = 0;
};

// What follows the end of a session.
enum class AfterSession {
  kTryAgain,    // It passes by itself.
  kForget,      // The log is another one, or the producer is gone: another session, which knows nothing of this one.
  kDoubt,       // May be a loss, or a broker that woke and took itself for the leader once more: another session shows.
  kEndProcess,  // Nothing that another session would find otherwise: somebody must act.
};
// The one table of it. `doubted`: the session before ended in doubt, and none has caught up since.
AfterSession WhatFollows(const absl::Status& end, bool doubted);

// What a service hands to its supervisor. All is called on the supervisor's thread.
struct SupervisedWork {
  // Connects, checks what must be there, and makes a session; waits for the broker no longer than patience() says.
  std::function<absl::StatusOr<std::unique_ptr<BrokerSession>>()> connect;
  // A session, or the try to have one, ended, and this follows. Not called where a stop was asked for.
  std::function<void(AfterSession)> ended = [](AfterSession) {};
  // Every 50 ms while there is no session.
  std::function<void()> idle = [] {};
  // The service cannot go on: Join says why.
  std::function<void()> on_fatal = [] {};
};

// Runs one session after another on a thread of its own, with a pause between them. Thread-safe.
class Supervisor {
 public:
  Supervisor() = default;
  // Stops at once. What the work uses must outlive it: it is the last member of who owns it.
  ~Supervisor();

  // Once.
  void Start(SupervisedWork work);
  // A stop is coming, and what is asked of the broker from now on is not waited for long. The session runs on.
  void ExpectStop();
  // Ends the session. Of several calls the first settles `by`.
  void RequestStop(core::SteadyTime by);
  // Waits for the thread. OK, or what the service died of.
  absl::Status Join();

  // Empty: ready. Else why not: what the session says, or why there is none.
  std::string NotReadyReason() const;
  // How long one question to the broker may take. Zero: stopped, ask nothing more.
  absl::Duration patience() const;

 private:
  void Run();
  absl::Status RunSession();
  // False: stopped.
  bool Pause();

  SupervisedWork work_;
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  bool expects_stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  core::SteadyTime stop_by_ ABSL_GUARDED_BY(mutex_);
  std::string waiting_ ABSL_GUARDED_BY(mutex_) = "starting";
  BrokerSession* session_ ABSL_GUARDED_BY(mutex_) = nullptr;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
  bool doubted_ = false;  // Of the thread.
  std::thread thread_;
};

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SUPERVISOR_H_
