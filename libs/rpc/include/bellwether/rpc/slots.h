// How much may be under way at once: so many calls, streams or bytes, of which one caller may not have all.
#ifndef BELLWETHER_RPC_SLOTS_H_
#define BELLWETHER_RPC_SLOTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "bellwether/core/mutex.h"

namespace bellwether::rpc {

// "ipv4:10.0.0.7:51234", as gRPC names a peer, without the port: whose share it is, where nobody says who calls.
std::string HostOf(std::string_view peer);

// Thread-safe. Must outlive what was taken of it.
class Slots {
 public:
  // What was taken, until it is destroyed.
  class Taken {
   public:
    Taken() = default;
    Taken(Taken&& other) noexcept { *this = std::move(other); }
    Taken& operator=(Taken&& other) noexcept {
      std::swap(slots_, other.slots_);
      std::swap(share_, other.share_);
      std::swap(count_, other.count_);
      return *this;
    }
    ~Taken() {
      if (slots_ != nullptr) slots_->Give(share_, count_);
    }

   private:
    friend class Slots;
    Slots* slots_ = nullptr;
    std::string share_;
    int64_t count_ = 0;
  };

  // Of `most` one share may have limits::kPercentOfHost.
  explicit Slots(int64_t most);

  // Takes `count` for the share of a caller (door.h), which may have so much of them. Absent: so much is not left.
  std::optional<Taken> Take(std::string_view share, int64_t count = 1) { return Take(share, count, most_of_share_); }
  std::optional<Taken> Take(std::string_view share, int64_t count, int64_t most_of_share);
  int64_t taken() const;

  // Of the process: calls of every kind, and the memory of requests that are being worked on.
  static Slots& Calls();
  static Slots& RequestMemory();

 private:
  void Give(const std::string& share, int64_t count);

  const int64_t most_;
  const int64_t most_of_share_;
  mutable core::Mutex mutex_;
  int64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int64_t, std::less<>> of_shares_ ABSL_GUARDED_BY(mutex_);  // Those that have any.
};

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_SLOTS_H_
