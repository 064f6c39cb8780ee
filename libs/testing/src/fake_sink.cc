#include <deque>
#include <thread>
#include <utility>

#include "bellwether/core/mutex.h"
#include "fake_bus_state.h"

namespace bellwether::testing {
namespace {

class FakeSink final : public bus::RecordSink {
 public:
  explicit FakeSink(FakeBus::State* bus) : bus_(*bus) {
    {
      const core::MutexLock lock(bus_.mutex);
      generation_ = bus_.sink_generation;
    }
    thread_ = std::thread([this] { Deliver(); });
  }

  ~FakeSink() override {
    {
      const core::MutexLock lock(bus_.mutex);
      stop_ = true;
      bus_.changed.NotifyAll();
    }
    thread_.join();
  }

  absl::Status Produce(const bus::OutgoingRecord& record, bus::OnDelivery on_delivery) override {
    const core::MutexLock lock(bus_.mutex);
    if (Failed()) return Fatal();
    if (!bus_.refusal.ok()) return bus_.refusal;
    queue_.emplace_back(record, std::move(on_delivery));
    ++outstanding_;
    bus_.changed.NotifyAll();
    return absl::OkStatus();
  }

  bus::FlushResult Flush(absl::Duration timeout) override {
    const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
    const core::MutexLock lock(bus_.mutex);
    const size_t failed_before = failed_;
    bus_.changed.WaitUntil(bus_.mutex, deadline,
                           [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) { return outstanding_ == 0; });
    return {.failed = failed_ - failed_before, .undelivered = outstanding_};
  }

  absl::Status FatalError() const override {
    const core::MutexLock lock(bus_.mutex);
    return Failed() ? Fatal() : absl::OkStatus();
  }

  size_t outstanding() const override {
    const core::MutexLock lock(bus_.mutex);
    return outstanding_;
  }

 private:
  static absl::Status Fatal() { return absl::AbortedError("the producer failed for good"); }
  bool Failed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) { return bus_.sink_generation != generation_; }

  absl::StatusOr<bus::DeliveredAt> Result(const bus::OutgoingRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) {
    if (Failed()) return Fatal();
    if (stop_) return absl::CancelledError("the sink was destroyed first");
    if (bus_.failure.ok()) return bus_.Store(record);
    if (bus_.store_failed) bus_.Store(record).IgnoreError();
    return bus_.failure;
  }

  void Deliver() {
    const core::MutexLock lock(bus_.mutex);
    while (true) {
      const bool may_deliver = !bus_.hold || stop_ || Failed();
      if (queue_.empty() && stop_) return;
      if (queue_.empty() || !may_deliver) {
        bus_.changed.WaitUntil(bus_.mutex, core::SteadyTime::InfiniteFuture(),
                               [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) {
                                 return stop_ || (!queue_.empty() && (!bus_.hold || Failed()));
                               });
        continue;
      }
      auto [record, on_delivery] = std::move(queue_.front());
      queue_.pop_front();
      absl::StatusOr<bus::DeliveredAt> result = Result(record);
      const bool failed = !result.ok();
      bus_.mutex.Unlock();
      if (on_delivery) on_delivery(std::move(result));
      bus_.mutex.Lock();
      --outstanding_;
      failed_ += failed;
      bus_.changed.NotifyAll();
    }
  }

  FakeBus::State& bus_;
  int generation_ = 0;
  std::deque<std::pair<bus::OutgoingRecord, bus::OnDelivery>> queue_ ABSL_GUARDED_BY(bus_.mutex);
  size_t outstanding_ ABSL_GUARDED_BY(bus_.mutex) = 0;
  size_t failed_ ABSL_GUARDED_BY(bus_.mutex) = 0;
  bool stop_ ABSL_GUARDED_BY(bus_.mutex) = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<bus::RecordSink> FakeBus::MakeSink() { return std::make_unique<FakeSink>(state_.get()); }

}  // namespace bellwether::testing
