#include "tests/bench/common.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bellwether/core/files.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::bench {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(20);

}  // namespace

std::string CouncilOf(int index) { return absl::StrFormat("E06%06d", index); }
std::string RefOf(int index) { return absl::StrCat("T", index); }
core::Month MonthOf(int index) { return core::Month(2000, 1) + index; }

rating::Definition DefinitionOf(const std::string& council, const std::string& ref, int place) {
  rating::Definition definition = rating::testing::IndicatorOf(rating::Polarity::kHigher);
  definition.council = council;
  definition.ref = ref;
  definition.description = "% of calls answered within the time agreed, of all calls of the month";
  definition.directorate = "Transformation";
  definition.service = "Customer Services";
  definition.report_position = static_cast<unsigned>(place + 1);
  definition.quarter_rule = rating::RollUpRule::kMean;
  definition.year_to_date_rule = rating::RollUpRule::kMean;
  definition.targets = {rating::testing::ValueTarget("90")};
  return definition;
}

rating::Reading ReadingOf(const std::string& ref, core::Month month, int64_t revision) {
  rating::Reading reading;
  reading.period = core::Period::OfMonth(month);
  reading.reading_id = absl::StrCat(ref, "/", month.ToString(), "/", revision);
  reading.measurement = rating::testing::D(absl::StrFormat("%d.%02d", 60 + revision % 40, revision % 100));
  reading.source = "bench";
  return reading;
}

bus::OutgoingRecord RecordOf(const std::string& topic, const codec::KeyedRecord& record) {
  bus::OutgoingRecord out;
  out.topic = topic;
  out.key = record.key.ToString();
  out.value = codec::EncodeRecord(record);
  out.headers = codec::HeadersOf(codec::EnvelopeOf(record, ""));
  return out;
}

bus::ClientOptions Kafka(const std::string& brokers) {
  bus::ClientOptions options;
  options.bootstrap_servers = brokers;
  options.client_id = "bellwether-bench";
  return options;
}

int64_t CountOf(const bus::RecordSource& source, const std::string& topic) {
  auto ends = source.EndOffsets(topic, kTimeout);
  // A new topic's leaders are there a moment later.
  for (int i = 0; i < 200 && !ends.ok(); ++i) {
    absl::SleepFor(absl::Milliseconds(50));
    ends = source.EndOffsets(topic, kTimeout);
  }
  Must(ends.status());
  return std::accumulate(ends->begin(), ends->end(), int64_t{0});
}

void ConsumeAll(bus::RecordSource& source, const std::string& topic,
                const std::function<void(const bus::ConsumedRecord&)>& take) {
  const std::vector<int64_t> ends = Must(source.EndOffsets(topic, kTimeout));
  int64_t left = 0;
  std::vector<bus::PartitionOffset> starts;
  for (size_t i = 0; i < ends.size(); ++i) {
    starts.push_back({topic, static_cast<int32_t>(i), 0});
    left += ends[i];
  }
  Must(source.Assign(starts));
  while (left > 0) {
    const auto record = Must(source.Poll(kTimeout));
    if (!record) continue;
    if (record->offset >= ends[static_cast<size_t>(record->partition)]) continue;
    --left;
    take(*record);
  }
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address, const TlsFiles& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  if (tls.authority.empty()) return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  const auto content = [](const std::string& path) { return Must(core::ReadFile(path)); };
  const auto credentials = grpc::SslCredentials({content(tls.authority), content(tls.key), content(tls.certificate)});
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer ReportCaller::Call(const grpc::ByteBuffer& request) {
  grpc::ClientContext context;
  const auto call = stub_.PrepareUnaryCall(&context, "/bellwether.v1.QueryService/GetReport", request, &queue_);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, this);
  void* tag = nullptr;
  bool ok = false;
  queue_.Next(&tag, &ok);
  if (!status.ok()) Must(absl::UnknownError(status.error_message()));
  return response;
}

double QuantileOf(std::vector<double>& values, double quantile) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(quantile * static_cast<double>(values.size() - 1))];
}

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "bench: " << status << "\n";
  std::exit(1);
}

}  // namespace bellwether::bench
