// What all clients of librdkafka share: settings, logs, connection trouble, the cluster's identity, how errors read.
#ifndef BELLWETHER_BUS_SRC_CLIENT_H_
#define BELLWETHER_BUS_SRC_CLIENT_H_

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bell.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/record.h"
#include "bellwether/core/mutex.h"
#include "handle.h"
#include "progress.h"

namespace bellwether::bus {

// Deletes what librdkafka hands out.
struct RdKafkaDeleter {
  void operator()(rd_kafka_t* p) const { rd_kafka_destroy(p); }
  void operator()(rd_kafka_conf_t* p) const { rd_kafka_conf_destroy(p); }
  void operator()(rd_kafka_topic_t* p) const { rd_kafka_topic_destroy(p); }
  void operator()(rd_kafka_message_t* p) const { rd_kafka_message_destroy(p); }
  void operator()(rd_kafka_headers_t* p) const { rd_kafka_headers_destroy(p); }
  void operator()(rd_kafka_queue_t* p) const { rd_kafka_queue_destroy(p); }
  void operator()(rd_kafka_event_t* p) const { rd_kafka_event_destroy(p); }
  void operator()(rd_kafka_error_t* p) const { rd_kafka_error_destroy(p); }
  void operator()(rd_kafka_AdminOptions_t* p) const { rd_kafka_AdminOptions_destroy(p); }
  void operator()(rd_kafka_ConfigResource_t* p) const { rd_kafka_ConfigResource_destroy(p); }
  void operator()(rd_kafka_AclBinding_t* p) const { rd_kafka_AclBinding_destroy(p); }
  void operator()(rd_kafka_NewTopic_t* p) const { rd_kafka_NewTopic_destroy(p); }
  void operator()(rd_kafka_topic_partition_list_t* p) const { rd_kafka_topic_partition_list_destroy(p); }
  void operator()(const rd_kafka_metadata_t* p) const { rd_kafka_metadata_destroy(p); }
};
template <typename T>
using RdKafkaPtr = std::unique_ptr<T, RdKafkaDeleter>;

using Settings = std::vector<std::pair<std::string, std::string>>;

void LogToSpdlog(LogLevel level, std::string_view message);

// Milliseconds for librdkafka's int arguments: from 0 to its limit, infinite durations included. Rounded up: a wait for
// what is left of a time would else be none at all in its last millisecond, and the loop around it a busy one.
int Milliseconds(absl::Duration duration);

// The status for an error of the client or the broker, with `context` (may be empty) before the error's own text.
absl::Status StatusOf(rd_kafka_resp_err_t error, std::string_view context);

RdKafkaPtr<rd_kafka_topic_partition_list_t> ListOf(const std::vector<PartitionOffset>& partitions);
std::vector<PartitionOffset> VectorOf(const rd_kafka_topic_partition_list_t& list);

// A handle of librdkafka and its callbacks. The opaque pointer of every handle is its client's link.
class Client {
 public:
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client() = default;

  rd_kafka_t* handle() const { return handle_.get(); }
  int64_t disconnects() const { return disconnects_.load(); }

  void Log(LogLevel level, std::string_view message) const;

  // The newest line of trouble that the client logged, for an answer that would otherwise be just "timed out".
  std::string last_trouble() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether the brokers said that they now belong to another cluster than before.
  bool other_cluster() const { return other_cluster_.load(); }
  absl::Status OtherClusterError() const;

  // The topic's metadata, or that of all topics for an empty name, which never creates one.
  absl::StatusOr<RdKafkaPtr<const rd_kafka_metadata_t>> Metadata(std::string_view topic, absl::Duration timeout) const;

  // The partitions of a topic. NotFound without it.
  absl::StatusOr<int> PartitionCount(std::string_view topic, absl::Duration timeout) const;

  // Of each partition the oldest offset (RD_KAFKA_OFFSET_BEGINNING) or the one that its next record will get
  // (RD_KAFKA_OFFSET_END), in the order of `partitions`.
  absl::StatusOr<std::vector<int64_t>> QueryOffsets(std::string_view topic, const std::vector<int32_t>& partitions,
                                                    int64_t which, absl::Duration timeout) const;

 protected:
  Client() = default;

  // Makes the handle: `settings` are ours, `properties` those of the options. The caller may have set callbacks in
  // `conf`.
  absl::Status Start(rd_kafka_type_t type, const ClientOptions& options, const Settings& settings,
                     RdKafkaPtr<rd_kafka_conf_t> conf);

  // Deletes the handle, or leaves it behind if that takes longer than a moment (bus/left_behind.h). Subclasses call it
  // first thing in their destructors, since callbacks come until then.
  void DestroyHandle();

  // The client that a callback on one of its own threads is for.
  static Client& Of(void* opaque) { return static_cast<ClientLink*>(opaque)->client(); }

  // A consumer reads these partitions, and no others, from now on.
  void TellProgress(const std::vector<PartitionOffset>& starts) {
    if (progress_ != nullptr) progress_->Assigned(starts);
  }

  // Of a consumer, once: all that comes for it is in one queue from now on, which PollRecord reads.
  absl::Status OpenQueue();
  rd_kafka_queue_t* queue() const { return bell_->queue(); }

  // The next record from a consumer's queue. See RecordSource::Poll.
  absl::StatusOr<std::optional<ConsumedRecord>> PollRecord(absl::Duration timeout);
  // All headers of the record that PollRecord gave last.
  Headers HeadersOfLast() const;

 private:
  static void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text);
  static void OnError(rd_kafka_t* handle, int error, const char* reason, void* opaque);

  // After a lost connection: asks who the brokers are. True once they have answered.
  bool KnowsCluster(absl::Duration timeout);
  absl::StatusOr<std::optional<ConsumedRecord>> Take(RdKafkaPtr<rd_kafka_message_t> message);

  LogFunction log_;
  std::string name_;
  std::optional<std::vector<std::string>> headers_;  // As ClientOptions::headers.
  const std::shared_ptr<ClientLink> link_ = std::make_shared<ClientLink>(this);
  RdKafkaPtr<rd_kafka_t> handle_;
  std::unique_ptr<Bell> bell_;          // Of a consumer.
  std::unique_ptr<Progress> progress_;  // The same.
  prometheus::Counter* broken_ = nullptr;
  std::atomic<int64_t> disconnects_ = 0;
  std::atomic<bool> other_cluster_ = false;
  int64_t verified_disconnects_ = 0;  // Of the polling thread.
  RdKafkaPtr<rd_kafka_message_t>
      pending_;                          // Read, but not handed out before the cluster is known. Of the polling thread.
  RdKafkaPtr<rd_kafka_message_t> last_;  // Handed out last. The same.
  mutable core::Mutex mutex_;
  std::string last_trouble_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SRC_CLIENT_H_
