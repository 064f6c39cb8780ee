// Updates for the tests of the query service, rated as scoring does it, but all in one place.
#ifndef BELLWETHER_SERVICES_QUERY_TESTING_H_
#define BELLWETHER_SERVICES_QUERY_TESTING_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bellwether/bus/record.h"
#include "bellwether/codec/record.h"
#include "bellwether/rating/evaluate.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::query::testing {

// The one lies in partition 0 of a log of one or two, the other in partition 1 of two.
inline constexpr char kCouncil[] = "E06000064";
inline constexpr char kOtherCouncil[] = "E06000062";
inline constexpr char kTopic[] = "bellwether.scores.v1.e1.r1";

// A log and its scores: what is written becomes the next update of its partition.
class Log {
 public:
  explicit Log(int partitions) : next_(static_cast<size_t>(partitions)) {}

  // Of the council that lies in the partition.
  codec::Update Write(int32_t partition, const std::string& ref, rating::Record record) {
    const core::IndicatorKey key{partition == 0 ? kCouncil : kOtherCouncil, ref};
    if (auto* applied = std::get_if<rating::AppliedDefinition>(&record)) {
      auto own = std::make_shared<rating::Definition>(*applied->definition);
      own->council = key.council;
      applied->definition = std::move(own);
    }
    codec::Update update;
    update.position = {1, partition, next_[static_cast<size_t>(partition)]++};
    update.recorded_at = absl::FromUnixSeconds(1'646'000'000 + seconds_++);
    Indicator& indicator = indicators_[key];
    rating::Applied applied = indicator.ledger.Apply(record, {update.position.offset, update.recorded_at});
    update.record = records_.emplace_back(codec::EncodeRecord({key, std::move(record)}));
    update.outcome = applied.outcome;
    update.detail = std::move(applied.detail);
    update.settled = std::move(applied.settled);
    Rerate(indicator, &update);
    written_.push_back(update);
    return update;
  }

  codec::Update WriteDeadLetter(int32_t partition) {
    codec::Update update;
    update.position = {1, partition, next_[static_cast<size_t>(partition)]++};
    update.recorded_at = absl::FromUnixSeconds(1'646'000'000 + seconds_++);
    update.detail = "cannot be read";
    update.original_key = "rubbish";
    written_.push_back(update);
    return update;
  }

  const std::vector<codec::Update>& written() const { return written_; }

 private:
  struct Indicator {
    rating::Ledger ledger;
    std::map<core::Period, rating::Score> scores;
  };

  static void Rerate(Indicator& indicator, codec::Update* update) {
    const rating::Ledger& ledger = indicator.ledger;
    if (!ledger.definition()) return;
    std::map<core::Period, rating::Score> scores;
    for (const core::Period& period : rating::ScoredPeriods(*ledger.definition(), ledger.slots())) {
      rating::Score score = rating::Rate(*ledger.definition(), ledger.definition_recorded(), ledger.slots(), period);
      const auto before = indicator.scores.find(period);
      if (before == indicator.scores.end() || !(before->second == score)) update->scores.push_back(score);
      scores.emplace(period, std::move(score));
    }
    indicator.scores = std::move(scores);
  }

  std::vector<int64_t> next_;
  int64_t seconds_ = 0;
  std::map<core::IndicatorKey, Indicator> indicators_;
  std::vector<codec::Update> written_;
  std::deque<std::string> records_;  // What the updates point into.
};

// As it stands in the scores topic, at an offset of its own.
inline bus::ConsumedRecord RecordOf(const codec::Update& update, int64_t offset = 0) {
  bus::ConsumedRecord record;
  record.topic = kTopic;
  record.partition = update.position.partition;
  record.offset = offset;
  record.key = update.record.empty() ? update.original_key : codec::DecodeRecord(update.record)->key.ToString();
  record.value = codec::EncodeUpdate(update);
  return record;
}

inline rating::Definition DefinitionOf(const std::string& ref, unsigned position = 1) {
  rating::Definition definition = rating::testing::IndicatorOf(rating::Polarity::kHigher);
  definition.council = kCouncil;
  definition.ref = ref;
  definition.description = "indicator " + ref;
  definition.directorate = "Transformation";
  definition.service = "Customer Services";
  definition.report_position = position;
  definition.targets = {rating::testing::ValueTarget("90")};
  return definition;
}

inline rating::Record Defines(rating::Definition definition, std::string apply_id = "apply-1") {
  return rating::AppliedDefinition{std::move(apply_id),
                                   std::make_shared<const rating::Definition>(std::move(definition))};
}

inline rating::Reading Reads(const std::string& period, const std::string& figures, std::string id = "") {
  rating::Reading reading;
  reading.period = rating::testing::P(period);
  reading.reading_id = id.empty() ? "id-" + period : std::move(id);
  reading.measurement = rating::testing::Figures(figures);
  reading.source = "test";
  return reading;
}

inline rating::Record Withdraws(const std::string& period, std::string reading_id) {
  rating::Withdrawal withdrawal;
  withdrawal.period = rating::testing::P(period);
  withdrawal.reading_id = std::move(reading_id);
  withdrawal.withdrawal_id = "withdrawal-" + period;
  return withdrawal;
}

inline rating::Record Says(const std::string& period, std::string text) {
  rating::Comment comment;
  comment.period = rating::testing::P(period);
  comment.comment_id = "comment-" + period;
  comment.text = std::move(text);
  return comment;
}

}  // namespace bellwether::query::testing

#endif  // BELLWETHER_SERVICES_QUERY_TESTING_H_
