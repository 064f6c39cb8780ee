// How much one call may cost, and whether anybody still waits for its answer.
#ifndef BELLWETHER_SERVICES_QUERY_EFFORT_H_
#define BELLWETHER_SERVICES_QUERY_EFFORT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"

namespace bellwether::query {

// Of one attempt at an answer. Work is counted before it is done, never timed: the same question costs the same
// everywhere. Not thread-safe, but for what `cancelled` asks.
class Effort {
 public:
  // In nanoseconds of a core, roughly (docs/operations.md, "What one call can cost").
  static constexpr int64_t kLabel = 200;         // Reading what a record is about.
  static constexpr int64_t kFold = 3'000;        // Folding a record into a ledger.
  static constexpr int64_t kRow = 30'000;        // Making a row, a score or a definition for an answer.
  static constexpr int64_t kItem = 3'000;        // Making a smaller item, such as a reading.
  static constexpr int64_t kFindings = 10'000;   // Looking for findings in one row.
  static constexpr int64_t kQuick = 5'000'000;   // Of an attempt that must not hold up other calls.
  static constexpr int64_t kPage = 500'000'000;  // After which a page of a list ends, full or not.

  // Asked now and then: whether the caller is gone. May be null: it cannot be.
  using Cancelled = std::function<bool()>;

  // To be given up where it costs more than a quick answer: it is then tried again elsewhere, as a whole.
  static Effort Quick(Cancelled cancelled = nullptr) { return Effort(kQuick, kPage, std::move(cancelled)); }
  static Effort Whole(Cancelled cancelled = nullptr, int64_t page = kPage) {
    return Effort(INT64_MAX, page, std::move(cancelled));
  }

  // So much more is about to be done, `times` over. False: leave it, and end the attempt with status().
  [[nodiscard]] bool Spend(int64_t each, size_t times = 1) {
    spent_ += each * static_cast<int64_t>(times);
    if (spent_ > limit_) return false;
    if (spent_ < ask_at_) return !gone_;
    ask_at_ = spent_ + kAskEvery;
    gone_ = gone_ || (cancelled_ != nullptr && cancelled_());
    return !gone_;
  }
  // Whether a list ends its page here, however few items that has: what follows belongs to the next one.
  bool PageIsOver() const { return spent_ > page_; }
  // Whether it was given up for what it costs.
  bool TooLong() const { return spent_ > limit_; }
  int64_t spent() const { return spent_; }
  // Of an attempt that Spend ended: Cancelled.
  static absl::Status Ended() { return absl::CancelledError("the caller went away"); }

 private:
  static constexpr int64_t kAskEvery = 1'000'000;

  Effort(int64_t limit, int64_t page, Cancelled cancelled)
      : limit_(limit), page_(page), cancelled_(std::move(cancelled)) {}

  const int64_t limit_;
  const int64_t page_;
  const Cancelled cancelled_;
  int64_t spent_ = 0;
  int64_t ask_at_ = 0;
  bool gone_ = false;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_EFFORT_H_
