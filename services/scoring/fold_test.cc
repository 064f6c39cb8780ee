#include "services/scoring/fold.h"

#include <gmock/gmock.h>

#include <deque>
#include <map>

#include "bellwether/core/limits.h"
#include "bellwether/core/partition.h"
#include "bellwether/testing/status_matchers.h"
#include "services/scoring/testing.h"

namespace bellwether::scoring {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using rating::Outcome;
using testing::DatedRecord;
using testing::DefinitionOf;
using testing::DefinitionRecord;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ReadingRecord;
using testing::RecordOf;
using ::testing::SizeIs;
using testing::WithdrawalRecord;

// A partition that is fed record by record.
class FoldTest : public ::testing::Test {
 protected:
  bus::ConsumedRecord Consumed(const bus::OutgoingRecord& record) {
    bus::ConsumedRecord consumed;
    consumed.topic = record.topic;
    consumed.offset = offset_++;
    consumed.key = record.key;
    consumed.value = record.value;
    consumed.timestamp = absl::FromUnixSeconds(1'646'000'000 + consumed.offset);
    return consumed;
  }
  Folded Fold(const bus::ConsumedRecord& record) {
    absl::StatusOr<Folded> folded = fold_.Fold(record);
    EXPECT_THAT(folded, IsOk());
    return folded.ok() ? *std::move(folded) : Folded{};
  }
  codec::Update Feed(rating::Record record) { return Feed("T1", std::move(record)); }
  codec::Update Feed(const std::string& ref, rating::Record record) {
    return Fold(fed_.emplace_back(Consumed(RecordOf(ref, std::move(record))))).update;
  }
  static std::vector<std::string> StatusesOf(const codec::Update& update) {
    std::vector<std::string> statuses;
    for (const rating::Score& score : update.scores) statuses.push_back(score.current.status);
    return statuses;
  }
  static std::vector<std::string> PeriodsOf(const codec::Update& update) {
    std::vector<std::string> periods;
    for (const rating::Score& score : update.scores) periods.push_back(score.period.ToString());
    return periods;
  }

  PartitionFold fold_{1, 0, 1};
  std::deque<bus::ConsumedRecord> fed_;  // What updates point into.
  int64_t offset_ = 0;
};

TEST_F(FoldTest, EveryRecordHasAnUpdateThatCarriesIt) {
  Feed(DefinitionRecord("T1", "d"));
  const codec::Update update = Feed(ReadingRecord("a", "2022-01", "90"));
  EXPECT_EQ(update.outcome, Outcome::kFirst);
  EXPECT_EQ(update.position, (codec::Position{1, 0, 1}));
  EXPECT_EQ(update.record, *fed_.back().value) << "as it came";
  ASSERT_THAT(update.scores, SizeIs(1));
  EXPECT_EQ(update.scores[0].current.status, "green");
  EXPECT_EQ(update.scores[0].newest.offset, 1);
}

TEST_F(FoldTest, PublishesOnlyWhatChanged) {
  Feed(DefinitionRecord("T1", "d"));
  for (const char* month : {"2021-04", "2021-05", "2021-06", "2022-04"}) Feed(ReadingRecord(month, month, "90"));
  EXPECT_THAT(PeriodsOf(Feed(ReadingRecord("x", "2021-05", "80"))), ElementsAre("2021-05", "2021-06"));
  EXPECT_THAT(Feed(ReadingRecord("x", "2021-05", "80")).scores, IsEmpty()) << "a repeat";
  EXPECT_THAT(Feed(ReadingRecord("y", "2021-05", "80")).scores, IsEmpty()) << "a confirmation";
  EXPECT_THAT(PeriodsOf(Feed(WithdrawalRecord("w", "2022-04", "2022-04"))), ElementsAre("2022-04"));
}

TEST_F(FoldTest, RecordsWhatSpeaksAgainstAReading) {
  Feed(DefinitionRecord("T1", "d"));
  Feed(ReadingRecord("a", "2021-11", "92"));
  EXPECT_THAT(Feed(ReadingRecord("b", "2021-12", "94")).warnings, IsEmpty());
  const codec::Update update = Feed(ReadingRecord("c", "2022-01", "0.93"));
  ASSERT_THAT(update.warnings, SizeIs(1));
  EXPECT_EQ(update.warnings[0].kind, rating::WarningKind::kShareForPercent);
  EXPECT_THAT(Feed(ReadingRecord("c", "2022-01", "0.93")).warnings, IsEmpty()) << "a repeat";
  const codec::Update early = Feed(ReadingRecord("d", "2022-02", "93"));  // Recorded on 27 February.
  ASSERT_THAT(early.warnings, SizeIs(1));
  EXPECT_EQ(early.warnings[0].kind, rating::WarningKind::kPeriodNotOver);
}

TEST_F(FoldTest, WhatFewReadingsSayIsHeldAgainstOthersToo) {
  rating::Definition definition = DefinitionOf("T1");
  definition.checks = {rating::RunningAmount{}};
  Feed(rating::AppliedDefinition{"d", std::make_shared<const rating::Definition>(definition)});
  const auto with_amount = [](const std::string& period, const char* amount) {
    auto reading = std::get<rating::Reading>(ReadingRecord("of " + period, period, "92"));
    reading.seldom.Edit().other.amount = rating::testing::D(amount);
    return reading;
  };
  Feed(with_amount("2021-11", "5000"));
  const codec::Update update = Feed(with_amount("2021-12", "4900"));
  ASSERT_THAT(update.warnings, SizeIs(1));
  EXPECT_EQ(update.warnings[0].kind, rating::WarningKind::kRunningFell);
}

TEST_F(FoldTest, AReadingIsHeldAgainstWhatItsIndicatorContinues) {
  rating::Definition old = DefinitionOf("T1");
  old.retired_from = rating::testing::M("2022-01");
  rating::Definition next = DefinitionOf("N1");
  next.active_from = old.retired_from;
  next.predecessor = "T1";
  const auto define = [&](const std::string& ref, const rating::Definition& definition) {
    Feed(ref, rating::AppliedDefinition{"of " + ref, std::make_shared<const rating::Definition>(definition)});
  };
  define("N1", next);
  EXPECT_THAT(Feed("N1", ReadingRecord("a", "2022-01", "0.91")).warnings, IsEmpty()) << "nothing is before it yet";
  define("T1", old);
  Feed("T1", ReadingRecord("b", "2021-11", "92"));
  Feed("T1", ReadingRecord("c", "2021-12", "94"));
  const codec::Update update = Feed("N1", ReadingRecord("d", "2022-01", "0.93"));
  ASSERT_THAT(update.warnings, SizeIs(1));
  EXPECT_EQ(update.warnings[0].kind, rating::WarningKind::kShareForPercent);
  next.breaks = {*next.active_from};
  Feed("N1", rating::AppliedDefinition{"broken", std::make_shared<const rating::Definition>(next)});
  EXPECT_THAT(Feed("N1", ReadingRecord("e", "2022-01", "0.94")).warnings, IsEmpty()) << "they do not compare";
}

TEST_F(FoldTest, ADefinitionRatesEverythingAgain) {
  EXPECT_EQ(Feed(ReadingRecord("a", "2022-01", "88")).outcome, Outcome::kHeld);
  const codec::Update defined = Feed(DefinitionRecord("T1", "d1"));
  ASSERT_THAT(defined.settled, SizeIs(1));
  EXPECT_EQ(defined.settled[0].outcome, Outcome::kFirst);
  ASSERT_THAT(defined.scores, SizeIs(1));
  EXPECT_EQ(defined.scores[0].current.status, "amber");
  EXPECT_EQ(Feed(DefinitionRecord("T1", "d2", "80")).scores.at(0).current.status, "green");
}

TEST_F(FoldTest, ADatedDefinitionRatesEachMonthByWhatHeldInIt) {
  Feed(DefinitionRecord("T1", "d1"));
  for (const char* month : {"2021-12", "2022-01", "2022-02"}) Feed(ReadingRecord(month, month, "88"));
  const codec::Update dated =
      Feed(DatedRecord(testing::DefinitionOf("T1", "80"), testing::DefinitionOf("T1"), "2022-02", "d2"));
  EXPECT_EQ(dated.outcome, Outcome::kDefined);
  EXPECT_THAT(PeriodsOf(dated), ElementsAre("2021-12", "2022-01", "2022-02"));
  EXPECT_THAT(StatusesOf(dated), ElementsAre("amber", "amber", "green"));
  EXPECT_EQ(dated.scores[2].previous.status, "amber") << "in January by what held then";
  EXPECT_EQ(dated.scores[2].previous_target, rating::testing::D("90"));
  EXPECT_THAT(StatusesOf(Feed(ReadingRecord("again", "2022-01", "89"))), ElementsAre("amber", "green"));
  EXPECT_THAT(StatusesOf(Feed(ReadingRecord("later", "2022-03", "81"))), ElementsAre("green"));
  EXPECT_EQ(Feed(DatedRecord(testing::DefinitionOf("T1", "80"), testing::DefinitionOf("T1"), "2022-02", "d3")).outcome,
            Outcome::kConfirmation);
}

TEST_F(FoldTest, ARuleThatChangedIsLookedAtInItsMonths) {
  rating::Definition sums = testing::DefinitionOf("T1");
  sums.year_to_date_rule = rating::RollUpRule::kSum;
  Feed(DatedRecord(testing::DefinitionOf("T1"), sums, "2021-07", "d"));
  for (const char* month : {"2021-04", "2021-05", "2021-06", "2021-07"}) Feed(ReadingRecord(month, month, "10"));
  const codec::Update update = Feed(ReadingRecord("x", "2021-04", "20"));
  EXPECT_THAT(PeriodsOf(update), ElementsAre("2021-04", "2021-05", "2021-06")) << "July shows the latest figure";
  EXPECT_EQ(update.scores[2].year_to_date.value, rating::testing::D("40.00"));
}

TEST_F(FoldTest, SchemesOfOneIdAreSharedOnlyWhereTheySayTheSame) {
  rating::Scheme wide = *testing::DefinitionOf("T1").scheme;
  wide.default_tolerance->shortfall = rating::testing::Percent("20");
  rating::Definition tolerant = testing::DefinitionOf("T2");
  tolerant.scheme = std::make_shared<const rating::Scheme>(wide);
  const auto define = [&](const std::string& ref, const rating::Definition& definition, const std::string& id) {
    return Feed(ref, rating::AppliedDefinition{id, std::make_shared<const rating::Definition>(definition)});
  };
  // 75 is 17% short of 90: red by the one scheme, and amber by the other of the same id.
  define("T1", testing::DefinitionOf("T1"), "d");
  define("T2", tolerant, "d");
  define("T3", testing::DefinitionOf("T3"), "d");
  for (const auto& [ref, status] : {std::pair("T1", "red"), std::pair("T2", "amber"), std::pair("T3", "red")}) {
    EXPECT_THAT(StatusesOf(Feed(ref, ReadingRecord("r", "2022-01", "75"))), ElementsAre(status)) << ref;
  }
  // An earlier wording's scheme is its own, whatever others of its id came between.
  wide.id = "wide";
  tolerant.scheme = std::make_shared<const rating::Scheme>(wide);
  tolerant.ref = "T1";
  EXPECT_THAT(StatusesOf(Feed(DatedRecord(tolerant, testing::DefinitionOf("T1"), "2022-02", "dated"))),
              ElementsAre("red"));
  define("T3", testing::DefinitionOf("T3", "91"), "d2");
  const codec::Update update = Feed(ReadingRecord("s", "2022-02", "75"));
  EXPECT_THAT(StatusesOf(update), ElementsAre("amber"));
  EXPECT_EQ(update.scores[0].scheme_id, "wide");
  EXPECT_EQ(update.scores[0].previous.status, "red");
  EXPECT_EQ(update.scores[0].previous.scheme_id, "council");
}

// What continues another is joined with it by whoever reads the scores.
TEST_F(FoldTest, AnUpdateIsOfItsOwnIndicatorAlone) {
  rating::Definition own = testing::DefinitionOf("N1");
  own.active_from = rating::testing::M("2022-02");
  own.predecessor = "T1";
  Feed(DefinitionRecord("T1", "d"));
  Feed("N1", rating::AppliedDefinition{"d", std::make_shared<const rating::Definition>(own)});
  Feed(ReadingRecord("a", "2022-01", "95"));
  const codec::Update successor = Feed("N1", ReadingRecord("b", "2022-02", "91"));
  ASSERT_THAT(successor.scores, SizeIs(1));
  EXPECT_EQ(successor.scores[0].previous.state, rating::CellState::kNotShown);
  EXPECT_EQ(successor.scores[0].movement, rating::Movement::kNone);
  EXPECT_THAT(PeriodsOf(Feed(ReadingRecord("c", "2022-01", "85"))), ElementsAre("2022-01"));
}

TEST_F(FoldTest, WhatCannotBeReadIsADeadLetterAndTheFoldGoesOn) {
  bus::ConsumedRecord no_key = Consumed(RecordOf("T1", ReadingRecord("a", "2022-01", "1")));
  no_key.key.reset();
  EXPECT_EQ(Fold(no_key).dead_letter, codec::DeadLetterReason::kNullKey);
  bus::ConsumedRecord no_value = Consumed(RecordOf("T1", ReadingRecord("a", "2022-01", "1")));
  no_value.value.reset();
  EXPECT_EQ(Fold(no_value).dead_letter, codec::DeadLetterReason::kNullValue);
  bus::ConsumedRecord garbage = Consumed(RecordOf("T1", ReadingRecord("a", "2022-01", "1")));
  garbage.value = "\xff\xfe";
  const Folded unreadable = Fold(garbage);
  EXPECT_EQ(unreadable.dead_letter, codec::DeadLetterReason::kUnreadable);
  EXPECT_EQ(unreadable.update.outcome, Outcome::kDeadLetter);
  EXPECT_EQ(unreadable.update.original_key, "E06000061/T1");
  EXPECT_THAT(unreadable.update.record, IsEmpty());
  bus::ConsumedRecord empty = Consumed(RecordOf("T1", ReadingRecord("a", "2022-01", "1")));
  empty.value = "";
  EXPECT_EQ(Fold(empty).dead_letter, codec::DeadLetterReason::kUnreadable) << "empty bytes parse, and say nothing";
  bus::ConsumedRecord foreign = Consumed(RecordOf("T1", ReadingRecord("a", "2022-01", "1")));
  foreign.key = "E06000061/T2";
  EXPECT_EQ(Fold(foreign).dead_letter, codec::DeadLetterReason::kKeyMismatch);
  EXPECT_EQ(Feed(DefinitionRecord("T1", "d")).outcome, Outcome::kDefined);
  EXPECT_EQ(fold_.next_offset(), 6);
}

TEST_F(FoldTest, ARecordInAnotherPartitionThanItsKeysIsADeadLetter) {
  const bus::ConsumedRecord record = Consumed(RecordOf("T1", DefinitionRecord("T1", "d")));
  const int32_t own = core::PartitionOf(*record.key, 12);
  EXPECT_EQ(PartitionFold(1, own, 12).Fold(record)->update.outcome, Outcome::kDefined);
  const Folded foreign = PartitionFold(1, (own + 1) % 12, 12).Fold(record).value();
  EXPECT_EQ(foreign.dead_letter, codec::DeadLetterReason::kWrongPartition);
  EXPECT_THAT(foreign.update.record, IsEmpty());
}

TEST_F(FoldTest, StopsAtAHole) {
  Feed(DefinitionRecord("T1", "d"));
  offset_ = 2;
  EXPECT_THAT(fold_.Fold(Consumed(RecordOf("T1", ReadingRecord("a", "2022-01", "1")))),
              IsError(absl::StatusCode::kDataLoss, "goes on at offset 2 where 1 was due"));
  EXPECT_EQ(fold_.next_offset(), 1);
}

// Two indicators: held, defined, revised, sent again, withdrawn, defined otherwise.
class LogTest : public FoldTest {
 protected:
  LogTest() {
    Add("T1", ReadingRecord("h", "2021-12", "70"));
    Add("T1", DefinitionRecord("T1", "d"));
    Add("T2", DefinitionRecord("T2", "d"));
    for (int i = 0; i < 40; ++i) {
      const std::string month = "2021-" + std::string(i % 12 < 9 ? "0" : "") + std::to_string(i % 12 + 1);
      Add(i % 3 == 0 ? "T2" : "T1", ReadingRecord("r" + std::to_string(i % 17), month, std::to_string(80 + i % 15)));
    }
    Add("T1", ReadingRecord("c", "2021-03", "77", "r3"));
    Add("T1", WithdrawalRecord("w", "2021-12", "h"));
    rating::Definition sums = testing::DefinitionOf("T1", "85");
    sums.quarter_rule = rating::RollUpRule::kSum;
    sums.year_to_date_rule = rating::RollUpRule::kSum;
    Add("T1", rating::AppliedDefinition{"e", std::make_shared<const rating::Definition>(sums)});
    for (const char* month : {"2021-05", "2021-11", "2022-01"}) Add("T1", ReadingRecord(month, month, "66"));
    Add("T1", DatedRecord(testing::DefinitionOf("T1", "60"), sums, "2021-10", "dated"));
    for (const char* month : {"2021-04", "2021-10", "2022-02"})
      Add("T1", ReadingRecord(std::string("late ") + month, month, "67"));
  }

  void Add(const std::string& ref, rating::Record record) {
    log_.push_back(Consumed(RecordOf(ref, std::move(record))));
  }

  // The updates from offset `silent_until` on, of a fold that only kept the records before.
  std::vector<std::string> UpdatesFrom(int64_t silent_until) const {
    PartitionFold fold(1, 0, 1);
    std::vector<std::string> bytes;
    for (const bus::ConsumedRecord& record : log_) {
      const bool silent = record.offset < silent_until;
      if (silent) {
        EXPECT_THAT(fold.Keep(record), IsOk());
      } else {
        bytes.push_back(codec::EncodeUpdate(fold.Fold(record)->update));
      }
    }
    return bytes;
  }

  std::vector<bus::ConsumedRecord> log_;
};

TEST_F(LogTest, TheSameLogGivesTheSameBytesWhereverTheFoldBegan) {
  const std::vector<std::string> all = UpdatesFrom(0);
  EXPECT_EQ(UpdatesFrom(0), all);
  for (size_t from = 1; from <= log_.size(); ++from) {
    EXPECT_EQ(UpdatesFrom(static_cast<int64_t>(from)),
              std::vector<std::string>(all.begin() + static_cast<std::ptrdiff_t>(from), all.end()));
  }
}

TEST_F(FoldTest, WhatCannotBeReadIsKeptInVain) {
  std::vector<bus::ConsumedRecord> log;
  log.push_back(Consumed(RecordOf("T1", DefinitionRecord("T1", "d"))));
  log.push_back(Consumed(RecordOf("T1", ReadingRecord("a", "2022-01", "90"))));
  log.push_back(Consumed(RecordOf("T2", ReadingRecord("b", "2022-02", "50"))));
  log.back().key = log.front().key;
  log.push_back(Consumed(RecordOf("T1", ReadingRecord("c", "2022-02", "60"))));
  log.back().value = "rubbish";
  log.push_back(log.back());
  log.back().offset = offset_++;
  log.back().value.reset();
  log.push_back(log.back());
  log.back().offset = offset_++;
  log.back().key.reset();
  for (const bus::ConsumedRecord& record : log) ASSERT_THAT(fold_.Keep(record), IsOk());
  EXPECT_EQ(fold_.next_offset(), 6);
  EXPECT_EQ(Feed(ReadingRecord("a", "2022-01", "90")).outcome, Outcome::kRepeat);
  EXPECT_EQ(Feed(ReadingRecord("d", "2022-02", "91")).outcome, Outcome::kFirst) << "neither b nor c is in the way";
  const bus::ConsumedRecord beyond = Consumed(RecordOf("T1", ReadingRecord("e", "2022-03", "91")));
  bus::ConsumedRecord jump = beyond;
  ++jump.offset;
  EXPECT_THAT(fold_.Keep(jump), IsError(absl::StatusCode::kDataLoss, "has a hole"));
  EXPECT_THAT(fold_.Keep(beyond), IsOk());
}

TEST_F(LogTest, AnUpdateHoldsExactlyTheScoresThatDifferFromThoseBefore) {
  std::map<std::string, rating::Ledger> ledgers;
  std::map<std::string, std::map<core::Period, rating::Score>> published;
  for (const bus::ConsumedRecord& record : log_) {
    const codec::Update update = Fold(record).update;
    rating::Ledger& ledger = ledgers[*record.key];
    ledger.Apply(codec::DecodeRecord(update.record)->value, {record.offset, update.recorded_at});
    if (!ledger.definition()) continue;
    std::vector<rating::Score> differing;
    for (const core::Period& period : rating::ScoredPeriods(*ledger.definition(), ledger.slots())) {
      rating::Score score = rating::Rate(*ledger.definition(), ledger.definition_recorded(), ledger.slots(), period);
      const auto [before, is_new] = published[*record.key].try_emplace(period);
      if (is_new || before->second != score) differing.push_back(score);
      before->second = std::move(score);
    }
    EXPECT_EQ(update.scores, differing) << "offset " << record.offset;
  }
}

TEST_F(FoldTest, TheLargestDefinitionChangeFitsIntoAnUpdate) {
  rating::Definition large = testing::DefinitionOf("T1");
  large.description = std::string(core::limits::kDescriptionCharacters, 'd');
  large.notes.assign(core::limits::kNotes, std::string(core::limits::kNoteCharacters, 'n'));
  large.quarter_rule = rating::RollUpRule::kSum;
  large.year_to_date_rule = rating::RollUpRule::kSum;
  const auto define = [&](const std::string& id) {
    return rating::Record(rating::AppliedDefinition{id, std::make_shared<const rating::Definition>(large)});
  };
  Feed(define("d1"));
  const core::Month first(1990, 1);
  for (int i = 0; i < core::limits::kPeriods; ++i) {
    rating::Reading reading = std::get<rating::Reading>(ReadingRecord(
        std::string(124, 'i') + std::to_string(1000 + i), "2022-01", "12345678.123456789/987654321.123456789"));
    reading.period = core::Period::OfMonth(first + i);
    reading.seldom.Edit().published_arrow = "↑↑↑↑↑↑↑↑↑↑↑↑↑↑↑↑";
    reading.seldom.Edit().published_status = std::string(core::limits::kPublishedStatusCharacters, 's');
    reading.seldom.Edit().other = {rating::testing::D("123456789.123456789"), rating::testing::D("123456789.123456789"),
                                   rating::testing::D("123456789.123456789"),
                                   rating::testing::D("123456789.123456789")};
    Feed(reading);
  }
  large.coverage = "other words";
  const codec::Update update = Feed(define("d2"));
  EXPECT_THAT(update.scores, SizeIs(core::limits::kPeriods));
  EXPECT_LT(codec::EncodeUpdate(update).size(), static_cast<size_t>(core::limits::kUpdateBytes));
}

TEST_F(FoldTest, TheLongestReasonsInEveryCellFitIntoAnUpdate) {
  rating::Definition large = testing::DefinitionOf("T1");
  large.quarter_rule = rating::RollUpRule::kSum;
  large.year_to_date_rule = rating::RollUpRule::kSum;
  const auto define = [&](const std::string& id) {
    return rating::Record(rating::AppliedDefinition{id, std::make_shared<const rating::Definition>(large)});
  };
  std::string reason;
  for (int i = 0; i < core::limits::kNotAvailableReasonCharacters; ++i) reason += "𝄞";
  const auto lacks = [&](const core::Period& period, char status) {
    rating::Reading reading;
    reading.period = period;
    reading.reading_id = period.ToString();
    reading.measurement = rating::NotAvailable{reason};
    reading.observation_status = status;
    return reading;
  };
  for (const char status : {'M', 'L'}) {
    for (const bool supplied : {false, true}) {
      fold_ = PartitionFold(1, 0, 1);
      offset_ = 0;
      Feed(define("d1"));
      for (int i = 0; i < core::limits::kPeriods; ++i) {
        const core::Month month = core::Month(1990, 1) + i;
        if (i % 4 == 3) {  // So that longer spans are not computable, and say why.
          Feed(ReadingRecord(month.ToString(), month.ToString(), "1"));
        } else {
          Feed(lacks(core::Period::OfMonth(month), status));
        }
        if (!supplied) continue;
        Feed(lacks(rating::testing::P(month.ToString() + "-YTD"), status));
        const core::Period quarter = core::Period::QuarterOf(month, core::YearKind::kFinancial);
        if (quarter.last() == month) Feed(lacks(quarter, status));
      }
      large.coverage = "other words";
      const codec::Update update = Feed(define("d2"));
      large.coverage = "";
      EXPECT_EQ(update.scores.size(), static_cast<size_t>(core::limits::kPeriods));
      const size_t bytes = codec::EncodeUpdate(update).size();
      EXPECT_LT(bytes, static_cast<size_t>(core::limits::kUpdateBytes));
      RecordProperty(std::string("bytes_") + status + (supplied ? "_supplied" : ""), std::to_string(bytes));
    }
  }
}

}  // namespace
}  // namespace bellwether::scoring
