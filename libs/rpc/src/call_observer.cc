#include "call_observer.h"

#include <google/protobuf/descriptor.h>
#include <grpc/grpc.h>
#include <grpcpp/server_context.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/call.h"
#include "bellwether/rpc/slots.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/telemetry/metrics.h"
#include "bellwether/telemetry/trace.h"

namespace bellwether::rpc {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

constexpr std::string_view kOwnServices = "/bellwether.";  // Not health, not reflection.
constexpr std::string_view kRequestId = "x-request-id";

// As the standard writes them.
constexpr std::array<std::string_view, 17> kCodes = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string_view NameOf(grpc::StatusCode code) {
  const auto i = static_cast<size_t>(code);
  return i < kCodes.size() ? kCodes[i] : "UNKNOWN";
}

bool IsOurFault(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return true;
    default:
      return false;
  }
}

// The metrics of a method, which are looked up once: the registry's own look-up takes a lock and makes labels.
struct MethodMetrics {
  MethodMetrics(std::string_view path, std::string_view type)
      : labels({{"grpc_type", std::string(type)},
                {"grpc_service", std::string(path.substr(1, path.rfind('/') - 1))},
                {"grpc_method", std::string(path.substr(path.rfind('/') + 1))}}),
        started(telemetry::CounterOf("grpc_server_started_total", "Calls that began", labels)),
        seconds(telemetry::HistogramOf("grpc_server_handling_seconds", "Time from a call's beginning to its status",
                                       telemetry::SecondsBounds(), labels)) {
    // From 0 on: a first failure must show as a rise.
    for (size_t code = 0; code < kCodes.size(); ++code) {
      const auto status = static_cast<grpc::StatusCode>(code);
      if (status == grpc::StatusCode::OK || IsOurFault(status)) Handled(status);
    }
  }

  prometheus::Counter& Handled(grpc::StatusCode code) {
    std::atomic<prometheus::Counter*>& slot = handled[std::min<size_t>(static_cast<size_t>(code), kCodes.size() - 1)];
    prometheus::Counter* counter = slot.load();
    if (counter == nullptr) {
      telemetry::Labels with_code = labels;
      with_code["grpc_code"] = std::string(NameOf(code));
      counter = &telemetry::CounterOf("grpc_server_handled_total", "Calls that ended, by status", with_code);
      slot = counter;
    }
    return *counter;
  }

  const telemetry::Labels labels;
  prometheus::Counter& started;
  prometheus::Histogram& seconds;
  std::array<std::atomic<prometheus::Counter*>, kCodes.size()> handled{};
};

// There are few.
MethodMetrics& MetricsOf(std::string_view method, std::string_view type) {
  static auto* const mutex = new core::Mutex();
  static auto* const all = new std::map<std::string, std::unique_ptr<MethodMetrics>, std::less<>>();
  const core::MutexLock lock(*mutex);
  auto found = all->find(method);
  if (found == all->end()) found = all->emplace(method, std::make_unique<MethodMetrics>(method, type)).first;
  return *found->second;
}

std::string_view TypeOf(bool client_streams, bool server_streams) {
  if (client_streams) return server_streams ? "bidi_stream" : "client_stream";
  return server_streams ? "server_stream" : "unary";
}

std::string_view TypeOf(const grpc::experimental::ServerRpcInfo& info) {
  using Type = grpc::experimental::ServerRpcInfo::Type;
  return TypeOf(info.type() == Type::CLIENT_STREAMING || info.type() == Type::BIDI_STREAMING,
                info.type() == Type::SERVER_STREAMING || info.type() == Type::BIDI_STREAMING);
}

class CallObserver : public grpc::experimental::Interceptor {
 public:
  explicit CallObserver(grpc::experimental::ServerRpcInfo* info)
      : method_(info->method()), metrics_(MetricsOf(method_, TypeOf(*info))), begin_(core::SteadyTime::Now()) {
    metrics_.started.Increment();
  }
  ~CallObserver() override { End(grpc::Status::CANCELLED); }  // Unless it ended before: the caller went away.

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) Begin(methods);
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->emplace(kRequestId, request_id_);
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) End(methods->GetSendStatus());
    methods->Proceed();
  }

 private:
  void Begin(InterceptorBatchMethods* methods) {
    auto* metadata = methods->GetRecvInitialMetadata();
    if (metadata == nullptr) return;
    const auto text = [&](const char* name) {
      const auto found = metadata->find(name);
      return found == metadata->end() ? std::string_view()
                                      : std::string_view(found->second.data(), found->second.size());
    };
    const std::string_view sent = text(kRequestId.data());
    request_id_ = IsRequestId(sent) ? std::string(sent) : telemetry::RandomId();
    if (request_id_ != sent && !sent.empty()) request_id_refused_ = "not an id: 1 to 128 letters, digits, -_.~:/+=@#;";
    span_.emplace(std::string_view(method_).substr(1), telemetry::Span::Kind::kServer, text("traceparent"));
    span_->Set("rpc.system", "grpc");
    span_->Set("request.id", request_id_);
    metadata->erase(kRequestId.data());  // Handlers find the one that the answer tells.
    metadata->emplace(kRequestId.data(), request_id_);
    metadata->erase("traceparent");
    if (!span_->traceparent().empty()) metadata->emplace("traceparent", span_->traceparent());
  }

  void End(const grpc::Status& status) {
    if (std::exchange(ended_, true)) return;
    const double seconds = absl::ToDoubleSeconds(core::SteadyTime::Now() - begin_);
    metrics_.seconds.Observe(seconds);
    metrics_.Handled(status.error_code()).Increment();
    const bool our_fault = IsOurFault(status.error_code());
    const auto fields = [&]() -> telemetry::LogFields {
      return {{"method", method_},
              {"code", std::string(NameOf(status.error_code()))},
              {"seconds", absl::StrCat(seconds)},
              {"request_id", request_id_},
              {"sent_request_id", request_id_refused_},
              {"trace_id", span_ ? span_->trace_id() : ""}};
    };
    static telemetry::LogLimit limit;  // An outage must not fill the disk.
    if (our_fault && limit.Take()) {
      telemetry::LogWarning(absl::StrCat("call failed: ", status.error_message()), fields());
    } else if (telemetry::LogsDebug()) {
      telemetry::LogDebug("call", fields());
    }
    if (!span_) return;
    span_->Set("rpc.grpc.status_code", absl::StrCat(static_cast<int>(status.error_code())));
    if (our_fault) span_->Fail(std::string(NameOf(status.error_code())));
    span_->End();
  }

  const char* const method_;
  MethodMetrics& metrics_;
  const core::SteadyTime begin_;
  std::string request_id_;
  std::string request_id_refused_;  // Why it is not the caller's. Empty: it is, or none was sent.
  std::optional<telemetry::Span> span_;
  bool ended_ = false;
};

// A call of a service that gRPC brings: health, and reflection, each stream of which takes a thread.
class GuestCall : public grpc::experimental::Interceptor {
 public:
  explicit GuestCall(grpc::ServerContextBase* context) : context_(context) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    static auto* const slots = new Slots(core::limits::kCallsOfConnection);
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      slot_ = slots->Take(HostOf(context_->peer()));
      if (!slot_.has_value()) {
        grpc_call_cancel_with_status(context_->c_call(), GRPC_STATUS_RESOURCE_EXHAUSTED,
                                     TooManyCalls().error_message().c_str(), nullptr);
      }
    }
    methods->Proceed();
  }

 private:
  grpc::ServerContextBase* const context_;
  std::optional<Slots::Taken> slot_;
};

class Factory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    const std::string_view method(info->method());
    if (method.substr(0, kOwnServices.size()) == kOwnServices) return new CallObserver(info);
    return new GuestCall(info->server_context());
  }
};

}  // namespace

bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= core::limits::kRequestIdCharacters &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  std::string_view("-_.~:/+=@#;").find(c) != std::string_view::npos;
         });
}

void MakeCallMetrics(const std::string& service) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
  if (descriptor == nullptr) return;
  for (int i = 0; i < descriptor->method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *descriptor->method(i);
    MetricsOf(absl::StrCat("/", service, "/", method.name()),
              TypeOf(method.client_streaming(), method.server_streaming()));
  }
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallObserver() {
  return std::make_unique<Factory>();
}

}  // namespace bellwether::rpc
