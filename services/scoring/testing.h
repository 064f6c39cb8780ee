// Records for the tests of scoring and of the golden log.
#ifndef BELLWETHER_SERVICES_SCORING_TESTING_H_
#define BELLWETHER_SERVICES_SCORING_TESTING_H_

#include <string>
#include <utility>

#include "bellwether/bus/record.h"
#include "bellwether/codec/record.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::scoring::testing {

inline constexpr char kCouncil[] = "E06000061";
inline constexpr char kTopic[] = "bellwether.indicators.v1.e1";

inline rating::Definition DefinitionOf(const std::string& ref, const std::string& target = "90") {
  rating::Definition definition = rating::testing::IndicatorOf(rating::Polarity::kHigher);
  definition.council = kCouncil;
  definition.ref = ref;
  definition.description = "indicator " + ref;
  definition.report_position = 1;
  definition.targets = {rating::testing::ValueTarget(target)};
  return definition;
}

// A record of the indicators topic, as ingestion writes it.
inline bus::OutgoingRecord RecordOf(const std::string& ref, rating::Record record, int32_t partition = 0) {
  bus::OutgoingRecord out;
  out.topic = kTopic;
  out.partition = partition;
  out.key = std::string(kCouncil) + "/" + ref;
  out.value = codec::EncodeRecord({{kCouncil, ref}, std::move(record)});
  return out;
}

inline rating::Record DefinitionRecord(const std::string& ref, const std::string& apply_id,
                                       const std::string& target = "90") {
  return rating::AppliedDefinition{apply_id, std::make_shared<const rating::Definition>(DefinitionOf(ref, target))};
}

// `definition` from the month on, and `earlier` before it.
inline rating::Record DatedRecord(rating::Definition definition, const rating::Definition& earlier,
                                  const std::string& from, const std::string& apply_id) {
  definition.effective_from = rating::testing::M(from);
  definition.earlier = {std::make_shared<const rating::Definition>(earlier)};
  return rating::AppliedDefinition{apply_id, std::make_shared<const rating::Definition>(std::move(definition))};
}

inline rating::Record ReadingRecord(const std::string& id, const std::string& period, const std::string& figures,
                                    const std::string& corrects = "") {
  rating::Reading reading;
  reading.period = rating::testing::P(period);
  reading.reading_id = id;
  reading.seldom.Edit().corrects = corrects;
  reading.measurement = rating::testing::Figures(figures);
  reading.source = "test";
  return reading;
}

inline rating::Record WithdrawalRecord(const std::string& id, const std::string& period,
                                       const std::string& reading_id) {
  rating::Withdrawal withdrawal;
  withdrawal.period = rating::testing::P(period);
  withdrawal.reading_id = reading_id;
  withdrawal.withdrawal_id = id;
  return withdrawal;
}

}  // namespace bellwether::scoring::testing

#endif  // BELLWETHER_SERVICES_SCORING_TESTING_H_
