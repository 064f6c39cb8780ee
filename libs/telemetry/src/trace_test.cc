#include "bellwether/telemetry/trace.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/mutex.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::telemetry {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kNotSampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

// Keeps what is sent to it.
class Collector {
 public:
  explicit Collector(int status = 200) {
    server_.Post("/otel/v1/traces", [this, status](const httplib::Request& request, httplib::Response& response) {
      const core::MutexLock lock(mutex_);
      nlohmann::json body = nlohmann::json::parse(request.body);
      for (nlohmann::json& span : body["resourceSpans"][0]["scopeSpans"][0]["spans"]) spans_.push_back(std::move(span));
      response.status = status;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Collector() {
    server_.stop();
    thread_.join();
  }
  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_) + "/otel/"; }
  std::vector<nlohmann::json> spans() {
    const core::MutexLock lock(mutex_);
    return spans_;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  core::Mutex mutex_;
  std::vector<nlohmann::json> spans_ ABSL_GUARDED_BY(mutex_);
};

TEST(SpanTest, WithoutACollectorTheCallersContextIsHandedOn) {
  EXPECT_EQ(Span("x", Span::Kind::kServer, kParent).traceparent(), kParent);
  EXPECT_EQ(Span("x", Span::Kind::kServer, "").traceparent(), "");
  EXPECT_EQ(Span("x", Span::Kind::kServer, "rubbish").traceparent(), "");
  EXPECT_EQ(Span("x", Span::Kind::kServer, kParent).trace_id(), "0af7651916cd43dd8448eb211c80319c");
}

TEST(SpanTest, GoesToTheCollectorWithItsParent) {
  Collector collector;
  ASSERT_TRUE(ExportSpans(collector.endpoint(), "bellwether-test").ok());
  {
    Span span("RecordReadings", Span::Kind::kServer, kParent);
    EXPECT_TRUE(core::IsTraceparent(span.traceparent()));
    EXPECT_EQ(span.trace_id(), "0af7651916cd43dd8448eb211c80319c");
    EXPECT_NE(span.traceparent(), kParent);
    span.Set("council", "E06000061");
    span.Fail("UNAVAILABLE");
    const Span child("score", Span::Kind::kConsumer, span.traceparent());
    EXPECT_EQ(Span("x", Span::Kind::kServer, kNotSampled).traceparent(), kNotSampled) << "the caller wants no trace";
    EXPECT_TRUE(core::IsTraceparent(Span("root", Span::Kind::kServer, "").traceparent()));
  }
  StopExportingSpans();
  std::map<std::string, nlohmann::json> by_name;
  for (const nlohmann::json& span : collector.spans()) by_name[span["name"]] = span;
  ASSERT_THAT(by_name, ::testing::SizeIs(3));
  EXPECT_EQ(by_name["RecordReadings"]["parentSpanId"], "b7ad6b7169203331");
  EXPECT_EQ(by_name["RecordReadings"]["status"]["code"], 2);
  EXPECT_EQ(by_name["RecordReadings"]["attributes"][0]["value"]["stringValue"], "E06000061");
  EXPECT_EQ(by_name["score"]["parentSpanId"], by_name["RecordReadings"]["spanId"]);
  EXPECT_FALSE(by_name["root"].contains("parentSpanId"));
}

TEST(SpanTest, WhatTheCollectorRefusesIsCounted) {
  prometheus::Counter& dropped = CounterOf("bellwether_spans_dropped_total", "Spans that could not be sent");
  const double before = dropped.Value();
  Collector collector(503);
  ASSERT_TRUE(ExportSpans(collector.endpoint(), "bellwether-test").ok());
  Span("x", Span::Kind::kServer, kParent).End();
  StopExportingSpans();
  EXPECT_EQ(dropped.Value(), before + 1);
}

TEST(SpanTest, EndpointsAreChecked) {
  EXPECT_TRUE(CheckTraceEndpoint("http://collector:4318").ok());
  for (const char* bad :
       {"", "collector:4318", "https://collector:4318", "http://:4318", "http://collector", "http://c:0"}) {
    EXPECT_FALSE(CheckTraceEndpoint(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace bellwether::telemetry
