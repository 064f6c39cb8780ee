#include "progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/core/mutex.h"

namespace bellwether::bus {

using telemetry::Scraped;

Progress::Progress(rd_kafka_t* handle)
    : handle_(handle),
      nothing_left_(core::SteadyTime::Now()),
      lag_records_(Scraped::Kind::kGauge, "bellwether_lag_records", "Records of the topic that are not yet read",
                   [this] { return Lags(); }),
      lag_seconds_(Scraped::Kind::kGreatest, "bellwether_lag_seconds",
                   "For how long records have been waiting to be read; 0: none waits", [this] { return Seconds(); }) {}

void Progress::Assigned(const std::vector<PartitionOffset>& starts) {
  const core::MutexLock lock(mutex_);
  for (auto& [name, topic] : topics_) topic.partitions.clear();
  for (const PartitionOffset& start : starts) TopicOf(start.topic).partitions[start.partition].next = start.offset;
  nothing_left_ = core::SteadyTime::Now();
}

void Progress::Consumed(const ConsumedRecord& record) {
  const core::MutexLock lock(mutex_);
  Topic& topic = TopicOf(record.topic);
  topic.consumed->Increment();
  const auto found = topic.partitions.find(record.partition);
  if (found == topic.partitions.end()) return;  // Of an assignment that is no more.
  found->second.next = record.offset + 1;
  found->second.newest = record.timestamp;
}

Progress::Topic& Progress::TopicOf(const std::string& name) {
  Topic& topic = topics_[name];
  if (topic.consumed == nullptr) {  // From 0 on.
    topic.consumed = &telemetry::CounterOf("bellwether_records_consumed_total", "Records read", {{"topic", name}});
  }
  return topic;
}

void Progress::FoundNothing() {
  const core::MutexLock lock(mutex_);
  nothing_left_ = core::SteadyTime::Now();
}

int64_t Progress::LagOf(const std::string& topic, int32_t partition, int64_t next) const {
  int64_t low = 0;
  int64_t high = 0;
  const rd_kafka_resp_err_t error = rd_kafka_get_watermark_offsets(handle_, topic.c_str(), partition, &low, &high);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && high > next ? high - next : 0;  // Unknown is below zero.
}

Scraped::Values Progress::Lags() const {
  Scraped::Values values;
  const core::MutexLock lock(mutex_);
  for (const auto& [name, topic] : topics_) {
    for (const auto& [number, partition] : topic.partitions) {
      values.push_back({{{"topic", name}, {"partition", absl::StrCat(number)}},
                        static_cast<double>(LagOf(name, number, partition.next))});
    }
  }
  return values;
}

// What waits has waited no longer than since nothing was left, and came after the last that was read.
Scraped::Values Progress::Seconds() const {
  const core::SteadyTime now = core::SteadyTime::Now();
  const absl::Time time_of_day = absl::Now();  // The brokers' times are of that clock.
  Scraped::Values values;
  const core::MutexLock lock(mutex_);
  for (const auto& [name, topic] : topics_) {
    if (topic.partitions.empty()) continue;
    absl::Duration longest;
    for (const auto& [number, partition] : topic.partitions) {
      if (LagOf(name, number, partition.next) == 0) continue;
      absl::Duration waiting = now - nothing_left_;
      if (partition.newest < time_of_day) waiting = std::min(waiting, time_of_day - partition.newest);
      longest = std::max(longest, waiting);
    }
    values.push_back({{{"topic", name}}, absl::ToDoubleSeconds(longest)});
  }
  return values;
}

}  // namespace bellwether::bus
