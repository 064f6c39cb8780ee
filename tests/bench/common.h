// What the programs of the bench share: councils, indicators and readings that look like real ones, and quantiles.
#ifndef BELLWETHER_TESTS_BENCH_COMMON_H_
#define BELLWETHER_TESTS_BENCH_COMMON_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/record.h"
#include "bellwether/bus/source.h"
#include "bellwether/codec/record.h"

namespace bellwether::bench {

inline constexpr int kRefs = 67;  // Indicators of a council, as in the report of February 2022.

std::string CouncilOf(int index);  // "E06000000" and on.
std::string RefOf(int index);      // "T0" and on.
// The period `index` months after January 2000. Financial years that would be written like months do not occur.
core::Month MonthOf(int index);

// A percentage with a target and a tolerance, whose quarter and year to date are means.
rating::Definition DefinitionOf(const std::string& council, const std::string& ref, int place);
// Value only, without a comment. Its id is new for each `revision`.
rating::Reading ReadingOf(const std::string& ref, core::Month month, int64_t revision);
// The record as ingestion writes it.
bus::OutgoingRecord RecordOf(const std::string& topic, const codec::KeyedRecord& record);

bus::ClientOptions Kafka(const std::string& brokers);
// Of all partitions together.
int64_t CountOf(const bus::RecordSource& source, const std::string& topic);
// Hands over every record that the topic holds now.
void ConsumeAll(bus::RecordSource& source, const std::string& topic,
                const std::function<void(const bus::ConsumedRecord&)>& take);

// Of a caller: files. Empty: in the clear.
struct TlsFiles {
  std::string authority;
  std::string certificate;
  std::string key;
};

// A channel that takes replies of any size.
std::shared_ptr<grpc::Channel> Connect(const std::string& address, const TlsFiles& tls = {});
grpc::ByteBuffer BufferOf(const std::string& bytes);

// Calls GetReport with bytes, which the caller neither makes nor reads: what is timed is the server. One thread.
class ReportCaller {
 public:
  explicit ReportCaller(const std::string& address) : stub_(Connect(address)) {}
  grpc::ByteBuffer Call(const grpc::ByteBuffer& request);

 private:
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
};

// Of the values, which it sorts. 0 where there are none.
double QuantileOf(std::vector<double>& values, double quantile);

// Ends the program with the error, if there is one: nothing that follows would be a measurement.
void Must(const absl::Status& status);
template <typename T>
T Must(absl::StatusOr<T> value) {
  Must(value.status());
  return *std::move(value);
}

}  // namespace bellwether::bench

#endif  // BELLWETHER_TESTS_BENCH_COMMON_H_
