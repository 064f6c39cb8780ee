// Rating and folding within one process, on one core, by Google Benchmark.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "bellwether/codec/record.h"
#include "bellwether/rating/evaluate.h"
#include "libs/rating/testing/fixtures.h"
#include "services/scoring/fold.h"
#include "tests/bench/allocations.h"

namespace bellwether {
namespace {

constexpr char kCouncil[] = "E06000061";

rating::Definition DefinitionOfBench(const std::string& ref = "T1") {
  rating::Definition definition = rating::testing::IndicatorOf(rating::Polarity::kHigher);
  definition.council = kCouncil;
  definition.ref = ref;
  definition.report_position = 1;
  definition.quarter_rule = rating::RollUpRule::kMean;
  definition.year_to_date_rule = rating::RollUpRule::kMean;
  definition.targets = {rating::testing::ValueTarget("90")};
  return definition;
}

rating::Slots SlotsOf(int months) {
  rating::Slots slots;
  for (int i = 0; i < months; ++i) {
    const core::Month month = core::Month(2012, 4) + i;
    rating::Reading reading;
    reading.period = core::Period::OfMonth(month);
    reading.reading_id = "r";
    reading.measurement = rating::testing::D(std::to_string(60 + i % 40) + ".25");
    slots[reading.period] = {rating::ReadingPtr(new rating::KeptReading(reading)), {i, absl::UnixEpoch()}};
  }
  return slots;
}

// The whole score of a data period: current and previous cell, quarters, year to date, statuses, direction, and all
// that an explanation is made from.
void EvaluateAPeriod(benchmark::State& state) {
  const rating::Definition definition = DefinitionOfBench();
  const rating::Slots slots = SlotsOf(24);
  const core::Period period = rating::testing::P("2013-09");
  int64_t allocations = 0;  // Not those of the benchmark's own accounts.
  for (auto _ : state) {
    const int64_t before = bench::Allocations();
    benchmark::DoNotOptimize(rating::Evaluate(definition, {}, slots, period));
    allocations += bench::Allocations() - before;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["allocations"] = static_cast<double>(allocations) / static_cast<double>(state.iterations());
}
BENCHMARK(EvaluateAPeriod);

// The same arithmetic on binary doubles: two cells, two quarters, a year to date, a status each, a direction. No words,
// no explanation, no exactness.
struct DoubleScore {
  std::array<double, 7> figures{};
  std::array<int, 7> statuses{};
  int direction = 0;
};
DoubleScore RateDoubles(const std::array<double, 24>& values, size_t at, double target) {
  DoubleScore score;
  const auto mean = [&](size_t first, size_t last) {
    double sum = 0;
    for (size_t i = first; i <= last; ++i) sum += values[i];
    return sum / static_cast<double>(last - first + 1);
  };
  const size_t year = at / 12 * 12;
  score.figures = {values[at], values[at - 1]};
  for (size_t q = 0; q < 4; ++q) {
    const size_t last = year + q * 3 + 2;
    score.figures[2 + q] = last <= at ? mean(last - 2, last) : 0;
  }
  score.figures[6] = mean(year, at);
  for (size_t i = 0; i < score.figures.size(); ++i) {
    const double shortfall = (target - score.figures[i]) / target;
    score.statuses[i] = shortfall <= 0 ? 0 : shortfall <= 0.05 ? 1 : 2;
  }
  const double change = (score.figures[0] - score.figures[1]) / score.figures[1];
  score.direction = change > 0 ? 1 : change == 0 ? 0 : change >= -0.05 ? -1 : -2;
  return score;
}
void RateDoublesOfAPeriod(benchmark::State& state) {
  std::array<double, 24> values{};
  for (size_t i = 0; i < values.size(); ++i) values[i] = 60.25 + static_cast<double>(i % 40);
  double target = 90;
  for (auto _ : state) {
    benchmark::DoNotOptimize(values);
    benchmark::DoNotOptimize(target);
    benchmark::DoNotOptimize(RateDoubles(values, 17, target));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(RateDoublesOfAPeriod);

bus::ConsumedRecord Consumed(int64_t offset, rating::Record record, const std::string& ref = "T1") {
  bus::ConsumedRecord consumed;
  consumed.offset = offset;
  consumed.key = std::string(kCouncil) + "/" + ref;
  consumed.value = codec::EncodeRecord({{kCouncil, ref}, std::move(record)});
  consumed.timestamp = absl::FromUnixSeconds(1'646'000'000 + offset);
  return consumed;
}
rating::Record ReadingRecord(core::Month month, int64_t revision) {
  rating::Reading reading;
  reading.period = core::Period::OfMonth(month);
  reading.reading_id = "calls/" + month.ToString() + "/" + std::to_string(revision);
  reading.measurement = rating::testing::D(std::to_string(60 + revision % 40) + ".25");
  reading.source = "telephony";
  return reading;
}
// A fold that holds so many months of one indicator.
scoring::PartitionFold FoldOf(int months) {
  scoring::PartitionFold fold(1, 0, 1);
  rating::AppliedDefinition defined{"d", std::make_shared<const rating::Definition>(DefinitionOfBench())};
  (void)fold.Fold(Consumed(0, defined));
  for (int i = 0; i < months; ++i) {
    (void)fold.Fold(Consumed(fold.next_offset(), ReadingRecord(core::Month(2012, 4) + i, i)));
  }
  return fold;
}

// All that scoring does with a log, but for Kafka: each record read, applied, rated and doubted, its update encoded.
void FoldALog(benchmark::State& state) {
  constexpr int kIndicators = 67;
  std::vector<bus::ConsumedRecord> log;
  const auto add = [&](const std::string& ref, rating::Record record) {
    log.push_back(Consumed(static_cast<int64_t>(log.size()), std::move(record), ref));
  };
  for (int month = -1; month < 13; ++month) {
    for (int i = 0; i < kIndicators; ++i) {
      const std::string ref = "T" + std::to_string(i);
      if (month < 0) {
        add(ref, rating::AppliedDefinition{"d", std::make_shared<const rating::Definition>(DefinitionOfBench(ref))});
      } else {
        add(ref, ReadingRecord(core::Month(2012, 4) + month, month));
      }
    }
  }
  for (auto _ : state) {
    scoring::PartitionFold fold(1, 0, 1);
    for (const bus::ConsumedRecord& record : log) {
      benchmark::DoNotOptimize(codec::EncodeUpdate(fold.Fold(record)->update));
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(log.size()));
}
BENCHMARK(FoldALog);

// One month in the middle of a year is revised: what is read, rated again and encoded. The months of its year that
// follow are the same in both histories.
void ReviseAMonth(benchmark::State& state) {
  const int months = static_cast<int>(state.range(0)) * 12;
  scoring::PartitionFold fold = FoldOf(months);
  const core::Month month = core::Month(2012, 4) + (months - 7);
  int64_t revision = 1000;
  for (auto _ : state) {
    state.PauseTiming();
    const bus::ConsumedRecord record = Consumed(fold.next_offset(), ReadingRecord(month, ++revision));
    state.ResumeTiming();
    benchmark::DoNotOptimize(codec::EncodeUpdate(fold.Fold(record)->update));
  }
  state.SetItemsProcessed(state.iterations());
}
// As many iterations for both, since the ledger remembers every id.
BENCHMARK(ReviseAMonth)->Arg(1)->Arg(10)->Iterations(20'000);

// The size of the update for one new month, value only.
void UpdateOfANewMonth(benchmark::State& state) {
  scoring::PartitionFold fold = FoldOf(18);
  const bus::ConsumedRecord record = Consumed(fold.next_offset(), ReadingRecord(core::Month(2012, 4) + 18, 1));
  const auto folded = fold.Fold(record);
  for (auto _ : state) benchmark::DoNotOptimize(codec::EncodeUpdate(folded->update));
  state.counters["bytes"] = static_cast<double>(codec::EncodeUpdate(folded->update).size());
}
BENCHMARK(UpdateOfANewMonth);

}  // namespace
}  // namespace bellwether

BENCHMARK_MAIN();
