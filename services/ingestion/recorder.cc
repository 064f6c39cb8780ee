#include "services/ingestion/recorder.h"

#include <utility>

#include "bellwether/core/mutex.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::ingestion {

Recorder::Recorder(std::string topic, uint32_t epoch)
    : topic_(std::move(topic)),
      epoch_(epoch),
      recorded_(
          telemetry::CounterOf("bellwether_readings_recorded_total", "Readings that were recorded and acknowledged")) {}

void Recorder::Record(const codec::KeyedRecord& record, std::string_view traceparent, OnRecorded done) {
  bus::OutgoingRecord out;
  out.topic = topic_;
  out.key = record.key.ToString();
  out.value = codec::EncodeRecord(record);
  out.headers = codec::HeadersOf(codec::EnvelopeOf(record, traceparent));
  const bool is_reading = std::holds_alternative<rating::Reading>(record.value);
  (void)Write(out, [done = std::move(done), counter = is_reading ? &recorded_ : nullptr,
                    this](const absl::StatusOr<bus::DeliveredAt>& at) {
    if (!at.ok()) return done(at.status());
    if (counter != nullptr) counter->Increment();
    done(codec::Position{epoch_, at->partition, at->offset});
  });
}

bool Recorder::Write(const bus::OutgoingRecord& record, bus::OnDelivery done) {
  const auto shared = std::make_shared<bus::OnDelivery>(std::move(done));
  absl::Status produced = absl::UnavailableError("there is no connection to the broker");
  {
    const core::ReaderLock lock(mutex_);
    if (sink_ != nullptr)
      produced = sink_->Produce(record, [this, shared](absl::StatusOr<bus::DeliveredAt> at) {
        if (at.ok()) acknowledged_.fetch_add(1, std::memory_order_relaxed);
        (*shared)(std::move(at));
      });
  }
  if (!produced.ok()) (*shared)(produced);
  return produced.ok();
}

void Recorder::SetSink(std::unique_ptr<bus::RecordSink> sink) {
  {
    const core::MutexLock lock(mutex_);
    std::swap(sink, sink_);
  }
  sink.reset();  // Not under the lock: its callbacks may record again.
}

bool Recorder::healthy() const {
  const core::ReaderLock lock(mutex_);
  return sink_ != nullptr && sink_->FatalError().ok();
}

bool Recorder::Stalled(core::SteadyTime now, absl::Duration patience) {
  const uint64_t acknowledged = acknowledged_.load(std::memory_order_relaxed);
  const core::ReaderLock lock(mutex_);
  const bool waiting = sink_ != nullptr && sink_->outstanding() > 0;
  if (!waiting || std::exchange(acknowledged_before_, acknowledged) != acknowledged) progress_ = now;
  return now - progress_ > patience;
}

bus::FlushResult Recorder::Flush(absl::Duration timeout) {
  const core::ReaderLock lock(mutex_);
  return sink_ == nullptr ? bus::FlushResult{} : sink_->Flush(timeout);
}

}  // namespace bellwether::ingestion
