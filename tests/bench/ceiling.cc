// What the services are measured against: the same transport and the same bus, and nothing of what they add.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <thread>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/bus/sink.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/shutdown.h"
#include "bellwether/rpc/server.h"
#include "bellwether/v1/ingestion_service.grpc.pb.h"
#include "bellwether/v1/query_service.grpc.pb.h"
#include "tests/bench/common.h"

namespace bellwether::bench {
namespace {

struct Flags {
  std::string kafka;
  std::string topic;
  std::string to;
  std::string updates;
  std::string query;
  int64_t count = 0;
  int rate = 100;
  double seconds = 5;
};

bus::Headers HeadersOfReading(const v1::Reading& reading) {
  codec::Envelope envelope;
  envelope.id = reading.reading_id();
  envelope.type = "uk.bellwether.reading.v1";
  envelope.source = absl::StrCat("/councils/", reading.council(), "/feeds/", reading.source());
  envelope.subject = absl::StrCat(reading.council(), "/", reading.ref());
  bus::Headers headers;
  for (auto& [name, value] : codec::HeadersOf(envelope)) headers.push_back({name, std::move(value)});
  return headers;
}

// A stream that hands what it reads to the producer and answers from the delivery reports. No checks, no order, no
// window.
class BareStream : public grpc::ServerBidiReactor<v1::StreamReadingsRequest, v1::StreamReadingsResponse> {
 public:
  BareStream(bus::RecordSink* sink, std::string topic) : sink_(sink), topic_(std::move(topic)) { StartRead(&frame_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      const core::MutexLock lock(mutex_);
      read_all_ = true;
      FinishIfDone();
      return;
    }
    {
      const core::MutexLock lock(mutex_);
      outstanding_ += frame_.readings_size();
    }
    for (v1::Reading& reading : *frame_.mutable_readings()) Hand(&reading);
    StartRead(&frame_);
  }
  void OnWriteDone(bool) override {
    const core::MutexLock lock(mutex_);
    writing_ = false;
    Write();
    FinishIfDone();
  }
  void OnDone() override { delete this; }

 private:
  void Hand(v1::Reading* reading) {
    bus::OutgoingRecord record;
    record.topic = topic_;
    record.key = absl::StrCat(reading->council(), "/", reading->ref());
    record.headers = HeadersOfReading(*reading);
    const uint64_t sequence = next_sequence_++;
    std::string id = reading->reading_id();
    v1::IndicatorRecord content;
    content.mutable_reading()->Swap(reading);
    record.value = content.SerializeAsString();
    Must(sink_->Produce(record, [this, sequence, id](const absl::StatusOr<bus::DeliveredAt>& at) {
      Must(at.status());
      const core::MutexLock lock(mutex_);
      v1::Acknowledgement* a = waiting_.add_acknowledgements();
      a->set_sequence(sequence);
      a->set_reading_id(id);
      a->mutable_result()->mutable_position()->set_epoch(1);
      a->mutable_result()->mutable_position()->set_partition(at->partition);
      a->mutable_result()->mutable_position()->set_offset(at->offset);
      --outstanding_;
      Write();
    }));
  }
  void Write() {
    if (writing_ || waiting_.acknowledgements().empty()) return;
    writing_ = true;
    written_.Clear();
    written_.Swap(&waiting_);
    StartWrite(&written_);
  }
  void FinishIfDone() {
    if (read_all_ && !writing_ && outstanding_ == 0 && waiting_.acknowledgements().empty()) Finish(grpc::Status::OK);
  }

  bus::RecordSink* const sink_;
  const std::string topic_;
  uint64_t next_sequence_ = 0;
  v1::StreamReadingsRequest frame_;
  core::Mutex mutex_;
  bool read_all_ = false;
  bool writing_ = false;
  int64_t outstanding_ = 0;
  v1::StreamReadingsResponse waiting_;
  v1::StreamReadingsResponse written_;
};

class BareIngestion : public v1::IngestionService::CallbackService {
 public:
  BareIngestion(bus::RecordSink* sink, std::string topic) : sink_(sink), topic_(std::move(topic)) {}
  grpc::ServerBidiReactor<v1::StreamReadingsRequest, v1::StreamReadingsResponse>* StreamReadings(
      grpc::CallbackServerContext*) override {
    return new BareStream(sink_, topic_);
  }

 private:
  bus::RecordSink* const sink_;
  const std::string topic_;
};

// Answers with bytes that it has ready. What it has not yet it fetches from the real service: warm it first.
class ReadyMade : public v1::QueryService::WithRawCallbackMethod_GetReport<v1::QueryService::Service> {
 public:
  explicit ReadyMade(const std::string& query) : query_(query) {}
  grpc::ServerUnaryReactor* GetReport(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override {
    grpc::Slice key;
    Must(request->DumpToSingleSlice(&key).ok() ? absl::OkStatus() : absl::InternalError("no request"));
    const std::string text(reinterpret_cast<const char*>(key.begin()), key.size());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    {
      const core::MutexLock lock(mutex_);
      const auto found = ready_.find(text);
      if (found != ready_.end()) {
        *response = found->second;
        reactor->Finish(grpc::Status::OK);
        return reactor;
      }
    }
    const grpc::ByteBuffer fetched = Fetch(*request);
    *response = fetched;
    const core::MutexLock lock(mutex_);
    ready_[text] = fetched;
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  grpc::ByteBuffer Fetch(const grpc::ByteBuffer& request) const {
    const grpc::ByteBuffer response = ReportCaller(query_).Call(request);
    grpc::Slice whole;
    if (!response.DumpToSingleSlice(&whole).ok()) Must(absl::InternalError("no response"));
    return grpc::ByteBuffer(&whole, 1);
  }

  const std::string query_;
  core::Mutex mutex_;
  std::unordered_map<std::string, grpc::ByteBuffer> ready_;
};

void Serve(grpc::Service* service) {
  const core::ShutdownSignal shutdown;
  const auto server = Must(rpc::Server::Start({}, {service}, {}));
  std::cout << "listening on port " << server->port() << std::endl;
  shutdown.Wait();
  server->Shutdown(absl::Seconds(1));
}

void ServeStream(const Flags& flags) {
  const auto sink = Must(bus::MakeKafkaSink(Kafka(flags.kafka), bus::IngestionSinkOptions(flags.topic)));
  BareIngestion service(sink.get(), flags.topic);
  Serve(&service);
}

void ServeReports(const Flags& flags) {
  ReadyMade service(flags.query);
  Serve(&service);
}

void Produce(bus::RecordSink& sink, const bus::OutgoingRecord& record) {
  while (true) {
    const absl::Status produced =
        sink.Produce(record, [](const absl::StatusOr<bus::DeliveredAt>& at) { Must(at.status()); });
    if (!absl::IsResourceExhausted(produced)) return Must(produced);
    absl::SleepFor(absl::Milliseconds(1));
  }
}

// For each record of a topic writes the update that the real scoring wrote for it: its bytes, key, headers, partition.
void Republish(const Flags& flags) {
  const auto source = Must(bus::MakeKafkaSource(Kafka(flags.kafka)));
  std::vector<std::vector<bus::OutgoingRecord>> updates;
  ConsumeAll(*source, flags.updates, [&](const bus::ConsumedRecord& record) {
    updates.resize(std::max(updates.size(), static_cast<size_t>(record.partition) + 1));
    updates[static_cast<size_t>(record.partition)].push_back(
        {flags.to, record.partition, *record.key, *record.value, record.headers});
  });
  const auto sink = Must(bus::MakeKafkaSink(Kafka(flags.kafka), bus::ScoringSinkOptions(flags.to)));
  ConsumeAll(*source, flags.topic, [&](const bus::ConsumedRecord& record) {
    Produce(*sink, updates[static_cast<size_t>(record.partition)][static_cast<size_t>(record.offset)]);
  });
  sink->Flush(absl::Minutes(5));
}

// Waits until a topic holds so many records; how long writing them took, by the records' own times.
void Span(const Flags& flags) {
  const auto source = Must(bus::MakeKafkaSource(Kafka(flags.kafka)));
  while (CountOf(*source, flags.topic) < flags.count) absl::SleepFor(absl::Milliseconds(100));
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
  int64_t records = 0;
  ConsumeAll(*source, flags.topic, [&](const bus::ConsumedRecord& record) {
    ++records;
    first = std::min(first, record.timestamp);
    last = std::max(last, record.timestamp);
  });
  std::cout << "{\"records\": " << records << ", \"seconds\": " << absl::ToDoubleSeconds(last - first) << "}"
            << std::endl;
}

void Consume(const Flags& flags) {
  const auto source = Must(bus::MakeKafkaSource(Kafka(flags.kafka)));
  int64_t records = 0;
  int64_t bytes = 0;
  ConsumeAll(*source, flags.topic, [&](const bus::ConsumedRecord& record) {
    ++records;
    bytes += static_cast<int64_t>(record.value->size());
  });
  std::cout << "{\"records\": " << records << ", \"bytes\": " << bytes << "}" << std::endl;
}

// How large the scores of a topic's updates are, as they are serialised.
void Scores(const Flags& flags) {
  const auto source = Must(bus::MakeKafkaSource(Kafka(flags.kafka)));
  int64_t scores = 0;
  int64_t bytes = 0;
  ConsumeAll(*source, flags.topic, [&](const bus::ConsumedRecord& record) {
    v1::Update update;
    if (!update.ParseFromString(*record.value)) Must(absl::DataLossError("no update"));
    scores += update.scores_size();
    for (const v1::Score& score : update.scores()) bytes += static_cast<int64_t>(score.ByteSizeLong());
  });
  std::cout << "{\"scores\": " << scores << ", \"bytes\": " << bytes << "}" << std::endl;
}

// Two hops over the bus with the settings of ingestion and of scoring, and nothing between them.
void Hops(const Flags& flags) {
  const auto first = Must(bus::MakeKafkaSink(Kafka(flags.kafka), bus::IngestionSinkOptions(flags.topic)));
  const auto second = Must(bus::MakeKafkaSink(Kafka(flags.kafka), bus::ScoringSinkOptions(flags.to)));
  const int count = static_cast<int>(flags.seconds * flags.rate);
  std::vector<double> milliseconds;
  const auto follow = [&](const std::string& topic, const std::function<bool(const bus::ConsumedRecord&)>& take) {
    auto source = std::shared_ptr<bus::RecordSource>(Must(bus::MakeKafkaSource(Kafka(flags.kafka))));
    const std::vector<int64_t> ends = Must(source->EndOffsets(topic, absl::Seconds(10)));
    std::vector<bus::PartitionOffset> starts;
    for (size_t i = 0; i < ends.size(); ++i) starts.push_back({topic, static_cast<int32_t>(i), ends[i]});
    Must(source->Assign(starts));
    return std::thread([source, take] {
      for (bool more = true; more;) {
        const auto record = Must(source->Poll(absl::Milliseconds(100)));
        if (record) more = take(*record);
      }
    });
  };
  int forwarded = 0;
  std::thread middle = follow(flags.topic, [&](const bus::ConsumedRecord& record) {
    Produce(*second, {flags.to, record.partition, *record.key, *record.value + std::string(350, 'x'), record.headers});
    return ++forwarded < count;
  });
  std::thread last = follow(flags.to, [&](const bus::ConsumedRecord& record) {
    int64_t nanoseconds = 0;
    (void)absl::SimpleAtoi(std::string(bus::FindHeader(record.headers, "sent").value_or("")), &nanoseconds);
    milliseconds.push_back(absl::ToDoubleMilliseconds(absl::Now() - absl::FromUnixNanos(nanoseconds)));
    return static_cast<int>(milliseconds.size()) < count;
  });
  const absl::Time begin = absl::Now();
  for (int i = 0; i < count; ++i) {
    absl::SleepFor(begin + absl::Seconds(1) * i / flags.rate - absl::Now());
    bus::OutgoingRecord record =
        RecordOf(flags.topic, {{CouncilOf(0), RefOf(i % kRefs)}, ReadingOf(RefOf(i % kRefs), MonthOf(0), i)});
    record.headers.push_back({"sent", absl::StrCat(absl::ToUnixNanos(absl::Now()))});
    Produce(*first, record);
  }
  middle.join();
  last.join();
  std::cout << "{\"p50_ms\": " << QuantileOf(milliseconds, 0.5) << ", \"p99_ms\": " << QuantileOf(milliseconds, 0.99)
            << "}" << std::endl;
}

}  // namespace
}  // namespace bellwether::bench

int main(int argc, char** argv) {
  using namespace bellwether::bench;  // NOLINT: the one file that wires it.
  Flags flags;
  CLI::App app{"The ceilings of the bench", "bench-ceiling"};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--kafka", flags.kafka);
  app.add_option("--topic", flags.topic, "The topic that is read, or first written");
  app.add_option("--to", flags.to, "The topic that is written");
  app.add_option("--updates", flags.updates, "The topic of the updates that scoring wrote");
  app.add_option("--query", flags.query, "Address of the real query service");
  app.add_option("--count", flags.count, "Records to wait for");
  app.add_option("--rate", flags.rate, "Records a second");
  app.add_option("--seconds", flags.seconds);
  const std::vector<std::pair<const char*, void (*)(const Flags&)>> commands = {
      {"stream", ServeStream}, {"reports", ServeReports}, {"republish", Republish},
      {"span", Span},          {"consume", Consume},      {"scores", Scores},
      {"hops", Hops}};
  for (const auto& [name, command] : commands) {
    app.add_subcommand(name)->callback([&flags, run = command] { run(flags); });
  }
  CLI11_PARSE(app, argc, argv);
}
