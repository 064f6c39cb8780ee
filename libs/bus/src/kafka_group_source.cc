#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "bellwether/bus/group_source.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "client.h"
#include "settings.h"

namespace bellwether::bus {
namespace {

constexpr absl::Duration kCommittedTimeout = absl::Seconds(5);
// How long the destructor takes to leave the group.
constexpr absl::Duration kCloseTimeout = absl::Seconds(2);
// What the end of closing wakes is not this queue.
constexpr absl::Duration kCloseTick = absl::Milliseconds(10);
constexpr absl::Duration kShortest = absl::Milliseconds(1);

// The first error of a commit: of the whole, or of one of its partitions.
absl::Status CommitStatus(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t* partitions) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(error, "commit");
  for (int i = 0; partitions != nullptr && i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& p = partitions->elems[i];
    if (p.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return StatusOf(p.err, absl::StrCat("commit of ", p.topic, " partition ", p.partition));
    }
  }
  return absl::OkStatus();
}

class KafkaGroupSource final : public GroupSource, public Client {
 public:
  explicit KafkaGroupSource(GroupListener* listener) : listener_(*listener) {}

  ~KafkaGroupSource() override {
    if (handle() != nullptr && !closed_) Close(kCloseTimeout).IgnoreError();
    DestroyHandle();
    CancelCommits();
  }

  absl::Status Start(const ClientOptions& client, const GroupOptions& options) {
    cluster_id_ = options.cluster_id;
    topic_ = options.topic;
    Settings settings = ConsumerSettings(client);
    for (auto& setting : GroupSettings(client)) settings.push_back(std::move(setting));
    settings.emplace_back("group.id", options.group);
    if (!options.instance_id.empty()) settings.emplace_back("group.instance.id", options.instance_id);
    RdKafkaPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
    rd_kafka_conf_set_rebalance_cb(conf.get(), &KafkaGroupSource::OnRebalance);
    if (absl::Status started = Client::Start(RD_KAFKA_CONSUMER, client, settings, std::move(conf)); !started.ok()) {
      return started;
    }
    if (absl::Status opened = OpenQueue(); !opened.ok()) return opened;
    return StatusOf(rd_kafka_subscribe(handle(), ListOf({{options.topic, RD_KAFKA_PARTITION_UA, 0}}).get()),
                    absl::StrCat("subscription to ", options.topic));
  }

  absl::StatusOr<std::optional<ConsumedRecord>> Poll(absl::Duration timeout) override {
    auto record = PollRecord(timeout);
    if (!assignment_.ok()) return assignment_;
    return record;
  }

  Headers AllHeaders() const override { return HeadersOfLast(); }

  void Commit(const std::vector<PartitionOffset>& next, std::function<void(absl::Status)> done) override {
    const uint64_t id = Remember(std::move(done));
    const rd_kafka_resp_err_t error = rd_kafka_commit_queue(handle(), Marked(next).get(), queue(),
                                                            &KafkaGroupSource::OnCommit, reinterpret_cast<void*>(id));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) Answer(id, StatusOf(error, "commit"));
  }

  // rd_kafka_commit waits without a limit.
  absl::Status CommitNow(const std::vector<PartitionOffset>& next, absl::Duration timeout) override {
    const RdKafkaPtr<rd_kafka_queue_t> answers(rd_kafka_queue_new(handle()));
    const rd_kafka_resp_err_t error =
        rd_kafka_commit_queue(handle(), Marked(next).get(), answers.get(), nullptr, nullptr);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(error, "commit");
    const RdKafkaPtr<rd_kafka_event_t> answer(rd_kafka_queue_poll(answers.get(), Milliseconds(timeout)));
    if (answer == nullptr) {
      return absl::DeadlineExceededError(
          absl::StrCat("commit: the broker did not answer within ", absl::FormatDuration(timeout)));
    }
    return CommitStatus(rd_kafka_event_error(answer.get()), rd_kafka_event_topic_partition_list(answer.get()));
  }

  // rd_kafka_consumer_close waits without a limit, as for the answer to a commit.
  absl::Status Close(absl::Duration timeout) override {
    if (closed_) return absl::OkStatus();
    closed_ = true;
    const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
    const RdKafkaPtr<rd_kafka_queue_t> events(rd_kafka_queue_new(handle()));
    const RdKafkaPtr<rd_kafka_error_t> error(rd_kafka_consumer_close_queue(handle(), events.get()));
    if (error != nullptr) return StatusOf(rd_kafka_error_code(error.get()), "leaving the group");
    while (rd_kafka_consumer_closed(handle()) == 0) {
      const RdKafkaPtr<rd_kafka_event_t> event(
          rd_kafka_queue_poll(events.get(), Milliseconds(std::clamp(deadline.left(), kShortest, kCloseTick))));
      if (event != nullptr) Serve(event.get());
      if (event == nullptr && deadline.over()) {
        return absl::DeadlineExceededError(
            absl::StrCat("leaving the group: the broker did not answer within ", absl::FormatDuration(timeout)));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Ask(absl::Duration timeout) const override {
    return QueryOffsets(topic_, {0}, RD_KAFKA_OFFSET_END, timeout).status();
  }

  int64_t disconnects() const override { return Client::disconnects(); }

 private:
  static KafkaGroupSource& From(void* opaque) { return static_cast<KafkaGroupSource&>(Of(opaque)); }

  // What comes while it is being closed. Records that were read are dropped.
  void Serve(rd_kafka_event_t* event) {
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE) {
      Rebalance(rd_kafka_event_error(event), rd_kafka_event_topic_partition_list(event));
    } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
      Answer(reinterpret_cast<uint64_t>(rd_kafka_event_opaque(event)),
             CommitStatus(rd_kafka_event_error(event), rd_kafka_event_topic_partition_list(event)));
    }
  }

  static void OnCommit(rd_kafka_t* handle, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
                       void* id) {
    From(rd_kafka_opaque(handle)).Answer(reinterpret_cast<uint64_t>(id), CommitStatus(error, partitions));
  }

  static void OnRebalance(rd_kafka_t* /*handle*/, rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    From(opaque).Rebalance(error, partitions);
  }

  void Rebalance(rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions) {
    if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !closed_) {
      assignment_ = TakeOver(partitions);
      if (assignment_.ok()) return;
    } else if (assigned_) {
      assigned_ = false;
      TellProgress({});
      if (rd_kafka_assignment_lost(handle()) != 0) {
        listener_.OnLost();
      } else {
        listener_.OnRevoked();
      }
    }
    rd_kafka_assign(handle(), nullptr);  // Whatever happened: the rebalance waits for it.
  }

  absl::Status TakeOver(rd_kafka_topic_partition_list_t* partitions) {
    const rd_kafka_resp_err_t error = partitions->cnt == 0
                                          ? RD_KAFKA_RESP_ERR_NO_ERROR
                                          : rd_kafka_committed(handle(), partitions, Milliseconds(kCommittedTimeout));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(absl::StrCat("committed offsets: ", rd_kafka_err2str(error)));
    }
    std::vector<PartitionOffset> committed = VectorOf(*partitions);
    for (size_t i = 0; i < committed.size(); ++i) {
      if (committed[i].offset < 0 || IsOfAnotherCluster(partitions->elems[i])) committed[i].offset = -1;
    }
    assigned_ = true;
    const std::vector<PartitionOffset> starts = listener_.OnAssigned(committed);
    if (starts.size() != committed.size()) {
      return absl::InternalError("the owner must say for each assigned partition where to start");
    }
    TellProgress(starts);
    return StatusOf(rd_kafka_assign(handle(), ListOf(starts).get()), "assignment");
  }

  // The list to commit, with the cluster's id beside each offset.
  decltype(ListOf({})) Marked(const std::vector<PartitionOffset>& next) const {
    auto list = ListOf(next);
    for (int i = 0; i < list->cnt && !cluster_id_.empty(); ++i) {
      list->elems[i].metadata = strdup(cluster_id_.c_str());  // The list frees it.
      list->elems[i].metadata_size = cluster_id_.size();
    }
    return list;
  }

  bool IsOfAnotherCluster(const rd_kafka_topic_partition_t& committed) const {
    const std::string_view id(static_cast<const char*>(committed.metadata), committed.metadata_size);
    return !cluster_id_.empty() && !id.empty() && id != cluster_id_;
  }

  uint64_t Remember(std::function<void(absl::Status)> done) {
    const core::MutexLock lock(mutex_);
    commits_[++last_commit_] = std::move(done);
    return last_commit_;
  }

  void Answer(uint64_t id, absl::Status status) {
    std::function<void(absl::Status)> done;
    {
      const core::MutexLock lock(mutex_);
      auto node = commits_.extract(id);
      if (!node.empty()) done = std::move(node.mapped());
    }
    if (done) done(std::move(status));
  }

  void CancelCommits() {
    std::map<uint64_t, std::function<void(absl::Status)>> commits;
    {
      const core::MutexLock lock(mutex_);
      commits.swap(commits_);
    }
    for (auto& [id, done] : commits) {
      if (done) done(absl::CancelledError("commit: the source was closed first"));
    }
  }

  GroupListener& listener_;
  std::string cluster_id_;
  std::string topic_;
  bool assigned_ = false;
  bool closed_ = false;
  absl::Status assignment_;
  core::Mutex mutex_;
  uint64_t last_commit_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, std::function<void(absl::Status)>> commits_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<GroupSource>> MakeKafkaGroupSource(const ClientOptions& client,
                                                                  const GroupOptions& options,
                                                                  GroupListener* listener) {
  auto source = std::make_unique<KafkaGroupSource>(listener);
  if (absl::Status started = source->Start(client, options); !started.ok()) return started;
  return source;
}

}  // namespace bellwether::bus
