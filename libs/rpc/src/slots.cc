#include "bellwether/rpc/slots.h"

#include <algorithm>

#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"

namespace bellwether::rpc {

std::string HostOf(std::string_view peer) { return std::string(peer.substr(0, peer.rfind(':'))); }

Slots::Slots(int64_t most)
    : most_(most), most_of_share_(std::max<int64_t>(1, most * core::limits::kPercentOfHost / 100)) {}

std::optional<Slots::Taken> Slots::Take(std::string_view share, int64_t count, int64_t most_of_share) {
  Taken taken;
  taken.share_ = std::string(share);
  taken.count_ = count;
  const core::MutexLock lock(mutex_);
  const auto of_share = of_shares_.find(taken.share_);
  const int64_t before = of_share == of_shares_.end() ? 0 : of_share->second;
  if (taken_ + count > most_ || before + count > most_of_share) return std::nullopt;
  taken_ += count;
  if (of_share == of_shares_.end()) {
    of_shares_.emplace(taken.share_, count);
  } else {
    of_share->second += count;
  }
  taken.slots_ = this;
  return taken;
}

void Slots::Give(const std::string& share, int64_t count) {
  const core::MutexLock lock(mutex_);
  taken_ -= count;
  const auto of_share = of_shares_.find(share);
  of_share->second -= count;
  if (of_share->second == 0) of_shares_.erase(of_share);
}

int64_t Slots::taken() const {
  const core::MutexLock lock(mutex_);
  return taken_;
}

Slots& Slots::Calls() {
  static auto* const slots = new Slots(core::limits::kCallsOfServer);
  return *slots;
}

Slots& Slots::RequestMemory() {
  static auto* const slots = new Slots(core::limits::kRequestsMemoryBytes);
  return *slots;
}

}  // namespace bellwether::rpc
