#include "bellwether/telemetry/trace.h"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/core/address.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::telemetry {
namespace {

using nlohmann::json;

constexpr size_t kBatch = 512;
constexpr size_t kWaiting = 8 * kBatch;  // More are dropped.
constexpr absl::Duration kInterval = absl::Seconds(1);
constexpr time_t kTimeoutSeconds = 2;
constexpr absl::Duration kLastSpans = absl::Seconds(2);  // What is not sent by then, after a stop, is dropped.
constexpr std::string_view kSampled = "01";

struct Endpoint {
  std::string host;
  int port = 0;
  std::string path;
};

std::optional<Endpoint> ParseEndpoint(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.substr(0, kScheme.size()) != kScheme) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const size_t slash = std::min(text.find('/'), text.size());
  const std::optional<core::Address> address = core::ParseAddress(text.substr(0, slash), 1);
  if (!address) return std::nullopt;
  Endpoint endpoint;
  endpoint.path = std::string(text.substr(slash));
  while (!endpoint.path.empty() && endpoint.path.back() == '/') endpoint.path.pop_back();
  endpoint.host = address->host;
  endpoint.port = address->port;
  return endpoint;
}

json Attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

class Exporter {
 public:
  Exporter(const Endpoint& endpoint, std::string service)
      : service_(std::move(service)),
        path_(endpoint.path + "/v1/traces"),
        client_(endpoint.host, endpoint.port),
        sent_(CounterOf("bellwether_spans_sent_total", "Spans that the collector took")),
        dropped_(CounterOf("bellwether_spans_dropped_total", "Spans that could not be sent")) {
    client_.set_connection_timeout(kTimeoutSeconds);
    client_.set_read_timeout(kTimeoutSeconds);
    client_.set_write_timeout(kTimeoutSeconds);
    thread_ = std::thread([this] { Run(); });
  }
  ~Exporter() {
    {
      const core::MutexLock lock(mutex_);
      stop_ = true;
      stop_by_ = core::SteadyTime::Now() + kLastSpans;
      due_.NotifyAll();
    }
    thread_.join();
  }

  void Add(json span) {
    const core::MutexLock lock(mutex_);
    if (waiting_.size() >= kWaiting) {
      dropped_.Increment();
    } else {
      waiting_.push_back(std::move(span));
      if (waiting_.size() == kBatch) due_.NotifyAll();
    }
  }

 private:
  bool Due() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stop_ || waiting_.size() >= kBatch; }

  void Run() {
    while (true) {
      json batch = json::array();
      bool last = false;
      {
        const core::MutexLock lock(mutex_);
        due_.WaitUntil(mutex_, core::SteadyTime::Now() + kInterval,
                       [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return Due(); });
        while (!waiting_.empty() && batch.size() < kBatch) {
          batch.push_back(std::move(waiting_.front()));
          waiting_.pop_front();
        }
        last = stop_ && (waiting_.empty() || failing_ || stop_by_.over());
      }
      if (!batch.empty()) Send(std::move(batch));
      if (last) return;
    }
  }

  void Send(json batch) {
    const auto count = static_cast<double>(batch.size());
    const json resource = {{"attributes", json::array({Attribute("service.name", service_)})}};
    const json scope = {{"scope", {{"name", "bellwether"}}}, {"spans", std::move(batch)}};
    const json body = {
        {"resourceSpans", json::array({{{"resource", resource}, {"scopeSpans", json::array({scope})}}})}};
    const httplib::Result result =
        client_.Post(path_.c_str(), body.dump(-1, ' ', false, json::error_handler_t::replace), "application/json");
    const bool failed = !result || result->status / 100 != 2;
    (failed ? dropped_ : sent_).Increment(count);
    if (failed != failing_) {
      if (failed) {
        spdlog::warn("spans are dropped: the collector answers {}",
                     result ? absl::StrCat("HTTP ", result->status) : httplib::to_string(result.error()));
      } else {
        spdlog::info("spans are sent again");
      }
    }
    failing_ = failed;
  }

  const std::string service_;
  const std::string path_;
  httplib::Client client_;
  prometheus::Counter& sent_;
  prometheus::Counter& dropped_;
  core::Mutex mutex_;
  core::CondVar due_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  core::SteadyTime stop_by_ ABSL_GUARDED_BY(mutex_);
  std::deque<json> waiting_ ABSL_GUARDED_BY(mutex_);
  bool failing_ = false;  // Of the thread.
  std::thread thread_;
};

// Spans may end on any thread while the export is stopped.
core::Mutex& ExporterMutex() {
  static auto* const mutex = new core::Mutex();
  return *mutex;
}
std::shared_ptr<Exporter> the_exporter ABSL_GUARDED_BY(ExporterMutex());  // NOLINT: one for the process.
std::atomic<bool> exporting{false};                                       // NOLINT: read at every span.

}  // namespace

bool ExportsSpans() { return exporting; }

namespace {

std::shared_ptr<Exporter> CurrentExporter() {
  const core::MutexLock lock(ExporterMutex());
  return the_exporter;
}

uint64_t Random() {
  thread_local absl::BitGen generator;
  return absl::Uniform<uint64_t>(absl::IntervalClosed, generator, 1, UINT64_MAX);  // Ids are never zero.
}

int HexDigit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string Hex(uint64_t number) { return absl::StrCat(absl::Hex(number, absl::kZeroPad16)); }

}  // namespace

std::string RandomId() { return Hex(Random()); }

absl::Status CheckTraceEndpoint(std::string_view endpoint) {
  if (ParseEndpoint(endpoint).has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("\"", std::string(endpoint),
                                                 "\" is not http://HOST:PORT[/PATH]; for https run a collector beside "
                                                 "the service"));
}

absl::Status ExportSpans(std::string_view endpoint, std::string_view service) {
  if (absl::Status checked = CheckTraceEndpoint(endpoint); !checked.ok()) return checked;
  const core::MutexLock lock(ExporterMutex());
  the_exporter = std::make_shared<Exporter>(*ParseEndpoint(endpoint), std::string(service));
  exporting = true;
  return absl::OkStatus();
}

void StopExportingSpans() {
  exporting = false;
  std::shared_ptr<Exporter> last;
  const core::MutexLock lock(ExporterMutex());
  last.swap(the_exporter);
}

Span::Span(std::string_view name, Kind kind, std::string_view parent) : kind_(kind) {
  const bool traced = core::IsTraceparent(parent);
  if (traced) traceparent_ = std::string(parent);
  if (!exporting) return;
  if (traced && (HexDigit(parent.back()) & 1) == 0) return;  // Not sampled.
  recorded_ = true;
  name_ = std::string(name);
  begin_ = absl::Now();
  began_ = core::SteadyTime::Now();
  if (traced) parent_span_id_ = traceparent_.substr(36, 16);
  const std::string trace_id = traced ? traceparent_.substr(3, 32) : Hex(Random()) + Hex(Random());
  traceparent_ = absl::StrCat("00-", trace_id, "-", Hex(Random()), "-", std::string(kSampled));
}

void Span::Set(std::string_view key, std::string value) {
  if (recorded_) attributes_.emplace_back(key, std::move(value));
}

void Span::Fail(std::string message) { error_ = std::move(message); }

void Span::End() {
  if (!std::exchange(recorded_, false)) return;
  const std::shared_ptr<Exporter> exporter = CurrentExporter();
  if (exporter == nullptr) return;
  json span = {{"traceId", traceparent_.substr(3, 32)},
               {"spanId", traceparent_.substr(36, 16)},
               {"name", name_},
               {"kind", static_cast<int>(kind_)},
               {"startTimeUnixNano", absl::StrCat(absl::ToUnixNanos(begin_))},
               {"endTimeUnixNano", absl::StrCat(absl::ToUnixNanos(begin_ + (core::SteadyTime::Now() - began_)))}};
  if (!parent_span_id_.empty()) span["parentSpanId"] = parent_span_id_;
  json attributes = json::array();
  for (const auto& [key, value] : attributes_) attributes.push_back(Attribute(key, value));
  span["attributes"] = std::move(attributes);
  if (!error_.empty()) span["status"] = {{"code", 2}, {"message", error_}};
  exporter->Add(std::move(span));
}

}  // namespace bellwether::telemetry
