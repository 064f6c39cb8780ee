#include "services/ingestion/dead_letter_desk.h"

#include <utility>

#include "bellwether/core/mutex.h"

namespace bellwether::ingestion {
namespace {

constexpr size_t kMostWaiting = 16;

}  // namespace

DeadLetterDesk::DeadLetterDesk(uint32_t epoch, std::string dead_letter_topic, std::string indicators_topic)
    : epoch_(epoch),
      dead_letter_topic_(std::move(dead_letter_topic)),
      indicators_topic_(std::move(indicators_topic)),
      thread_([this] { Run(); }) {}

DeadLetterDesk::~DeadLetterDesk() { Stop(); }

void DeadLetterDesk::SetMakeSource(MakeSource make_source) {
  const core::MutexLock lock(mutex_);
  make_source_ = std::move(make_source);
}

bool DeadLetterDesk::Post(core::SteadyTime deadline, LetterCancelled cancelled, Task task) {
  const core::MutexLock lock(mutex_);
  if (waiting_.size() >= kMostWaiting) {
    // Who went away keeps no place.
    std::erase_if(waiting_, [](const Waiting& waiting) { return waiting.cancelled != nullptr && waiting.cancelled(); });
    if (waiting_.size() >= kMostWaiting) return false;
  }
  waiting_.push_back({deadline, std::move(cancelled), std::move(task)});
  changed_.NotifyAll();
  return true;
}

void DeadLetterDesk::RequestStop() {
  std::deque<Waiting> dropped;  // Destroyed outside the lock: they hold calls.
  {
    const core::MutexLock lock(mutex_);
    stop_ = true;
    dropped.swap(waiting_);
    changed_.NotifyAll();
  }
}

void DeadLetterDesk::Stop() {
  RequestStop();
  if (thread_.joinable()) thread_.join();
}

void DeadLetterDesk::Run() {
  while (true) {
    Waiting next;
    MakeSource make_source;
    {
      const core::MutexLock lock(mutex_);
      const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || !waiting_.empty(); };
      changed_.WaitUntil(mutex_, core::SteadyTime::InfiniteFuture(), something);
      if (stop_) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
      make_source = make_source_;
    }
    Answer(next, make_source);
  }
}

void DeadLetterDesk::Answer(const Waiting& waiting, const MakeSource& make_source) const {
  if (waiting.cancelled != nullptr && waiting.cancelled()) return;
  if (make_source == nullptr) return waiting.task(absl::UnavailableError("there is no connection to the broker"));
  const absl::StatusOr<std::unique_ptr<bus::RecordSource>> source = make_source();
  if (!source.ok()) return waiting.task(absl::UnavailableError(source.status().message()));
  DeadLetterReader reader(source->get(), epoch_, dead_letter_topic_, indicators_topic_, waiting.deadline, stop_,
                          waiting.cancelled);
  waiting.task(&reader);
}

}  // namespace bellwether::ingestion
