#include "progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bellwether::bus {

using telemetry::Scraped;

Progress::Progress(rd_kafka_t* handle)
    : handle_(handle),
      nothing_left_(absl::Now()),
      lag_records_(Scraped::Kind::kGauge, "bellwether_lag_records", "Records of the topic that are not yet read",
                   [this] { return Lags(); }),
      lag_seconds_(Scraped::Kind::kGreatest, "bellwether_lag_seconds",
                   "For how long records have been waiting to be read; 0: none waits", [this] { return Seconds(); }) {}

void Progress::Assigned(const std::vector<PartitionOffset>& starts) {
  const absl::MutexLock lock(&mutex_);
  partitions_.clear();
  for (const PartitionOffset& start : starts) {
    partitions_[{start.topic, start.partition}].next = start.offset;
    ConsumedOf(start.topic);  // From 0 on.
  }
  nothing_left_ = absl::Now();
}

void Progress::Consumed(const ConsumedRecord& record) {
  const absl::MutexLock lock(&mutex_);
  ConsumedOf(record.topic).Increment();
  const auto found = partitions_.find({record.topic, record.partition});
  if (found == partitions_.end()) return;  // Of an assignment that is no more.
  found->second.next = record.offset + 1;
  found->second.newest = record.timestamp;
}

prometheus::Counter& Progress::ConsumedOf(const std::string& topic) {
  prometheus::Counter*& counter = consumed_[topic];
  if (counter == nullptr) {
    counter = &telemetry::CounterOf("bellwether_records_consumed_total", "Records read", {{"topic", topic}});
  }
  return *counter;
}

void Progress::FoundNothing() {
  const absl::MutexLock lock(&mutex_);
  nothing_left_ = absl::Now();
}

int64_t Progress::LagOf(const std::pair<std::string, int32_t>& partition, int64_t next) const {
  int64_t low = 0;
  int64_t high = 0;
  const rd_kafka_resp_err_t error =
      rd_kafka_get_watermark_offsets(handle_, partition.first.c_str(), partition.second, &low, &high);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && high > next ? high - next : 0;  // Unknown is below zero.
}

Scraped::Values Progress::Lags() const {
  Scraped::Values values;
  const absl::MutexLock lock(&mutex_);
  for (const auto& [where, partition] : partitions_) {
    values.push_back({{{"topic", where.first}, {"partition", absl::StrCat(where.second)}},
                      static_cast<double>(LagOf(where, partition.next))});
  }
  return values;
}

// What waits has waited no longer than since nothing was left, and came after the last that was read.
Scraped::Values Progress::Seconds() const {
  const absl::Time now = absl::Now();
  std::map<std::string, absl::Duration> longest;
  const absl::MutexLock lock(&mutex_);
  for (const auto& [where, partition] : partitions_) {
    absl::Duration& waiting = longest[where.first];
    if (LagOf(where, partition.next) == 0) continue;
    absl::Duration here = now - nothing_left_;
    if (partition.newest < now) here = std::min(here, now - partition.newest);
    waiting = std::max(waiting, here);
  }
  Scraped::Values values;
  for (const auto& [topic, waiting] : longest) values.push_back({{{"topic", topic}}, absl::ToDoubleSeconds(waiting)});
  return values;
}

}  // namespace bellwether::bus
