#include "bellwether/bus/embedded_broker.h"

#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "absl/strings/str_cat.h"
#include "client.h"
#include "settings.h"

namespace bellwether::bus {
namespace {

// What the mock's listening socket is to be bound to, while this thread makes a mock cluster; and what came of it.
struct BindRequest {
  uint16_t port = 0;
  int fd = 0;
  int error = 0;
};
thread_local BindRequest* bind_request = nullptr;

// The listening sockets of the embedded brokers of this process. 0, which no listener ever is, stands for none.
constexpr size_t kMostBrokers = 16;
std::array<std::atomic<int>, kMostBrokers> listeners{};

void ReplaceListener(int from, int to) {
  for (std::atomic<int>& listener : listeners) {
    int expected = from;
    if (listener.compare_exchange_strong(expected, to)) return;
  }
}

bool IsListener(int fd) {
  for (const std::atomic<int>& listener : listeners) {
    if (listener == fd) return true;
  }
  return false;
}

template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

using BindFunction = int (*)(int, const sockaddr*, socklen_t);
using AcceptFunction = int (*)(int, sockaddr*, socklen_t*);

int RealBind(int fd, const sockaddr* address, socklen_t size) {
  static const auto next = Next<BindFunction>("bind");
  return next(fd, address, size);
}

int RealAccept(int fd, sockaddr* address, socklen_t* size) {
  static const auto next = Next<AcceptFunction>("accept");
  return next(fd, address, size);
}

// The mock binds to any port of 127.0.0.1. When the wanted one is taken, that is let stand: the mock does not survive
// an error here.
int BindTo(BindRequest* request, int fd, const sockaddr* address, socklen_t size) {
  request->fd = fd;
  sockaddr_in wanted{};
  if (request->port == 0 || size < sizeof(wanted)) return RealBind(fd, address, size);
  std::memcpy(&wanted, address, sizeof(wanted));
  wanted.sin_port = htons(request->port);
  if (RealBind(fd, reinterpret_cast<const sockaddr*>(&wanted), sizeof(wanted)) == 0) return 0;
  request->error = errno;
  return RealBind(fd, address, size);
}

#ifdef ABSL_HAVE_ADDRESS_SANITIZER
// The mock names its cluster by the address where it lies, and AddressSanitizer's allocator gives every process the
// same one: a broker that was started anew would pass for the old one. Blocks of the mock's size (librdkafka 2.0.2),
// held while it is made, move it.
std::vector<std::unique_ptr<std::array<char, 1376>>> Ballast() {
  std::random_device random;
  std::vector<std::unique_ptr<std::array<char, 1376>>> blocks(random() % 16384);
  for (auto& block : blocks) block = std::make_unique<std::array<char, 1376>>();
  return blocks;
}
#else
int Ballast() { return 0; }
#endif

void LogTrouble(const rd_kafka_t* handle, int /*level*/, const char* /*facility*/, const char* text) {
  const auto& log = *static_cast<const LogFunction*>(rd_kafka_opaque(handle));
  log(LogLevel::kError, absl::StrCat("embedded broker: ", text));
}

class MockBroker final : public EmbeddedBroker {
 public:
  ~MockBroker() override {
    if (cluster_ != nullptr) rd_kafka_mock_cluster_destroy(cluster_);
    if (listener_ != 0) ReplaceListener(listener_, 0);
  }

  absl::Status Start(const EmbeddedBrokerOptions& options) {
    log_ = options.log ? options.log : LogToSpdlog;
    RdKafkaPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
    rd_kafka_conf_set_opaque(conf.get(), &log_);
    rd_kafka_conf_set_log_cb(conf.get(), &LogTrouble);
    // Errors only: it says otherwise that it knows no broker. The handle just carries the mock's bookkeeping.
    if (absl::Status set = SetProperty(conf.get(), {"log_level", "3"}); !set.ok()) return set;
    std::array<char, 256> text{};
    handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text.data(), text.size()));
    if (handle_ == nullptr) return absl::InternalError(absl::StrCat("embedded broker: ", text.data()));
    (void)conf.release();
    BindRequest request{.port = options.port};
    bind_request = &request;
    [[maybe_unused]] const auto ballast = Ballast();
    cluster_ = rd_kafka_mock_cluster_new(handle_.get(), 1);
    bind_request = nullptr;
    if (request.error != 0) {
      const absl::StatusCode code =
          request.error == EADDRINUSE ? absl::StatusCode::kAlreadyExists : absl::StatusCode::kUnavailable;
      return absl::Status(
          code, absl::StrCat("embedded broker: port ", options.port, " on 127.0.0.1: ", std::strerror(request.error)));
    }
    if (cluster_ == nullptr) return absl::UnavailableError("embedded broker: could not be started");
    if (request.fd == 0) {
      return absl::InternalError("embedded broker: bind() is not interposed; the executable must export it");
    }
    listener_ = request.fd;
    ReplaceListener(0, listener_);
    bootstrap_servers_ = rd_kafka_mock_cluster_bootstraps(cluster_);
    for (const TopicSpec& topic : options.topics) {
      const rd_kafka_resp_err_t error =
          rd_kafka_mock_topic_create(cluster_, topic.name.c_str(), topic.partitions, /*replication_factor=*/1);
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(error, absl::StrCat("embedded broker: ", topic.name));
    }
    return absl::OkStatus();
  }

  const std::string& bootstrap_servers() const override { return bootstrap_servers_; }

  void SetDown(bool down) override {
    if (down) {
      rd_kafka_mock_broker_set_down(cluster_, -1);
    } else {
      rd_kafka_mock_broker_set_up(cluster_, -1);
    }
  }

  void RefuseNextBatch(int16_t kafka_error) override {
    constexpr int16_t kProduceRequest = 0;
    rd_kafka_mock_push_request_errors(cluster_, kProduceRequest, 1, static_cast<rd_kafka_resp_err_t>(kafka_error));
  }

 private:
  LogFunction log_;
  RdKafkaPtr<rd_kafka_t> handle_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  int listener_ = 0;
  std::string bootstrap_servers_;
};

}  // namespace

std::string EmbeddedBrokerNotice() {
  return "the embedded broker keeps nothing over a restart, and 20,000 to 100,000 readings a partition at most; for "
         "more, "
         "run Apache Kafka and give its address with --kafka HOST:PORT";
}

absl::StatusOr<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::Start(const EmbeddedBrokerOptions& options) {
  auto broker = std::make_unique<MockBroker>();
  if (absl::Status started = broker->Start(options); !started.ok()) return started;
  return broker;
}

}  // namespace bellwether::bus

// In the same object as EmbeddedBroker, so that whoever links that gets these before the C library's.
extern "C" {

__attribute__((visibility("default"))) int bind(int fd, const sockaddr* address, socklen_t size) noexcept {
  using bellwether::bus::bind_request;
  if (bind_request != nullptr) return bellwether::bus::BindTo(bind_request, fd, address, size);
  return bellwether::bus::RealBind(fd, address, size);
}

// The mock answers in several small writes: without TCP_NODELAY each waits 40 ms for the client's acknowledgement.
__attribute__((visibility("default"))) int accept(int fd, sockaddr* address, socklen_t* size) {
  const int accepted = bellwether::bus::RealAccept(fd, address, size);
  if (accepted >= 0 && bellwether::bus::IsListener(fd)) {
    const int on = 1;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  return accepted;
}
}
