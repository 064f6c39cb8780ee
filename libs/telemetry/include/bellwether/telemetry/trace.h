// Traces: what a feed's call led to, from service to service (W3C trace context), as spans for an OpenTelemetry
// collector. Debian 12 has no OpenTelemetry for C++; this is the small part that is needed: OTLP/HTTP with JSON.
//
// Whether a trace is recorded is the caller's choice (the sampled flag of its traceparent); a call that brings none
// begins a trace of its own. Thread-safe.
#ifndef BELLWETHER_TELEMETRY_TRACE_H_
#define BELLWETHER_TELEMETRY_TRACE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::telemetry {

// OK, or InvalidArgument: not http://HOST:PORT with or without a path.
absl::Status CheckTraceEndpoint(std::string_view endpoint);

// From now on spans go to `endpoint` + "/v1/traces", in batches, from a thread of their own. What cannot be sent is
// dropped and counted (bellwether_spans_dropped_total): a collector never holds up a service. Once, in main.
absl::Status ExportSpans(std::string_view endpoint, std::string_view service);
// Whether spans go anywhere. Who passes no trace on need not look for one otherwise.
bool ExportsSpans();
// Sends what is left, for at most a few seconds, and ends.
void StopExportingSpans();

// One piece of work.
class Span {
 public:
  enum class Kind { kServer = 2, kProducer = 4, kConsumer = 5 };  // As OTLP numbers them.

  // `parent`: the traceparent that came with the work; not well formed is as none.
  Span(std::string_view name, Kind kind, std::string_view parent);
  ~Span() { End(); }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  // To be handed on with what the work leads to: this span where it is recorded, else the parent's, or empty.
  const std::string& traceparent() const { return traceparent_; }
  // 32 hex digits; empty without a trace.
  std::string trace_id() const { return traceparent_.empty() ? "" : traceparent_.substr(3, 32); }
  // No figures of readings: spans leave the machine.
  void Set(std::string_view key, std::string value);
  void Fail(std::string message);
  void End();

 private:
  bool recorded_ = false;
  Kind kind_;
  std::string name_;
  std::string parent_span_id_;
  std::string traceparent_;
  std::string error_;
  absl::Time begin_;
  core::SteadyTime began_;
  std::vector<std::pair<std::string, std::string>> attributes_;
};

// 16 random hex digits, such as a request's id.
std::string RandomId();

}  // namespace bellwether::telemetry

#endif  // BELLWETHER_TELEMETRY_TRACE_H_
