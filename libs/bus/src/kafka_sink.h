// The sink over Kafka, for its factory and its tests.
#ifndef BELLWETHER_BUS_SRC_KAFKA_SINK_H_
#define BELLWETHER_BUS_SRC_KAFKA_SINK_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "bellwether/bus/sink.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/telemetry/metrics.h"
#include "client.h"

namespace bellwether::bus {

class KafkaSink final : public RecordSink, public Client {
 public:
  ~KafkaSink() override;

  // Once, before anything else.
  absl::Status Start(const ClientOptions& client, const SinkOptions& options);

  absl::Status Produce(const OutgoingRecord& record, OnDelivery on_delivery) override;
  FlushResult Flush(absl::Duration timeout) override;
  absl::Status FatalError() const override;
  size_t outstanding() const override;

 private:
  static void OnDeliveryReport(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
  std::unique_ptr<OnDelivery> Kept(OnDelivery on_delivery) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<DeliveredAt> ResultOf(const rd_kafka_message_t& message);
  // Whether the broker itself said that the record is stored, and where. librdkafka calls a record delivered, too,
  // whose batch the broker says it knows, and one that stands before a record that was stored: such a record can be
  // lost. A leader takes the first batch of a producer that it knows nothing of whatever its sequence number, so that
  // the second may be stored where the first was not. These have no time of the broker's.
  static bool IsTold(const rd_kafka_message_t& message);
  prometheus::Counter& PublishedOf(std::string_view topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LookUpTopics(const SinkOptions& options);
  void PollDeliveries();

  mutable core::Mutex mutex_;
  core::CondVar idle_;  // Nothing is outstanding any more.
  size_t outstanding_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t failed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, prometheus::Counter*, std::less<>> published_ ABSL_GUARDED_BY(mutex_);  // By topic.
  // Called back already, to be used again: memory that one thread takes and another gives back is dear.
  std::vector<std::unique_ptr<OnDelivery>> spare_ ABSL_GUARDED_BY(mutex_);
  prometheus::Counter* failures_ = nullptr;
  std::optional<telemetry::Tally> seconds_;  // Of the thread that polls.
  std::optional<telemetry::Scraped> queue_;
  std::vector<RdKafkaPtr<rd_kafka_topic_t>> topics_;  // Held so that the client keeps what it knows of them.
  std::atomic<bool> stop_ = false;
  std::thread poller_;
};

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SRC_KAFKA_SINK_H_
