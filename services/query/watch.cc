#include "services/query/watch.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/query/errors.h"
#include "services/query/paging.h"
#include "services/query/rows.h"
#include "services/query/selection.h"

namespace bellwether::query {
namespace {

constexpr size_t kSnapshotBytes = 1 << 20;  // Of one part; below the 4 MiB that clients take.

grpc::ByteBuffer RowMessage(const EncodedRow& row) {
  std::string head;
  AppendFieldHead(v1::WatchReportResponse::kRowFieldNumber, row.bytes.size(), &head);
  const grpc::Slice slices[] = {grpc::Slice(head), row.bytes};
  return grpc::ByteBuffer(slices, 2);
}

grpc::ByteBuffer HeartbeatMessage() {
  v1::WatchReportResponse heartbeat;
  heartbeat.set_heartbeat(true);
  const grpc::Slice slice(heartbeat.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

// One watch. The library owns the reactor until OnDone; everybody else holds a shared pointer to it, which `self_`
// keeps alive until then.
class Watch : public WatchHub::Reactor {
 public:
  Watch(grpc::CallbackServerContext* context, v1::WatchReportRequest request, WatchHub* hub)
      : context_(context), peer_(context->peer()), request_(std::move(request)), hub_(hub) {}

  const std::string& council() const { return request_.council(); }

  void Start(const std::shared_ptr<Watch>& self, Gate* gate, const std::vector<codec::Position>& positions,
             core::SteadyTime deadline) {
    {
      const absl::MutexLock lock(&mutex_);
      self_ = self;
    }
    auto ticket = gate->Wait(positions, deadline, [self](Gate::Passage passage) { self->Resume(passage); });
    const absl::MutexLock lock(&mutex_);
    if (finished_) return;
    ticket_ = std::move(ticket);
  }

  // Indicators of its council changed: by ref.
  void Note(const std::vector<std::string>& refs) {
    {
      const absl::MutexLock lock(&mutex_);
      if (finished_) return;
      pending_.insert(refs.begin(), refs.end());
    }
    Write();
  }

  void End(const grpc::Status& status) {
    // Under the lock, so that no write can be started afterwards. The library calls nothing back from here.
    const absl::MutexLock lock(&mutex_);
    if (finished_) return;
    finished_ = true;
    Finish(status);
  }

  void OnWriteDone(bool ok) override {
    {
      const absl::MutexLock lock(&mutex_);
      writing_ = false;
      last_written_ = core::SteadyTime::Now();
    }
    if (!ok) return End(grpc::Status(grpc::StatusCode::CANCELLED, "the watcher went away"));
    Write();
  }

  void OnCancel() override {
    std::shared_ptr<Gate::Ticket> ticket;
    {
      const absl::MutexLock lock(&mutex_);
      ticket = std::move(ticket_);
    }
    if (ticket != nullptr) ticket->Settle(Gate::Passage::kCancelled);
    End(grpc::Status(grpc::StatusCode::CANCELLED, "the watcher went away"));
  }

  void OnDone() override {
    std::shared_ptr<Watch> self;
    {
      const absl::MutexLock lock(&mutex_);
      done_ = true;
      self = std::move(self_);
      ticket_.reset();
    }
    hub_->Leave(self);
  }

 private:
  void Resume(Gate::Passage passage) {
    switch (passage) {
      case Gate::Passage::kReached:
        return Begin();
      case Gate::Passage::kTooLate:
        return End(ErrorOf(codec::Reason::kNotYetVisible, "the view has not reached min_positions yet"));
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
      const absl::MutexLock lock(&mutex_);
      self = self_;
    }
    if (self == nullptr) return;  // It is over.
    // Before the snapshot, so that no change falls between.
    if (const grpc::Status s = hub_->Enter(self); !s.ok()) return End(s);
    if (IsFinished()) return hub_->Leave(self);
    std::vector<IndicatorPtr> indicators;
    core::Month month;
    grpc::Status s =
        hub_->answers().SelectReport(request_.council(), request_.period(), request_.filter(), &indicators, &month);
    if (!s.ok()) return End(s);
    // Refs are resolved once, among all the council's: an alternate ref is one only where no indicator has it as its
    // own.
    std::vector<IndicatorPtr> named;
    if (s = SelectCouncil(hub_->view(), request_.council(), &named); !s.ok()) return End(s);
    v1::ReportFilter refs;
    *refs.mutable_refs() = request_.filter().refs();
    if (s = Filter(refs, &named); !s.ok()) return End(s);
    {
      const absl::MutexLock lock(&mutex_);
      month_ = month;
      if (refs.refs_size() > 0) {
        for (const IndicatorPtr& indicator : named) named_.insert(indicator->key.ref);
      }
      began_ = true;
      today_ = hub_->answers().Today();
      last_written_ = core::SteadyTime::Now();
      for (const IndicatorPtr& indicator : indicators) to_show_.push_back(indicator->key.ref);
    }
    hub_->worker().PostAt(core::SteadyTime::Now() + Tick(), [self] { self->OnTick(self); });
    Write();
  }

  bool IsFinished() {
    const absl::MutexLock lock(&mutex_);
    return finished_;
  }

  absl::Duration Tick() const { return std::min(hub_->options().heartbeat, hub_->options().write_timeout) / 4; }

  // Sends a heartbeat where nothing was written for long, and ends a watch that does not read.
  void OnTick(const std::shared_ptr<Watch>& self) {
    bool too_slow = false;
    bool over = false;
    {
      const absl::MutexLock lock(&mutex_);
      const core::SteadyTime now = core::SteadyTime::Now();
      over = finished_;
      NoteANewDay();
      too_slow = writing_ && now - write_began_ > hub_->options().write_timeout;
      heartbeat_due_ = !writing_ && now - last_written_ >= hub_->options().heartbeat;
    }
    if (over) return;
    if (too_slow) return EndSlow(self);
    Write();
    hub_->worker().PostAt(core::SteadyTime::Now() + Tick(), [self] { self->OnTick(self); });
  }

  // What is due, missing or under way hangs on the date: no record tells of its change.
  void NoteANewDay() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const core::Date today = hub_->answers().Today();
    if (today == today_) return;
    today_ = today;
    for (const auto& [ref, digest] : rows_) pending_.insert(ref);
  }

  // The reason goes out as soon as there is room for it; who does not read on even then is cut off.
  void EndSlow(const std::shared_ptr<Watch>& self) {
    spdlog::warn("a watch of {} by {} is dropped, since it does not read: WATCHER_TOO_SLOW", council(), peer_);
    End(ErrorOf(codec::Reason::kWatcherTooSlow,
                absl::StrCat("a message was not read for ", absl::FormatDuration(hub_->options().write_timeout),
                             ": read on, or watch again")));
    hub_->Leave(self);
    hub_->worker().PostAt(core::SteadyTime::Now() + hub_->options().farewell, [self] {
      const absl::MutexLock lock(&self->mutex_);
      if (!self->done_) self->context_->TryCancel();
    });
  }

  // Writes the next message, if there is one and none is on its way.
  void Write() {
    const absl::MutexLock lock(&mutex_);
    if (finished_ || writing_ || !began_ || !NextMessage(&message_)) return;
    writing_ = true;
    write_began_ = core::SteadyTime::Now();
    heartbeat_due_ = false;
    StartWrite(&message_);
  }

  bool NextMessage(grpc::ByteBuffer* message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!snapshot_sent_) {
      *message = NextPart();
      return true;
    }
    while (!pending_.empty()) {
      const std::string ref = pending_.extract(pending_.begin()).value();
      const IndicatorPtr indicator = Wanted(ref);
      if (indicator == nullptr) continue;
      const EncodedRow row = hub_->RowOf(*indicator, month_);
      uint64_t& sent = rows_[ref];
      if (sent == row.digest) continue;
      sent = row.digest;
      *message = RowMessage(row);
      return true;
    }
    if (!heartbeat_due_) return false;
    *message = HeartbeatMessage();
    return true;
  }

  // The next part of the report as it stands now.
  grpc::ByteBuffer NextPart() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    v1::ReportSnapshot rest;
    rest.set_period(month_.ToString());
    SchemeCollector schemes;
    std::string content;
    while (!to_show_.empty() && content.size() < kSnapshotBytes) {
      const std::string ref = std::move(to_show_.front());
      to_show_.pop_front();
      const IndicatorPtr indicator = Wanted(ref);
      if (indicator == nullptr) continue;
      const EncodedRow row = hub_->RowOf(*indicator, month_);
      AppendFieldHead(v1::ReportSnapshot::kRowsFieldNumber, row.bytes.size(), &content);
      content += BytesOf(row.bytes);
      schemes.Add(*indicator);
      rows_[ref] = row.digest;
    }
    schemes.MoveTo(rest.mutable_schemes());
    rest.set_complete(to_show_.empty());
    snapshot_sent_ = to_show_.empty();
    content += rest.SerializeAsString();
    std::string head;
    AppendFieldHead(v1::WatchReportResponse::kSnapshotFieldNumber, content.size(), &head);
    const grpc::Slice slices[] = {grpc::Slice(head), grpc::Slice(content)};
    return grpc::ByteBuffer(slices, 2);
  }

  // The indicator as it stands, if the watch's report has a row for it. Null: not.
  IndicatorPtr Wanted(const std::string& ref) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    IndicatorPtr indicator = hub_->view().Find({request_.council(), ref});
    if (indicator == nullptr || !indicator->definition || !IsInReport(*indicator, month_)) return nullptr;
    if (!named_.empty() && !named_.contains(ref)) return nullptr;
    v1::ReportFilter filter = request_.filter();
    filter.clear_refs();
    std::vector<IndicatorPtr> fits = {indicator};
    return Filter(filter, &fits).ok() && !fits.empty() ? indicator : nullptr;
  }

  grpc::CallbackServerContext* const context_;
  const std::string peer_;  // The context may be gone when it is to be told.
  const v1::WatchReportRequest request_;
  WatchHub* const hub_;
  grpc::ByteBuffer message_;  // Of the write on its way.

  absl::Mutex mutex_;
  std::shared_ptr<Watch> self_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Gate::Ticket> ticket_ ABSL_GUARDED_BY(mutex_);
  bool began_ ABSL_GUARDED_BY(mutex_) = false;
  bool snapshot_sent_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool heartbeat_due_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  core::SteadyTime write_began_ ABSL_GUARDED_BY(mutex_);
  core::SteadyTime last_written_ ABSL_GUARDED_BY(mutex_);
  core::Month month_ ABSL_GUARDED_BY(mutex_);
  core::Date today_ ABSL_GUARDED_BY(mutex_);                                // As the rows told show it.
  std::set<std::string> named_ ABSL_GUARDED_BY(mutex_);                     // Refs that the filter names. Empty: all.
  std::deque<std::string> to_show_ ABSL_GUARDED_BY(mutex_);                 // Refs that the snapshot has yet to show.
  std::set<std::string> pending_ ABSL_GUARDED_BY(mutex_);                   // Refs that changed since they were told.
  std::unordered_map<std::string, uint64_t> rows_ ABSL_GUARDED_BY(mutex_);  // What was told, by digest.
};

WatchHub::Reactor* WatchHub::Begin(grpc::CallbackServerContext* context, v1::WatchReportRequest request, Gate* gate,
                                   const std::vector<codec::Position>& positions, core::SteadyTime deadline) {
  auto watch = std::make_shared<Watch>(context, std::move(request), this);
  watch->Start(watch, gate, positions, deadline);
  return watch.get();
}

grpc::Status WatchHub::Enter(const std::shared_ptr<Watch>& watch) {
  const absl::MutexLock lock(&mutex_);
  if (!ended_.ok()) return ended_;
  if (watches_.size() >= options_.limit) {
    return ErrorOf(codec::Reason::kQueueFull, absl::StrCat("this server has ", options_.limit,
                                                           " watches open, and takes no more: try another one"));
  }
  watches_.insert(watch);
  return grpc::Status::OK;
}

void WatchHub::Leave(const std::shared_ptr<Watch>& watch) {
  const absl::MutexLock lock(&mutex_);
  watches_.erase(watch);
}

size_t WatchHub::open() const {
  const absl::MutexLock lock(&mutex_);
  return watches_.size();
}

void WatchHub::Changed(const core::IndicatorKey& key) {
  const absl::MutexLock lock(&mutex_);
  if (watches_.empty()) return;
  changed_.insert(key);
  if (changed_.size() == 1) worker_->Post([this] { Spread(); });
}

void WatchHub::Spread() {
  std::map<std::string, std::vector<std::string>> changed;
  std::vector<std::shared_ptr<Watch>> watches;
  {
    const absl::MutexLock lock(&mutex_);
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
    const absl::MutexLock lock(&mutex_);
    watches.assign(watches_.begin(), watches_.end());
    if (!resume) ended_ = status;
  }
  for (const std::shared_ptr<Watch>& watch : watches) watch->End(status);
}

}  // namespace bellwether::query
