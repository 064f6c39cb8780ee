#include "port_watch.h"

#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rpc/listen.h"

namespace bellwether::rpc {
namespace {

using std::chrono::steady_clock;

// The client's preface of HTTP/2 and an empty SETTINGS frame; the server's answer begins with its own.
constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
constexpr size_t kFrameTypeAt = 3;
constexpr char kSettings = 4;
constexpr size_t kFrameHeaderBytes = 9;
// The types of TLS records that a server may begin with: an alert, a handshake.
constexpr char kTlsAlert = 21;
constexpr char kTlsHandshake = 22;

struct SslDeleter {
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(SSL* p) const { SSL_free(p); }
};

// What a TLS client says first.
std::string ClientHello() {
  const std::unique_ptr<SSL_CTX, SslDeleter> context(SSL_CTX_new(TLS_client_method()));
  const std::unique_ptr<SSL, SslDeleter> ssl(context ? SSL_new(context.get()) : nullptr);
  if (ssl == nullptr) return "";
  BIO* said = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), said);  // Owns both.
  SSL_connect(ssl.get());                              // Has nothing to read, and so only begins.
  ERR_clear_error();
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(said, &bytes);
  return std::string(bytes, static_cast<size_t>(std::max(size, 0L)));
}

absl::Status Failed(const char* what) { return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno))); }

// Waits for `events`; false at the deadline.
bool Await(int socket, short events, steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
  pollfd wait{socket, events, 0};
  return left.count() > 0 && poll(&wait, 1, static_cast<int>(left.count())) == 1;
}

}  // namespace

absl::Status AskPort(const sockaddr_storage& address, socklen_t length, bool tls, std::chrono::milliseconds timeout,
                     const std::function<void(const sockaddr_storage& own)>& before) {
  const auto deadline = steady_clock::now() + timeout;
  const OwnedFd socket(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return Failed("no socket");
  sockaddr_storage own = address;
  (address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(own).sin6_port
                                 : reinterpret_cast<sockaddr_in&>(own).sin_port) = 0;
  socklen_t own_length = length;
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), length) != 0 ||
      getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &own_length) != 0) {
    return Failed("no port to ask from");
  }
  before(own);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 && errno != EINPROGRESS)
    return Failed("it cannot be connected to");
  if (!Await(socket.get(), POLLOUT, deadline)) return absl::UnavailableError("no connection is accepted");
  const std::string question = tls ? ClientHello() : std::string(kPreface);
  if (send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(question.size()))
    return Failed("it cannot be connected to");
  std::string answer;
  while (answer.size() < (tls ? 1 : kFrameHeaderBytes)) {
    if (!Await(socket.get(), POLLIN, deadline)) return absl::UnavailableError("it does not answer");
    char bytes[kFrameHeaderBytes];
    const ssize_t size = recv(socket.get(), bytes, sizeof(bytes) - answer.size(), 0);
    if (size < 0 && errno == EAGAIN) continue;
    if (size < 0) return Failed("it does not answer");
    if (size == 0) return absl::UnavailableError("it closes connections at once");
    answer.append(bytes, static_cast<size_t>(size));
  }
  const bool right = tls ? answer[0] == kTlsHandshake || answer[0] == kTlsAlert : answer[kFrameTypeAt] == kSettings;
  return right ? absl::OkStatus() : absl::UnavailableError("it answers what no server of gRPC does");
}

PortWatch::PortWatch(std::function<absl::Status()> ask, PortPatience patience,
                     std::function<void(const std::string& reason)> on_deaf)
    : ask_(std::move(ask)), patience_(patience), on_deaf_(std::move(on_deaf)), thread_([this] { Run(); }) {}

PortWatch::~PortWatch() { Stop(); }

void PortWatch::Stop() {
  if (!thread_.joinable()) return;
  {
    const core::MutexLock lock(mutex_);
    stop_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

std::string PortWatch::NotLiveReason() const {
  const core::MutexLock lock(mutex_);
  return reason_;
}

void PortWatch::Run() {
  auto answered = steady_clock::now();
  int failures = 0;
  bool told = false;
  while (true) {
    const absl::Status s = ask_();
    std::string reason;
    if (s.ok()) {
      failures = 0;
      answered = steady_clock::now();
    } else if (++failures >= patience_.failures &&
               steady_clock::now() - answered >= (absl::IsDeadlineExceeded(s) ? patience_.busy : patience_.patience)) {
      reason = std::string(s.message());
    }
    {
      const core::MutexLock lock(mutex_);
      reason_ = reason;
    }
    if (!reason.empty() && !std::exchange(told, true)) on_deaf_(reason);
    const core::MutexLock lock(mutex_);
    const auto stopped = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; };
    if (changed_.WaitUntil(mutex_, core::SteadyTime::Now() + absl::FromChrono(patience_.interval), stopped)) return;
  }
}

}  // namespace bellwether::rpc
