#include "bellwether/rpc/slots.h"

#include <algorithm>

#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"

namespace bellwether::rpc {

std::string HostOf(std::string_view peer) { return std::string(peer.substr(0, peer.rfind(':'))); }

Slots::Slots(int64_t most)
    : most_(most), most_of_host_(std::max<int64_t>(1, most * core::limits::kPercentOfHost / 100)) {}

std::optional<Slots::Taken> Slots::Take(std::string_view peer, int64_t count) {
  Taken taken;
  taken.host_ = HostOf(peer);
  taken.count_ = count;
  const core::MutexLock lock(mutex_);
  const auto of_host = of_hosts_.find(taken.host_);
  const int64_t before = of_host == of_hosts_.end() ? 0 : of_host->second;
  if (taken_ + count > most_ || before + count > most_of_host_) return std::nullopt;
  taken_ += count;
  if (of_host == of_hosts_.end()) {
    of_hosts_.emplace(taken.host_, count);
  } else {
    of_host->second += count;
  }
  taken.slots_ = this;
  return taken;
}

void Slots::Give(const std::string& host, int64_t count) {
  const core::MutexLock lock(mutex_);
  taken_ -= count;
  const auto of_host = of_hosts_.find(host);
  of_host->second -= count;
  if (of_host->second == 0) of_hosts_.erase(of_host);
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
