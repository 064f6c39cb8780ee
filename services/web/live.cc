#include "services/web/live.h"

#include "absl/strings/str_cat.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::web {

// Its fields are guarded by the owner's mutex, but for what gRPC's reads alone touch.
class LiveReports::Watch : public grpc::ClientReadReactor<v1::WatchReportResponse>,
                           public std::enable_shared_from_this<Watch> {
 public:
  Watch(LiveReports* owner, LiveReport report) : owner_(owner), report_(std::move(report)) {
    request_.set_council(report_.council);
    request_.set_period(report_.period);
  }

  // Lives until gRPC is done with it.
  void Start() {
    self_ = shared_from_this();
    owner_->query_->For(report_.reader).Watch(&context_, &request_, this);
    StartRead(&message_);
    StartCall();
  }

  // These three under the owner's mutex, which clang does not know for the same when it is named by the owner.
  int Add(Listener listener) {
    if (!position_.empty()) listener.tell(At());
    listeners_.emplace(++last_id_, std::move(listener));
    return last_id_;
  }
  // Whether nobody is left.
  bool Remove(int id) {
    listeners_.erase(id);
    return listeners_.empty();
  }
  size_t listeners() const { return listeners_.size(); }
  void Cancel() { context_.TryCancel(); }
  const LiveReport& report() const { return report_; }

  void OnReadDone(bool ok) override {
    if (!ok) return;  // OnDone follows.
    {
      const core::MutexLock lock(owner_->mutex_);
      std::string events = ":\n\n";
      if (message_.has_position()) {
        position_ = absl::StrCat("e", message_.position().epoch(), "/", message_.position().partition(), "/",
                                 message_.position().offset());
      }
      if (message_.has_row()) events = absl::StrCat("event: row\ndata: ", message_.row().definition().ref(), "\n\n");
      if (!message_.removed_ref().empty()) events = absl::StrCat("event: row\ndata: ", message_.removed_ref(), "\n\n");
      if (message_.snapshot().complete()) events = At();
      for (const auto& [id, listener] : listeners_) listener.tell(events);
    }
    StartRead(&message_);
  }

  void OnDone(const grpc::Status&) override {
    std::shared_ptr<Watch> self;  // The last thing that goes.
    const core::MutexLock lock(owner_->mutex_);
    for (const auto& [id, listener] : listeners_) listener.end();
    listeners_.clear();
    self.swap(self_);
    owner_->Forget(this);
    --owner_->open_;
    owner_->ended_.NotifyAll();
  }

 private:
  std::string At() const { return absl::StrCat("event: at\ndata: ", position_, "\n\n"); }

  LiveReports* const owner_;
  const LiveReport report_;
  grpc::ClientContext context_;
  v1::WatchReportRequest request_;
  v1::WatchReportResponse message_;
  std::string position_;
  std::map<int, Listener> listeners_;
  int last_id_ = 0;
  std::shared_ptr<Watch> self_;
};

class LiveReports::Handle {
 public:
  Handle(LiveReports* owner, std::shared_ptr<Watch> watch, int id) : owner_(owner), watch_(std::move(watch)), id_(id) {}
  ~Handle() {
    {
      const core::MutexLock lock(owner_->mutex_);
      if (!watch_->Remove(id_)) return;
      owner_->Forget(watch_.get());
    }
    watch_->Cancel();
  }

 private:
  LiveReports* const owner_;
  const std::shared_ptr<Watch> watch_;
  const int id_;
};

LiveReports::~LiveReports() {
  std::map<LiveReport, std::shared_ptr<Watch>> watches;
  {
    const core::MutexLock lock(mutex_);
    watches.swap(watches_);
  }
  for (const auto& [report, watch] : watches) watch->Cancel();
  // gRPC ends a call that was cancelled at once; what ends must still find its owner.
  const core::MutexLock lock(mutex_);
  ended_.WaitUntil(mutex_, core::SteadyTime::InfiniteFuture(),
                   [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return open_ == 0; });
}

void LiveReports::Forget(const Watch* watch) {
  const auto found = watches_.find(watch->report());
  if (found != watches_.end() && found->second.get() == watch) watches_.erase(found);
}

bool LiveReports::HasRoom(const LiveReport& report) const {
  const core::MutexLock lock(mutex_);
  const bool watched = watches_.count(report) > 0;
  if (!report.reader.has_value()) return watched || open_ < kMostWatches;
  int own = 0;
  size_t listeners = 0;
  for (const auto& [other, watch] : watches_) {
    if (other.reader != report.reader) continue;
    ++own;
    listeners += watch->listeners();
  }
  const int most = report.reader->name.empty() ? kMostListenersWithoutName : kMostListenersOfReader;
  return listeners < static_cast<size_t>(most) && (watched || (open_ < kMostWatches && own < kMostOfReader));
}

std::shared_ptr<void> LiveReports::Listen(const LiveReport& report, Listener listener) {
  std::shared_ptr<Watch> watch;
  bool first = false;
  int id = 0;
  {
    const core::MutexLock lock(mutex_);
    std::shared_ptr<Watch>& there = watches_[report];
    if (there == nullptr) {
      there = std::make_shared<Watch>(this, report);
      ++open_;
      first = true;
    }
    watch = there;
    id = watch->Add(std::move(listener));
  }
  if (first) watch->Start();
  return std::make_shared<Handle>(this, std::move(watch), id);
}

int LiveReports::watches() const {
  const core::MutexLock lock(mutex_);
  return open_;
}

int LiveReports::listeners() const {
  const core::MutexLock lock(mutex_);
  size_t all = 0;
  for (const auto& [report, watch] : watches_) all += watch->listeners();
  return static_cast<int>(all);
}

}  // namespace bellwether::web
