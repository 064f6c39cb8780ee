// How far a consumer is behind its topics: its metrics.
#ifndef BELLWETHER_BUS_SRC_PROGRESS_H_
#define BELLWETHER_BUS_SRC_PROGRESS_H_

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "bellwether/bus/record.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::bus {

// Of one consumer's handle, which must outlive it. Thread-safe.
class Progress {
 public:
  explicit Progress(rd_kafka_t* handle);

  // These partitions, and no others, are read from now on.
  void Assigned(const std::vector<PartitionOffset>& starts);
  void Consumed(const ConsumedRecord& record);
  // A poll found nothing to read.
  void FoundNothing();

 private:
  struct Partition {
    int64_t next = 0;
    absl::Time newest = absl::InfiniteFuture();  // Timestamp of the last record; none yet.
  };
  struct Topic {
    std::map<int32_t, Partition> partitions;
    prometheus::Counter* consumed = nullptr;
  };
  // Records that are there and not handed out. The brokers told it with the last fetch; nobody is asked.
  int64_t LagOf(const std::string& topic, int32_t partition, int64_t next) const;
  Topic& TopicOf(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  telemetry::Scraped::Values Lags() const;
  telemetry::Scraped::Values Seconds() const;

  rd_kafka_t* const handle_;
  mutable core::Mutex mutex_;
  std::map<std::string, Topic> topics_ ABSL_GUARDED_BY(mutex_);
  core::SteadyTime nothing_left_ ABSL_GUARDED_BY(mutex_);  // When last a poll found nothing.
  const telemetry::Scraped lag_records_;                   // Last: they ask for all of the above.
  const telemetry::Scraped lag_seconds_;
};

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SRC_PROGRESS_H_
