#include "services/query/watch.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rpc/call.h"
#include "services/query/errors.h"
#include "services/query/selection.h"
#include "services/query/watched_report.h"

namespace bellwether::query {
// One watch. The library owns the reactor until OnDone; everybody else holds a shared pointer to it, which `self_`
// keeps alive until then.
class Watch : public WatchHub::Reactor {
 public:
  Watch(grpc::CallbackServerContext* context, const rpc::Caller& caller, v1::WatchReportRequest request,
        rpc::Slots::Taken memory, WatchHub* hub)
      : context_(context),
        peer_(context->peer()),
        caller_(caller),
        council_(request.council()),
        hub_(hub),
        memory_(std::move(memory)),
        request_(std::make_unique<v1::WatchReportRequest>(std::move(request))),
        call_slot_(caller.TakeSlot(rpc::Slots::Calls(), &v1::AccessLimits::calls_under_way)),
        watch_slot_(caller.TakeSlot(hub->slots(), &v1::AccessLimits::open_watches)) {}

  const std::string& council() const { return council_; }

  void Start(const std::shared_ptr<Watch>& self, Gate* gate, const std::vector<codec::Position>& positions,
             core::SteadyTime deadline) {
    bool too_many = false;
    {
      const core::MutexLock lock(mutex_);
      self_ = self;
      too_many = !call_slot_.has_value() || !watch_slot_.has_value();
    }
    if (too_many) return End(rpc::TooManyCalls());
    auto ticket = gate->Wait(positions, deadline, [self](Gate::Passage passage) { self->Resume(passage); });
    const core::MutexLock lock(mutex_);
    if (finished_) return;
    ticket_ = std::move(ticket);
  }

  // Indicators of its council changed: by ref.
  void Note(const std::vector<std::string>& refs) {
    {
      const core::MutexLock lock(mutex_);
      if (finished_) return;
      pending_.insert(refs.begin(), refs.end());
    }
    Wake();
  }

  void End(const grpc::Status& status) {
    gone_ = true;
    // Under the lock, so that no write can be started afterwards. The library calls nothing back from here.
    const core::MutexLock lock(mutex_);
    if (finished_) return;
    finished_ = true;
    Finish(status);
  }

  void OnWriteDone(bool ok) override {
    {
      const core::MutexLock lock(mutex_);
      writing_ = false;
      last_written_ = core::SteadyTime::Now();
    }
    if (!ok) return End(grpc::Status(grpc::StatusCode::CANCELLED, "the watcher went away"));
    Wake();
  }

  void OnCancel() override {
    std::shared_ptr<Gate::Ticket> ticket;
    {
      const core::MutexLock lock(mutex_);
      ticket = std::move(ticket_);
    }
    if (ticket != nullptr) ticket->Settle(Gate::Passage::kCancelled);
    End(grpc::Status(grpc::StatusCode::CANCELLED, "the watcher went away"));
  }

  void OnDone() override {
    std::shared_ptr<Watch> self;
    {
      const core::MutexLock lock(mutex_);
      done_ = true;
      self = std::move(self_);
      ticket_.reset();
      // Now, since who still holds this may do so for seconds: a watcher comes again at once.
      call_slot_.reset();
      watch_slot_.reset();
    }
    hub_->Leave(self);
  }

 private:
  void Resume(Gate::Passage passage) {
    switch (passage) {
      case Gate::Passage::kReached:
        return Begin();
      case Gate::Passage::kTooLate:
        return End(ErrorOf(codec::Reason::kNotYetVisible, "the view has not reached min_position yet"));
      case Gate::Passage::kViewDropped:
        return End(ErrorOf(codec::Reason::kViewNotReady, "the view is being built anew: watch again"));
      case Gate::Passage::kEnding:
        return End(ErrorOf(codec::Reason::kServerDraining, "the server is ending: watch another one"));
      case Gate::Passage::kCancelled:
        return;
    }
  }

  void Begin() {
    std::shared_ptr<Watch> self;
    {
      const core::MutexLock lock(mutex_);
      self = self_;
    }
    if (self == nullptr) return;  // It is over.
    // Before the snapshot, so that no change falls between.
    if (const grpc::Status s = hub_->Enter(self); !s.ok()) return End(s);
    if (gone_) return hub_->Leave(self);
    hub_->Write(caller_.share(), [this, self] { Select(self); });
  }

  // Finds what of the report it shows: on the thread that makes what watches tell, since those who see no provisional
  // figures may need the council rated anew.
  void Select(const std::shared_ptr<Watch>& self) {
    if (gone_) return;
    const rpc::Slots::Taken memory = std::move(memory_);
    const std::unique_ptr<const v1::WatchReportRequest> request = std::move(request_);  // It may be large.
    v1::ReportFilter filter = request->filter();
    const Sight sight(hub_->view(), caller_, hub_->answers().clock());
    CouncilState council;
    std::vector<IndicatorPtr> indicators;
    core::Month month;
    Effort effort = Effort::Whole([this] { return gone_.load(); });
    grpc::Status s = hub_->answers().SelectReport(sight, council_, request->period(), filter, &effort, &council,
                                                  &indicators, &month);
    if (!s.ok()) return End(s);
    // Refs are resolved once, among all the council's: an alternate ref is one only where no indicator has it as its
    // own.
    std::vector<IndicatorPtr>& named = council.indicators;
    v1::ReportFilter refs;
    refs.mutable_refs()->Swap(filter.mutable_refs());
    if (s = Filter(refs, std::nullopt, &named); !s.ok()) return End(s);
    {
      const core::MutexLock lock(mutex_);
      report_ = std::make_unique<WatchedReport>(hub_, sight, council_, month, filter);
      for (const IndicatorPtr& indicator : named) {
        if (refs.refs_size() > 0) report_->named.insert(indicator->key.ref);
      }
      for (const IndicatorPtr& indicator : indicators) report_->to_show.push_back(indicator->key.ref);
      last_written_ = core::SteadyTime::Now();
    }
    hub_->worker().PostAt(core::SteadyTime::Now() + Tick(), [self] { self->OnTick(self); });
    Wake();
  }

  absl::Duration Tick() const { return std::min(hub_->options().heartbeat, hub_->options().write_timeout) / 4; }

  // Sends a heartbeat where nothing was written for long, and ends a watch that does not read.
  void OnTick(const std::shared_ptr<Watch>& self) {
    bool too_slow = false;
    bool over = false;
    {
      const core::MutexLock lock(mutex_);
      const core::SteadyTime now = core::SteadyTime::Now();
      over = finished_;
      too_slow = writing_ && now - write_began_ > hub_->options().write_timeout;
      heartbeat_due_ = !writing_ && now - last_written_ >= hub_->options().heartbeat;
    }
    if (over) return;
    if (too_slow) return EndSlow(self);
    Wake();
    hub_->worker().PostAt(core::SteadyTime::Now() + Tick(), [self] { self->OnTick(self); });
  }

  // The reason goes out as soon as there is room for it; who does not read on even then is cut off.
  void EndSlow(const std::shared_ptr<Watch>& self) {
    spdlog::warn("a watch of {} by {} is dropped, since it does not read: WATCHER_TOO_SLOW", council(), peer_);
    End(ErrorOf(codec::Reason::kWatcherTooSlow,
                absl::StrCat("a message was not read for ", absl::FormatDuration(hub_->options().write_timeout),
                             ": read on, or watch again")));
    hub_->Leave(self);
    hub_->worker().PostAt(core::SteadyTime::Now() + hub_->options().farewell, [self] {
      const core::MutexLock lock(self->mutex_);
      if (!self->done_) self->context_->TryCancel();
    });
  }

  // Has the writer look whether there is something to tell.
  void Wake() {
    const core::MutexLock lock(mutex_);
    if (finished_ || woken_ || self_ == nullptr) return;
    woken_ = true;
    hub_->Write(caller_.share(), [self = self_] { self->Write(); });
  }

  // Writes the next message, if there is one and none is on its way. One thread alone does this, and nobody waits for a
  // lock meanwhile.
  void Write() {
    WatchedReport* report = nullptr;
    std::set<std::string> changed;
    bool heartbeat = false;
    {
      const core::MutexLock lock(mutex_);
      woken_ = false;
      if (finished_ || writing_ || report_ == nullptr) return;
      report = report_.get();
      changed.swap(pending_);
      heartbeat = std::exchange(heartbeat_due_, false);
    }
    const auto made = report->NextMessage(std::move(changed), heartbeat, gone_, &message_);
    if (!made.ok()) return End(Failed(made.status()));
    if (*made == WatchedReport::Next::kLater) return Wake();
    if (*made == WatchedReport::Next::kNothing) return;
    const core::MutexLock lock(mutex_);
    if (finished_) return;
    writing_ = true;
    write_began_ = core::SteadyTime::Now();
    StartWrite(&message_);
  }

  grpc::CallbackServerContext* const context_;
  const std::string peer_;  // The context may be gone when it is to be told.
  const rpc::Caller caller_;
  const std::string council_;
  WatchHub* const hub_;
  rpc::Slots::Taken memory_;                               // Of the request.
  std::unique_ptr<const v1::WatchReportRequest> request_;  // Until it began.
  grpc::ByteBuffer message_;                               // Of the write on its way.
  std::atomic<bool> gone_{false};                          // Nobody waits for what is being made.

  core::Mutex mutex_;
  std::optional<rpc::Slots::Taken> call_slot_ ABSL_GUARDED_BY(mutex_);
  std::optional<rpc::Slots::Taken> watch_slot_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Watch> self_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Gate::Ticket> ticket_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<WatchedReport> report_ ABSL_GUARDED_BY(mutex_);  // Once it began. What it points to is the writer's.
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool heartbeat_due_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  core::SteadyTime write_began_ ABSL_GUARDED_BY(mutex_);
  core::SteadyTime last_written_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> pending_ ABSL_GUARDED_BY(mutex_);  // Refs that changed since the writer looked.
};

WatchHub::Reactor* WatchHub::Begin(grpc::CallbackServerContext* context, const rpc::Caller& caller,
                                   v1::WatchReportRequest request, rpc::Slots::Taken memory, Gate* gate,
                                   const std::vector<codec::Position>& positions, core::SteadyTime deadline) {
  auto watch = std::make_shared<Watch>(context, caller, std::move(request), std::move(memory), this);
  door_->Hold(caller, watch, [raw = watch.get()](const grpc::Status& status) { raw->End(status); });
  watch->Start(watch, gate, positions, deadline);
  return watch.get();
}

grpc::Status WatchHub::Enter(const std::shared_ptr<Watch>& watch) {
  const core::MutexLock lock(mutex_);
  if (!ended_.ok()) return ended_;
  watches_.insert(watch);
  return grpc::Status::OK;
}

void WatchHub::Leave(const std::shared_ptr<Watch>& watch) {
  const core::MutexLock lock(mutex_);
  watches_.erase(watch);
}

void WatchHub::Write(const std::string& share, std::function<void()> write) {
  (void)writers_.Post(share, std::move(write));  // It takes any number: one a watch.
}

size_t WatchHub::open() const {
  const core::MutexLock lock(mutex_);
  return watches_.size();
}

void WatchHub::Changed(const core::IndicatorKey& key) {
  const core::MutexLock lock(mutex_);
  if (watches_.empty()) return;
  changed_.insert(key);
  if (changed_.size() == 1) worker_->Post([this] { Spread(); });
}

void WatchHub::Spread() {
  std::map<std::string, std::vector<std::string>> changed;
  std::vector<std::shared_ptr<Watch>> watches;
  {
    const core::MutexLock lock(mutex_);
    for (const core::IndicatorKey& key : changed_) changed[key.council].push_back(key.ref);
    changed_.clear();
    watches.assign(watches_.begin(), watches_.end());
  }
  for (const std::shared_ptr<Watch>& watch : watches) {
    const auto refs = changed.find(watch->council());
    if (refs != changed.end()) watch->Note(refs->second);
  }
}

void WatchHub::EndAll(const grpc::Status& status, bool resume) {
  std::vector<std::shared_ptr<Watch>> watches;
  {
    const core::MutexLock lock(mutex_);
    watches.assign(watches_.begin(), watches_.end());
    if (!resume) ended_ = status;
  }
  for (const std::shared_ptr<Watch>& watch : watches) watch->End(status);
}

}  // namespace bellwether::query
