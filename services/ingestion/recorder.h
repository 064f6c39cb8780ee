// Writes records into the log, over whichever sink there is.
#ifndef BELLWETHER_SERVICES_INGESTION_RECORDER_H_
#define BELLWETHER_SERVICES_INGESTION_RECORDER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/sink.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::ingestion {

// Where the record is, or why that is not known: the errors of bus::OnDelivery and RecordSink::Produce.
using OnRecorded = std::function<void(absl::StatusOr<codec::Position>)>;

// Thread-safe.
class Recorder {
 public:
  Recorder(std::string topic, uint32_t epoch);

  // `done` is called exactly once: from within the call if the record cannot be handed over, else from the sink's
  // thread.
  void Record(const codec::KeyedRecord& record, std::string_view traceparent, OnRecorded done);
  // The same of a record of another topic. Whether it was handed over.
  bool Write(const bus::OutgoingRecord& record, bus::OnDelivery done);

  // Puts another sink in place of the one there is (null: none, records fail with Unavailable). The old one is
  // destroyed, which answers what it has outstanding. Not from a callback.
  void SetSink(std::unique_ptr<bus::RecordSink> sink);
  // Whether there is a sink that still works.
  bool healthy() const;
  // Whether records are outstanding of which none was acknowledged for `patience`: as when too few brokers are left,
  // which those that are left do not tell. Ask it now and then, on one thread.
  bool Stalled(core::SteadyTime now, absl::Duration patience);
  // Sends what is outstanding, at most for `timeout`.
  bus::FlushResult Flush(absl::Duration timeout);

 private:
  const std::string topic_;
  const uint32_t epoch_;
  prometheus::Counter& recorded_;
  std::atomic<uint64_t> acknowledged_{0};
  // Shared while a record is handed over, alone while the sink is exchanged.
  mutable core::Mutex mutex_;
  std::unique_ptr<bus::RecordSink> sink_ ABSL_GUARDED_BY(mutex_);
  // Of the thread that asks Stalled.
  uint64_t acknowledged_before_ = 0;
  core::SteadyTime progress_;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_RECORDER_H_
