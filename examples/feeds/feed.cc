// A feed, from nothing: sends a system's figures to Bellwether, and finds out what became of each. The same as feed.py
// beside it, in C++: identity, acknowledgement, a cut stream, outcomes, reading your own writes.
//
//   feed COUNCIL INGESTION QUERY < FIGURES      lines: REF PERIOD VALUE
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bellwether/v1/ingestion_service.grpc.pb.h"
#include "bellwether/v1/query_service.grpc.pb.h"

namespace v1 = bellwether::v1;

namespace {

constexpr size_t kFrame = 100;   // Readings a frame: at most 500.
constexpr size_t kLookUp = 500;  // Keys a look-up: at most 500.

// The id names the figure's state in the source system: sending it twice is then harmless.
v1::Reading ReadingOf(const std::string& council, const std::string& ref, const std::string& period,
                      const std::string& value) {
  v1::Reading reading;
  reading.set_council(council);
  reading.set_ref(ref);
  reading.set_period(period);
  reading.set_reading_id("example-feed/" + ref + "/" + period + "/" + value);
  reading.mutable_measurement()->mutable_value()->set_value(value);
  reading.set_source("example feed");
  return reading;
}

// What is known so far. A reading leaves `pending` when it is acknowledged or refused for good.
struct Progress {
  std::map<std::string, v1::Reading> pending;  // By reading_id.
  std::optional<v1::Position> newest;          // Of what is acknowledged: a council's records have one order.
  std::map<std::string, std::string> refused;
};

// `id`: of the reading at the answer's place in the stream. One that is not UTF-8 does not come back with it.
void TakeAnswer(const v1::Acknowledgement& answer, const std::string& id, Progress* progress) {
  const auto& errors = answer.result().errors();
  if (answer.result().has_position()) {
    progress->newest = answer.result().position();
  } else if (std::any_of(errors.begin(), errors.end(),
                         [](const auto& e) { return e.error_class() == v1::ERROR_CLASS_TRY_AGAIN; })) {
    return;  // Stays pending.
  } else {
    for (const v1::ItemError& error : errors) progress->refused[id] += error.field() + ": " + error.message() + "; ";
  }
  progress->pending.erase(id);
}

grpc::Status Send(v1::IngestionService::Stub& stub, Progress* progress) {
  std::vector<v1::Reading> sent;
  for (const auto& [id, reading] : progress->pending) sent.push_back(reading);
  grpc::ClientContext context;
  auto stream = stub.StreamReadings(&context);
  std::thread writer([&] {  // Beside the reading of answers: whoever does not read them is slowed down.
    for (size_t begin = 0; begin < sent.size(); begin += kFrame) {
      v1::StreamReadingsRequest frame;
      for (size_t i = begin; i < std::min(begin + kFrame, sent.size()); ++i) *frame.add_readings() = sent[i];
      if (!stream->Write(frame)) break;
    }
    stream->WritesDone();
  });
  v1::StreamReadingsResponse response;
  while (stream->Read(&response)) {
    for (const v1::Acknowledgement& answer : response.acknowledgements())
      TakeAnswer(answer, sent.at(answer.sequence()).reading_id(), progress);
  }
  writer.join();
  return stream->Finish();
}

bool TryAgain(const grpc::Status& status) {
  return status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::CANCELLED ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

// Asks what became of the readings, once the view has read as far as what was acknowledged.
grpc::Status PrintOutcomes(v1::QueryService::Stub& stub, const std::vector<v1::Reading>& readings,
                           const Progress& progress) {
  for (size_t begin = 0; begin < readings.size(); begin += kLookUp) {
    v1::LookUpReadingsRequest request;
    if (progress.newest) *request.add_min_positions() = *progress.newest;
    for (size_t i = begin; i < std::min(begin + kLookUp, readings.size()); ++i) {
      v1::ReadingKey* key = request.add_keys();
      key->set_council(readings[i].council());
      key->set_ref(readings[i].ref());
      key->set_period(readings[i].period());
      key->set_reading_id(readings[i].reading_id());
    }
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    context.set_wait_for_ready(true);
    v1::LookUpReadingsResponse response;
    if (grpc::Status status = stub.LookUpReadings(&context, request, &response); !status.ok()) return status;
    for (int i = 0; i < response.results_size(); ++i) {
      const auto& occurrences = response.results(i).occurrences();
      if (occurrences.empty()) continue;
      const v1::Occurrence& last = *occurrences.rbegin();
      const bool in_force =
          std::any_of(occurrences.begin(), occurrences.end(), [](const auto& o) { return o.in_force(); });
      std::cout << readings[begin + static_cast<size_t>(i)].reading_id() << ": " << v1::Outcome_Name(last.outcome())
                << (in_force ? " in force" : "") << (last.detail().empty() ? "" : ": " + last.detail()) << "\n";
      for (const v1::Occurrence& o : occurrences) {
        for (const v1::Warning& warning : o.warnings()) {
          std::cout << readings[begin + static_cast<size_t>(i)].reading_id() << ": warning: " << warning.message()
                    << "\n";
        }
      }
    }
  }
  return grpc::Status::OK;
}

}  // namespace

int main(int argc, char** argv) {
  google::protobuf::SetLogHandler(nullptr);  // What is not UTF-8 is told below, by the reading that holds it.
  if (argc != 4) {
    std::cerr << "usage: feed COUNCIL INGESTION QUERY < FIGURES (lines: REF PERIOD VALUE)\n";
    return 2;
  }
  Progress progress;
  std::vector<v1::Reading> readings;
  for (std::string ref, period, value; std::cin >> ref >> period >> value;) {
    readings.push_back(ReadingOf(argv[1], ref, period, value));
    progress.pending[readings.back().reading_id()] = readings.back();
  }
  const auto writer = v1::IngestionService::NewStub(grpc::CreateChannel(argv[2], grpc::InsecureChannelCredentials()));
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (!progress.pending.empty()) {
    const grpc::Status status = Send(*writer, &progress);
    if (!TryAgain(status)) {
      std::cerr << "feed: refused: " << status.error_message() << "\n";
      return 1;
    }
    if (progress.pending.empty()) break;
    if (std::chrono::steady_clock::now() > give_up) {
      std::cerr << "feed: gave up with " << progress.pending.size() << " readings not recorded; run it again later\n";
      return 1;
    }
    std::cout << "cut with " << progress.pending.size() << " to go; trying again" << std::endl;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  std::erase_if(readings, [&](const v1::Reading& r) { return progress.refused.count(r.reading_id()) > 0; });
  const auto reader = v1::QueryService::NewStub(grpc::CreateChannel(argv[3], grpc::InsecureChannelCredentials()));
  if (const grpc::Status status = PrintOutcomes(*reader, readings, progress); !status.ok()) {
    std::cerr << "feed: everything is recorded; what became of it could not be asked: " << status.error_message()
              << "\n";
    return 1;
  }
  for (const auto& [id, words] : progress.refused) std::cerr << id << ": refused: " << words << "\n";
  return progress.refused.empty() ? 0 : 1;
}
