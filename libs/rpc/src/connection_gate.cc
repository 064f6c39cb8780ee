#include "connection_gate.h"

#include <netinet/in.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"

namespace bellwether::rpc {
namespace {

using std::chrono::steady_clock;

constexpr int kMostATurn = 1000;
constexpr std::chrono::milliseconds kPause(100);
// To look which connections are gone costs a system call for each.
constexpr std::chrono::milliseconds kForgetInterval(100);
constexpr std::chrono::seconds kComplainInterval(10);

// The bytes by which one caller is told from another.
std::string AddressOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET6) {
    const in6_addr& in = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    const auto* bytes = reinterpret_cast<const char*>(&in);
    return IN6_IS_ADDR_V4MAPPED(&in) ? std::string(bytes + 12, 4) : std::string(bytes, 8);
  }
  const in_addr& in = reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
  return std::string(reinterpret_cast<const char*>(&in), sizeof(in));
}

bool SameEnd(const sockaddr_storage& a, const sockaddr_storage& b) {
  if (a.ss_family != b.ss_family) return false;
  if (a.ss_family == AF_INET6) {
    const auto& a6 = reinterpret_cast<const sockaddr_in6&>(a);
    const auto& b6 = reinterpret_cast<const sockaddr_in6&>(b);
    return a6.sin6_port == b6.sin6_port && IN6_ARE_ADDR_EQUAL(&a6.sin6_addr, &b6.sin6_addr);
  }
  const auto& a4 = reinterpret_cast<const sockaddr_in&>(a);
  const auto& b4 = reinterpret_cast<const sockaddr_in&>(b);
  return a4.sin_port == b4.sin_port && a4.sin_addr.s_addr == b4.sin_addr.s_addr;
}

}  // namespace

GateLimits DefaultGateLimits() {
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  // bellwether-standalone has two servers in one process; the rest is for Kafka, the admin port and files.
  const int connections = static_cast<int>(std::min<rlim_t>(core::limits::kConnections, descriptors.rlim_cur / 3));
  return {connections, connections * 3 / 4};
}

ConnectionGate::ConnectionGate(Listening listening, GateLimits limits, std::function<void(int, int)> take)
    : listening_(std::move(listening)),
      limits_(limits),
      take_(std::move(take)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      refused_(telemetry::CounterOf("bellwether_connections_refused_total",
                                    "Connections that were closed at once, because there were too many")),
      failures_(telemetry::CounterOf("bellwether_accept_failures_total",
                                     "Times that no connection could be accepted, such as for want of descriptors")),
      thread_([this] { Run(); }),
      connections_(telemetry::Scraped::Kind::kGauge, "bellwether_connections", "Open connections of the gRPC port",
                   [this]() -> telemetry::Scraped::Values {
                     const core::MutexLock lock(mutex_);
                     ForgetClosed();
                     return {{{}, static_cast<double>(open_.size())}};
                   }) {}

ConnectionGate::~ConnectionGate() { Stop(); }

void ConnectionGate::Stop() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
  thread_.join();
  listening_.sockets.clear();
}

void ConnectionGate::Expect(const sockaddr_storage& own) {
  const core::MutexLock lock(mutex_);
  own_ = own;
  took_own_ = false;
}

bool ConnectionGate::IsAtWork() {
  const core::MutexLock lock(mutex_);
  return took_own_ || handing_over_;
}

void ConnectionGate::Run() {
  std::vector<pollfd> all = {{wake_.get(), POLLIN, 0}};
  for (const OwnedFd& socket : listening_.sockets) all.push_back({socket.get(), POLLIN, 0});
  bool pause = false;
  while (true) {
    const int ready = pause ? poll(all.data(), 1, static_cast<int>(kPause.count())) : poll(all.data(), all.size(), -1);
    if (ready < 0) {
      if (errno != EINTR) std::this_thread::sleep_for(kPause);  // For want of memory.
      continue;
    }
    if (all[0].revents != 0) return;
    if (std::exchange(pause, false)) continue;
    for (size_t i = 1; i < all.size(); ++i) {
      if (all[i].revents != 0 && !AcceptAll(all[i].fd)) pause = true;
    }
  }
}

bool ConnectionGate::AcceptAll(int listening) {
  for (int i = 0; i < kMostATurn; ++i) {  // Then it is seen whether to stop.
    sockaddr_storage peer{};
    socklen_t length = sizeof(peer);
    OwnedFd connection(accept4(listening, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection.get() < 0) {
      if (errno == EAGAIN) return true;
      if (errno == EINTR || errno == ECONNABORTED) continue;
      failures_.Increment();
      Complain(absl::StrCat("cannot accept a connection: ", std::strerror(errno)));
      return false;
    }
    struct stat id {};
    fstat(connection.get(), &id);
    const std::string address = AddressOf(peer);
    {
      const core::MutexLock lock(mutex_);
      // Its number was another's, who is gone.
      if (const auto before = open_.find(connection.get()); before != open_.end()) Forget(before);
      const bool own = SameEnd(peer, own_);
      if (!own && Refuses(address)) continue;
      took_own_ |= own;
      open_[connection.get()] = {address, id.st_dev, id.st_ino};
      ++open_of_[address];
      handing_over_ = true;
    }
    take_(listening, connection.release());
    const core::MutexLock lock(mutex_);
    handing_over_ = false;
  }
  return true;
}

bool ConnectionGate::Refuses(const std::string& address) {
  if (!IsFull(address)) return false;
  if (const auto now = steady_clock::now(); now - forgot_ >= kForgetInterval) {
    forgot_ = now;
    ForgetClosed();
    if (!IsFull(address)) return false;
  }
  refused_.Increment();
  Complain(absl::StrCat("connections are refused: there are ", open_.size(), " (at most ", limits_.connections, "), ",
                        open_of_[address], " of one address (at most ", limits_.connections_an_address, ")"));
  return true;
}

bool ConnectionGate::IsFull(const std::string& address) {
  if (std::cmp_greater_equal(open_.size(), limits_.connections)) return true;
  const auto found = open_of_.find(address);
  return found != open_of_.end() && found->second >= limits_.connections_an_address;
}

// gRPC does not tell when it closes a connection: then its descriptor is another file's, or none.
void ConnectionGate::ForgetClosed() {
  for (auto open = open_.begin(); open != open_.end();) {
    const auto next = std::next(open);
    struct stat id {};
    if (fstat(open->first, &id) != 0 || id.st_dev != open->second.device || id.st_ino != open->second.inode)
      Forget(open);
    open = next;
  }
}

void ConnectionGate::Forget(std::map<int, Open>::iterator open) {
  const auto count = open_of_.find(open->second.address);
  if (--count->second == 0) open_of_.erase(count);
  open_.erase(open);
}

void ConnectionGate::Complain(const std::string& what) {
  const auto now = steady_clock::now();
  if (complained_ != steady_clock::time_point{} && now - complained_ < kComplainInterval) return;
  complained_ = now;
  spdlog::warn("gRPC port: {}", what);
}

}  // namespace bellwether::rpc
