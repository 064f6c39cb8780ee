// What calls the services, or their ceilings, and times them. Each command prints one JSON object.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <functional>
#include <iostream>
#include <random>
#include <thread>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/codec/reading.h"
#include "bellwether/core/mutex.h"
#include "bellwether/v1/ingestion_service.grpc.pb.h"
#include "bellwether/v1/query_service.grpc.pb.h"
#include "tests/bench/common.h"

namespace bellwether::bench {
namespace {

constexpr int kWindow = 2'000;  // Readings of a stream that may be unacknowledged.

struct Flags {
  std::string address;
  std::string query;
  TlsFiles tls;
  int frame = 100;
  int readings = 50'000;
  int councils = 1;
  int months = 24;
  int rate = 100;
  int concurrency = 4;
  double seconds = 5;
  bool every = false;
  int64_t revision = 1'000;
};

v1::Reading MessageOf(int council, int ref, int month, int64_t revision) {
  return codec::ToProto(core::IndicatorKey{CouncilOf(council), RefOf(ref)},
                        ReadingOf(RefOf(ref), MonthOf(month), revision));
}

// A stream with a window: a thread that writes, and this one that reads.
class Stream {
 public:
  explicit Stream(const Flags& flags)
      : stub_(v1::IngestionService::NewStub(Connect(flags.address, flags.tls))),
        call_(stub_->StreamReadings(&context_)) {}

  // Waits for room.
  void Write(const v1::StreamReadingsRequest& frame) {
    {
      const core::MutexLock lock(mutex_);
      sent_ += frame.readings_size();
      const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return sent_ - acknowledged_ <= kWindow; };
      room_.WaitUntil(mutex_, core::SteadyTime::InfiniteFuture(), room);
    }
    if (!call_->Write(frame)) Must(absl::UnavailableError("the stream was cut"));
  }
  void WritesDone() { call_->WritesDone(); }
  // Reads to the end. How many are recorded.
  int64_t ReadAll() {
    v1::StreamReadingsResponse response;
    while (call_->Read(&response)) {
      int recorded = 0;
      for (const v1::Acknowledgement& a : response.acknowledgements()) recorded += a.result().has_position();
      if (recorded < response.acknowledgements_size()) {
        Must(absl::InternalError(response.acknowledgements(0).ShortDebugString()));
      }
      const core::MutexLock lock(mutex_);
      acknowledged_ += recorded;
      room_.NotifyAll();
    }
    const grpc::Status status = call_->Finish();
    if (!status.ok()) Must(absl::UnknownError(status.error_message()));
    const core::MutexLock lock(mutex_);
    return acknowledged_;
  }

 private:
  const std::unique_ptr<v1::IngestionService::Stub> stub_;
  grpc::ClientContext context_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::StreamReadingsRequest, v1::StreamReadingsResponse>> call_;
  core::Mutex mutex_;
  core::CondVar room_;
  int64_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t acknowledged_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Acknowledged readings a second. The frames are made before the clock starts.
void StreamFrames(const Flags& flags) {
  std::vector<v1::StreamReadingsRequest> frames;
  for (int i = 0; i < flags.readings; ++i) {
    if (i % flags.frame == 0) frames.emplace_back();
    *frames.back().add_readings() = MessageOf(0, i % kRefs, i / kRefs % flags.months, flags.revision + i);
  }
  Stream stream(flags);
  const absl::Time begin = absl::Now();
  std::thread writer([&] {
    for (const v1::StreamReadingsRequest& frame : frames) stream.Write(frame);
    stream.WritesDone();
  });
  const int64_t acknowledged = stream.ReadAll();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  writer.join();
  std::cout << "{\"acknowledged\": " << acknowledged
            << ", \"per_second\": " << static_cast<double>(acknowledged) / seconds << "}" << std::endl;
}

// Sends one reading at a time, so many a second, in an open loop. `sent` hears of each before it goes out.
void SendSteadily(const Flags& flags, Stream* stream, const std::function<void(const v1::Reading&)>& sent) {
  std::mt19937 dice(static_cast<unsigned>(flags.revision));
  const absl::Time begin = absl::Now();
  const int count = static_cast<int>(flags.seconds * flags.rate);
  for (int i = 0; i < count; ++i) {
    absl::SleepFor(begin + absl::Seconds(1) * i / flags.rate - absl::Now());
    v1::StreamReadingsRequest frame;
    *frame.add_readings() = MessageOf(static_cast<int>(dice() % static_cast<unsigned>(flags.councils)),
                                      static_cast<int>(dice() % kRefs), flags.months - 1, flags.revision + i);
    sent(frame.readings(0));
    stream->Write(frame);
  }
  stream->WritesDone();
}

void Revise(const Flags& flags) {
  Stream stream(flags);
  std::thread writer([&] { SendSteadily(flags, &stream, [](const v1::Reading&) {}); });
  const int64_t acknowledged = stream.ReadAll();
  writer.join();
  std::cout << "{\"acknowledged\": " << acknowledged << "}" << std::endl;
}

// From the moment at which a reading is sent to that at which a watch shows its row.
void Visible(const Flags& flags) {
  core::Mutex mutex;
  std::unordered_map<std::string, absl::Time> sent;
  std::vector<double> milliseconds;
  const auto query = v1::QueryService::NewStub(Connect(flags.query));
  grpc::ClientContext context;
  v1::WatchReportRequest request;
  request.set_council(CouncilOf(0));
  request.set_period(MonthOf(flags.months - 1).ToString());
  const auto watch = query->WatchReport(&context, request);
  std::atomic<bool> complete{false};
  std::thread reader([&] {
    v1::WatchReportResponse response;
    while (watch->Read(&response)) {
      const absl::Time now = absl::Now();
      if (response.has_snapshot() && response.snapshot().complete()) complete = true;
      if (!response.has_row()) continue;
      const core::MutexLock lock(mutex);
      const auto found = sent.find(response.row().score().reading_id());
      if (found == sent.end()) continue;
      milliseconds.push_back(absl::ToDoubleMilliseconds(now - found->second));
      sent.erase(found);
    }
  });
  while (!complete) absl::SleepFor(absl::Milliseconds(1));
  Stream stream(flags);
  std::thread writer([&] {
    SendSteadily(flags, &stream, [&](const v1::Reading& reading) {
      const core::MutexLock lock(mutex);
      sent[reading.reading_id()] = absl::Now();
    });
  });
  stream.ReadAll();
  writer.join();
  const absl::Time patience = absl::Now() + absl::Seconds(5);  // For the last ones.
  const auto all_seen = [&] {
    const core::MutexLock lock(mutex);
    return sent.empty();
  };
  while (!all_seen() && absl::Now() < patience) absl::SleepFor(absl::Milliseconds(1));
  context.TryCancel();
  reader.join();
  std::cout << "{\"seen\": " << milliseconds.size() << ", \"unseen\": " << sent.size()
            << ", \"p50_ms\": " << QuantileOf(milliseconds, 0.5) << ", \"p99_ms\": " << QuantileOf(milliseconds, 0.99)
            << "}" << std::endl;
}

std::string RequestBytes(int council, int month) {
  v1::GetReportRequest request;
  request.set_council(CouncilOf(council));
  request.set_period(MonthOf(month).ToString());
  return request.SerializeAsString();
}

void Reports(const Flags& flags) {
  std::vector<std::string> requests;
  for (int c = 0; c < flags.councils; ++c) {
    for (int m = 0; m < flags.months; ++m) requests.push_back(RequestBytes(c, m));
  }
  core::Mutex mutex;
  std::vector<double> microseconds;
  size_t bytes = 0;
  const absl::Time begin = absl::Now();
  const absl::Time end = begin + absl::Seconds(flags.seconds);
  std::vector<std::thread> threads;
  for (int t = 0; t < flags.concurrency; ++t) {
    threads.emplace_back([&, t] {
      ReportCaller caller(flags.address);
      std::mt19937 dice(static_cast<unsigned>(t) + static_cast<unsigned>(flags.revision));
      std::vector<double> own;
      size_t own_bytes = 0;
      const auto call = [&](const std::string& request) {
        const absl::Time sent = absl::Now();
        own_bytes += caller.Call(BufferOf(request)).Length();
        own.push_back(absl::ToDoubleMicroseconds(absl::Now() - sent));
      };
      if (flags.every) {
        for (size_t i = static_cast<size_t>(t); i < requests.size(); i += static_cast<size_t>(flags.concurrency))
          call(requests[i]);
      } else {
        while (absl::Now() < end) call(requests[dice() % requests.size()]);
      }
      const core::MutexLock lock(mutex);
      microseconds.insert(microseconds.end(), own.begin(), own.end());
      bytes += own_bytes;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  const auto replies = static_cast<double>(microseconds.size());
  std::cout << "{\"replies\": " << microseconds.size() << ", \"per_second\": " << replies / seconds
            << ", \"bytes\": " << static_cast<double>(bytes) / replies
            << ", \"p50_us\": " << QuantileOf(microseconds, 0.5) << ", \"p99_us\": " << QuantileOf(microseconds, 0.99)
            << "}" << std::endl;
}

}  // namespace
}  // namespace bellwether::bench

int main(int argc, char** argv) {
  using namespace bellwether::bench;  // NOLINT: the one file that wires it.
  Flags flags;
  CLI::App app{"Calls the services and times them", "bench-load"};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--address", flags.address, "Of ingestion or query")->required();
  app.add_option("--query", flags.query, "Of the query that is watched");
  app.add_option("--tls-ca", flags.tls.authority, "Of ingestion");
  app.add_option("--tls-certificate", flags.tls.certificate);
  app.add_option("--tls-key", flags.tls.key);
  app.add_option("--frame", flags.frame);
  app.add_option("--readings", flags.readings);
  app.add_option("--councils", flags.councils);
  app.add_option("--months", flags.months);
  app.add_option("--rate", flags.rate, "Readings a second");
  app.add_option("--concurrency", flags.concurrency);
  app.add_option("--seconds", flags.seconds);
  app.add_option("--revision", flags.revision, "First number of this run's reading ids");
  app.add_flag("--every", flags.every, "Each report once");
  app.add_subcommand("stream")->callback([&] { StreamFrames(flags); });
  app.add_subcommand("revise")->callback([&] { Revise(flags); });
  app.add_subcommand("visible")->callback([&] { Visible(flags); });
  app.add_subcommand("reports")->callback([&] { Reports(flags); });
  CLI11_PARSE(app, argc, argv);
}
