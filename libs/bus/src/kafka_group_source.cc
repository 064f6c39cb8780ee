#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "bellwether/bus/group_source.h"
#include "client.h"
#include "settings.h"

namespace bellwether::bus {
namespace {

constexpr absl::Duration kCommittedTimeout = absl::Seconds(10);

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
    if (handle() != nullptr && !closed_) Close().IgnoreError();
    queue_.reset();
    DestroyHandle();
    CancelCommits();
  }

  absl::Status Start(const ClientOptions& client, const GroupOptions& options) {
    cluster_id_ = options.cluster_id;
    Settings settings = ConsumerSettings(client);
    for (auto& setting : GroupSettings(client)) settings.push_back(std::move(setting));
    settings.emplace_back("group.id", options.group);
    if (!options.instance_id.empty()) settings.emplace_back("group.instance.id", options.instance_id);
    RdKafkaPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
    rd_kafka_conf_set_rebalance_cb(conf.get(), &KafkaGroupSource::OnRebalance);
    if (absl::Status started = Client::Start(RD_KAFKA_CONSUMER, client, settings, std::move(conf)); !started.ok()) {
      return started;
    }
    rd_kafka_poll_set_consumer(handle());
    queue_.reset(rd_kafka_queue_get_consumer(handle()));
    return StatusOf(rd_kafka_subscribe(handle(), ListOf({{options.topic, RD_KAFKA_PARTITION_UA, 0}}).get()),
                    absl::StrCat("subscription to ", options.topic));
  }

  absl::StatusOr<std::optional<ConsumedRecord>> Poll(absl::Duration timeout) override {
    auto record = PollRecord(timeout);
    if (!assignment_.ok()) return assignment_;
    return record;
  }

  void Commit(const std::vector<PartitionOffset>& next, std::function<void(absl::Status)> done) override {
    const uint64_t id = Remember(std::move(done));
    const rd_kafka_resp_err_t error = rd_kafka_commit_queue(handle(), Marked(next).get(), queue_.get(),
                                                            &KafkaGroupSource::OnCommit, reinterpret_cast<void*>(id));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) Answer(id, StatusOf(error, "commit"));
  }

  absl::Status CommitNow(const std::vector<PartitionOffset>& next) override {
    const auto list = Marked(next);
    const rd_kafka_resp_err_t error = rd_kafka_commit(handle(), list.get(), /*async=*/0);
    return CommitStatus(error, list.get());
  }

  absl::Status Close() override {
    if (closed_) return absl::OkStatus();
    closed_ = true;
    return StatusOf(rd_kafka_consumer_close(handle()), "leaving the group");
  }

  int64_t disconnects() const override { return Client::disconnects(); }

 private:
  static KafkaGroupSource& From(void* opaque) { return *static_cast<KafkaGroupSource*>(static_cast<Client*>(opaque)); }

  static void OnCommit(rd_kafka_t* handle, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
                       void* id) {
    From(rd_kafka_opaque(handle)).Answer(reinterpret_cast<uint64_t>(id), CommitStatus(error, partitions));
  }

  static void OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
                          void* opaque) {
    KafkaGroupSource& source = From(opaque);
    if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      source.assignment_ = source.TakeOver(partitions);
      if (source.assignment_.ok()) return;
    } else if (source.assigned_) {
      source.assigned_ = false;
      source.TellProgress({});
      if (rd_kafka_assignment_lost(handle) != 0) {
        source.listener_.OnLost();
      } else {
        source.listener_.OnRevoked();
      }
    }
    rd_kafka_assign(handle, nullptr);  // Whatever happened: the rebalance waits for it.
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
    absl::MutexLock lock(&mutex_);
    commits_[++last_commit_] = std::move(done);
    return last_commit_;
  }

  void Answer(uint64_t id, absl::Status status) {
    std::function<void(absl::Status)> done;
    {
      absl::MutexLock lock(&mutex_);
      auto node = commits_.extract(id);
      if (!node.empty()) done = std::move(node.mapped());
    }
    if (done) done(std::move(status));
  }

  void CancelCommits() {
    std::map<uint64_t, std::function<void(absl::Status)>> commits;
    {
      absl::MutexLock lock(&mutex_);
      commits.swap(commits_);
    }
    for (auto& [id, done] : commits) {
      if (done) done(absl::CancelledError("commit: the source was closed first"));
    }
  }

  GroupListener& listener_;
  std::string cluster_id_;
  RdKafkaPtr<rd_kafka_queue_t> queue_;  // Where answers to commits go: it is served by Poll.
  bool assigned_ = false;
  bool closed_ = false;
  absl::Status assignment_;
  absl::Mutex mutex_;
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
