// Fills an indicators topic past ingestion: definitions, then readings month by month.
#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/time/clock.h"
#include "bellwether/bus/sink.h"
#include "tests/bench/common.h"

int main(int argc, char** argv) {
  using namespace bellwether;  // NOLINT: the one file that wires it.
  std::string brokers;
  std::string topic;
  int councils = 1;
  int months = 24;
  int indicators = bench::kRefs;
  CLI::App app{"Fills an indicators topic", "bench-fill"};
  app.add_option("--kafka", brokers)->required();
  app.add_option("--topic", topic)->required();
  app.add_option("--councils", councils);
  app.add_option("--months", months);
  app.add_option("--indicators", indicators, "Of each council");
  CLI11_PARSE(app, argc, argv);

  const auto sink = bench::Must(bus::MakeKafkaSink(bench::Kafka(brokers), bus::ScoringSinkOptions(topic)));
  int64_t records = 0;
  const auto write = [&](const codec::KeyedRecord& record) {
    ++records;
    absl::Status produced;
    do {
      produced = sink->Produce(bench::RecordOf(topic, record), [](const absl::StatusOr<bus::DeliveredAt>&) {});
      if (absl::IsResourceExhausted(produced)) absl::SleepFor(absl::Milliseconds(5));
    } while (absl::IsResourceExhausted(produced));
    bench::Must(produced);
  };
  for (int month = -1; month < months; ++month) {
    for (int c = 0; c < councils; ++c) {
      for (int r = 0; r < indicators; ++r) {
        const std::string council = bench::CouncilOf(c);
        const std::string ref = bench::RefOf(r);
        if (month < 0) {
          auto definition = std::make_shared<rating::Definition>(bench::DefinitionOf(council, ref, r));
          write({{council, ref}, rating::AppliedDefinition{"bench", std::move(definition)}});
        } else {
          write({{council, ref}, bench::ReadingOf(ref, bench::MonthOf(month), month)});
        }
      }
    }
  }
  const bus::FlushResult flushed = sink->Flush(absl::Minutes(10));
  if (flushed.failed + flushed.undelivered > 0) bench::Must(absl::UnavailableError("not all records were delivered"));
  std::cout << records << std::endl;
}
