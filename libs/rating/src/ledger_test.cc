#include "bellwether/rating/ledger.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>

namespace bellwether::rating {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

core::Period P(const char* text) { return *core::Period::Parse(text); }

Reading MakeReading(const std::string& id, const std::string& period, const std::string& value,
                    const std::string& corrects = "") {
  Reading r;
  r.period = P(period.c_str());
  r.reading_id = id;
  r.seldom.Edit().corrects = corrects;
  r.measurement = *core::Decimal::Parse(value);
  return r;
}

Withdrawal MakeWithdrawal(const std::string& id, const std::string& period, const std::string& reading_id) {
  Withdrawal w;
  w.period = P(period.c_str());
  w.reading_id = reading_id;
  w.withdrawal_id = id;
  return w;
}

AppliedDefinition MakeDefinition(const std::string& id, const std::string& description = "calls answered") {
  auto definition = std::make_shared<Definition>();
  definition->ref = "T1";
  definition->description = description;
  definition->scheme = std::make_shared<Scheme>();
  return {id, definition};
}

// A defined indicator, and records applied at offsets 0, 1, 2, ...
class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() { Apply(MakeDefinition("d1")); }
  Applied Apply(const Record& record) { return ledger_.Apply(record, {next_++, absl::UnixEpoch()}); }
  // What is in force for a period: the reading's id, "withdrawn", or "nothing".
  std::string InForce(const char* period) const {
    const auto it = ledger_.slots().find(P(period));
    if (it == ledger_.slots().end()) return "nothing";
    return it->second.reading ? it->second.reading->reading_id : "withdrawn";
  }
  Ledger ledger_;
  int64_t next_ = 0;
};

TEST_F(LedgerTest, FirstThenRevision) {
  const Applied first = Apply(MakeReading("a", "2022-01", "90"));
  EXPECT_EQ(first.outcome, Outcome::kFirst);
  EXPECT_THAT(first.changed, ElementsAre(P("2022-01")));
  const Applied revision = Apply(MakeReading("b", "2022-01", "91"));
  EXPECT_EQ(revision.outcome, Outcome::kRevision);
  EXPECT_THAT(revision.detail, HasSubstr("\"a\""));
  EXPECT_EQ(InForce("2022-01"), "b");
}

template <typename T>
T By(const char* principal, T record, bool for_all = false) {
  record.by = {core::Interned(principal), for_all};
  return record;
}

TEST_F(LedgerTest, IdsAreEachPrincipalsOwn) {
  // A thief that guesses ids: what it withdraws, sends first and corrects is its own alone.
  EXPECT_THAT(Apply(By("thief", MakeWithdrawal("w", "2022-01", "a"))).outcome, Outcome::kWithdrawal);
  Apply(By("thief", MakeReading("x", "2022-02", "1", "a")));
  EXPECT_EQ(Apply(By("thief", MakeReading("a", "2022-01", "1"))).outcome, Outcome::kSuperseded)
      << "it withdrew that itself";
  EXPECT_EQ(Apply(By("feed", MakeReading("a", "2022-01", "90"))).outcome, Outcome::kFirst);
  EXPECT_EQ(InForce("2022-01"), "a");
  EXPECT_EQ(Apply(By("feed", MakeReading("a", "2022-01", "90"))).outcome, Outcome::kRepeat);
  EXPECT_EQ(Apply(By("feed", MakeReading("a", "2022-01", "91"))).outcome, Outcome::kConflict);
  const Applied late = Apply(By("thief", MakeWithdrawal("w2", "2022-01", "a")));
  EXPECT_THAT(late.changed, IsEmpty());
  EXPECT_THAT(late.detail, HasSubstr("is of \"feed\" and stays in force"));
  EXPECT_THAT(Apply(By("thief", MakeReading("y", "2022-03", "2", "a"))).changed, ElementsAre(P("2022-03")));
  EXPECT_EQ(InForce("2022-01"), "a");
  // Ids of withdrawals and comments, too.
  Comment comment;
  comment.period = P("2022-01");
  comment.comment_id = "c";
  comment.text = "words";
  EXPECT_EQ(Apply(By("thief", comment)).outcome, Outcome::kCommented);
  comment.text = "others";
  EXPECT_EQ(Apply(By("feed", comment)).outcome, Outcome::kCommented);
  EXPECT_EQ(Apply(By("feed", MakeWithdrawal("w", "2022-01", "a"))).outcome, Outcome::kWithdrawal);
  EXPECT_EQ(InForce("2022-01"), "withdrawn");
}

TEST_F(LedgerTest, WhoMayForAllWithdrawsAndCorrectsWhatOthersSent) {
  Apply(By("feed", MakeReading("a", "2022-01", "90")));
  Apply(By("feed", MakeReading("b", "2022-02", "90")));
  Apply(By("analyst", MakeWithdrawal("w", "2022-01", "a"), true));
  EXPECT_EQ(InForce("2022-01"), "withdrawn");
  EXPECT_THAT(Apply(By("analyst", MakeReading("m", "2022-03", "90", "b"), true)).changed,
              ElementsAre(P("2022-02"), P("2022-03")));
  // What was recorded where nobody asked who it is, is anybody's, and said again it is a repeat.
  Apply(MakeReading("old", "2021-12", "90"));
  Apply(MakeReading("newer", "2021-12", "91"));
  EXPECT_EQ(Apply(By("feed", MakeReading("old", "2021-12", "90"))).outcome, Outcome::kRepeat);
  EXPECT_EQ(InForce("2021-12"), "newer");
  Apply(By("feed", MakeWithdrawal("w3", "2021-12", "newer")));
  EXPECT_EQ(InForce("2021-12"), "withdrawn");
}

TEST_F(LedgerTest, RepeatChangesNothingEvenAfterTheCorrection) {
  Apply(MakeReading("a", "2022-01", "90"));
  Apply(MakeReading("b", "2022-01", "91", "a"));
  const Applied repeat = Apply(MakeReading("a", "2022-01", "90"));
  EXPECT_EQ(repeat.outcome, Outcome::kRepeat);
  EXPECT_THAT(repeat.detail, HasSubstr("offset 1"));
  EXPECT_THAT(repeat.changed, IsEmpty());
  EXPECT_EQ(InForce("2022-01"), "b");
}

TEST_F(LedgerTest, RepeatIsJudgedByContentWithoutSource) {
  Reading a = MakeReading("a", "2022-01", "90");
  Apply(a);
  a.source = "another feed";
  EXPECT_EQ(Apply(a).outcome, Outcome::kRepeat);
}

TEST_F(LedgerTest, ReusedIdIsAConflict) {
  Apply(MakeReading("a", "2022-01", "90"));
  EXPECT_EQ(Apply(MakeReading("a", "2022-01", "91")).outcome, Outcome::kConflict);
  EXPECT_EQ(Apply(MakeReading("a", "2022-02", "90")).outcome, Outcome::kConflict);
  EXPECT_EQ(Apply(MakeReading("a", "2022-01", "90.0")).outcome, Outcome::kConflict) << "precision is content";
  EXPECT_EQ(Apply(MakeReading("a", "2022-01", "90", "x")).outcome, Outcome::kConflict) << "corrects is content";
  EXPECT_EQ(Apply(MakeReading("a", "2022-01", "90")).outcome, Outcome::kRepeat) << "compared with the first";
  EXPECT_EQ(InForce("2022-01"), "a");
  EXPECT_EQ(InForce("2022-02"), "nothing");
}

TEST_F(LedgerTest, CorrectionThatOvertakesItsOriginal) {
  EXPECT_EQ(Apply(MakeReading("b", "2022-01", "91", "a")).outcome, Outcome::kFirst);
  const Applied original = Apply(MakeReading("a", "2022-01", "90"));
  EXPECT_EQ(original.outcome, Outcome::kSuperseded);
  EXPECT_THAT(original.detail, HasSubstr("corrected by \"b\""));
  EXPECT_EQ(InForce("2022-01"), "b");
}

TEST_F(LedgerTest, ChainOfCorrectionsInReverse) {
  Apply(MakeReading("c", "2022-01", "92", "b"));
  EXPECT_EQ(Apply(MakeReading("b", "2022-01", "91", "a")).outcome, Outcome::kSuperseded);
  EXPECT_EQ(Apply(MakeReading("a", "2022-01", "90")).outcome, Outcome::kSuperseded);
  EXPECT_EQ(InForce("2022-01"), "c");
}

TEST_F(LedgerTest, CorrectionToAnotherPeriodLeavesTheFirstWithdrawn) {
  Apply(MakeReading("a", "2022-01", "90"));
  const Applied moved = Apply(MakeReading("b", "2022-02", "90", "a"));
  EXPECT_EQ(moved.outcome, Outcome::kFirst);
  EXPECT_THAT(moved.changed, ElementsAre(P("2022-01"), P("2022-02")));
  EXPECT_EQ(InForce("2022-01"), "withdrawn");
  EXPECT_EQ(InForce("2022-02"), "b");
}

TEST_F(LedgerTest, CorrectionThatSaysTheSameIsARevision) {
  Apply(MakeReading("a", "2022-01", "90"));
  EXPECT_EQ(Apply(MakeReading("b", "2022-01", "90", "a")).outcome, Outcome::kRevision);
  EXPECT_EQ(InForce("2022-01"), "b");
}

TEST_F(LedgerTest, ConfirmationLeavesWhatItConfirms) {
  Apply(MakeReading("a", "2022-01", "90"));
  EXPECT_EQ(Apply(MakeReading("b", "2022-01", "90")).outcome, Outcome::kConfirmation);
  EXPECT_EQ(InForce("2022-01"), "a");
  const Applied withdrawal = Apply(MakeWithdrawal("w", "2022-01", "b"));
  EXPECT_EQ(withdrawal.outcome, Outcome::kWithdrawal);
  EXPECT_THAT(withdrawal.changed, IsEmpty());
  EXPECT_EQ(InForce("2022-01"), "a");
}

TEST_F(LedgerTest, WithdrawalRevivesNothing) {
  Apply(MakeReading("a", "2022-01", "90"));
  Apply(MakeReading("b", "2022-01", "91"));
  EXPECT_THAT(Apply(MakeWithdrawal("w", "2022-01", "b")).changed, ElementsAre(P("2022-01")));
  EXPECT_EQ(InForce("2022-01"), "withdrawn");
  EXPECT_EQ(Apply(MakeReading("b", "2022-01", "91")).outcome, Outcome::kRepeat);
  EXPECT_EQ(InForce("2022-01"), "withdrawn");
  EXPECT_EQ(Apply(MakeReading("c", "2022-01", "91")).outcome, Outcome::kFirst);
  EXPECT_EQ(InForce("2022-01"), "c");
}

TEST_F(LedgerTest, WithdrawalThatOvertakesItsReading) {
  Apply(MakeWithdrawal("w", "2022-01", "a"));
  EXPECT_EQ(Apply(MakeReading("a", "2022-01", "90")).outcome, Outcome::kSuperseded);
  EXPECT_EQ(InForce("2022-01"), "nothing");
}

TEST_F(LedgerTest, WithdrawalNamesItsPeriod) {
  Apply(MakeReading("a", "2022-01", "90"));
  const Applied elsewhere = Apply(MakeWithdrawal("w", "2022-02", "a"));
  EXPECT_EQ(elsewhere.outcome, Outcome::kWithdrawal);
  EXPECT_THAT(elsewhere.detail, HasSubstr("was not in force for 2022-02"));
  EXPECT_EQ(InForce("2022-01"), "a");
  EXPECT_EQ(Apply(MakeWithdrawal("w", "2022-02", "a")).outcome, Outcome::kRepeat);
  EXPECT_EQ(Apply(MakeWithdrawal("w", "2022-01", "a")).outcome, Outcome::kConflict);
}

TEST_F(LedgerTest, IdsOfKindsAreApart) {
  EXPECT_EQ(Apply(MakeReading("x", "2022-01", "90")).outcome, Outcome::kFirst);
  EXPECT_EQ(Apply(MakeWithdrawal("x", "2022-01", "y")).outcome, Outcome::kWithdrawal);
  EXPECT_EQ(Apply(Comment{P("2022-01"), "x", "words", ""}).outcome, Outcome::kCommented);
  EXPECT_EQ(Apply(MakeDefinition("x", "other words")).outcome, Outcome::kDefined);
}

TEST_F(LedgerTest, Comments) {
  EXPECT_TRUE(Apply(Comment{P("2022-01"), "a", "good", "me"}).comment_changed);
  EXPECT_EQ(Apply(Comment{P("2022-01"), "a", "good", "you"}).outcome, Outcome::kRepeat);
  EXPECT_EQ(Apply(Comment{P("2022-01"), "a", "bad", "me"}).outcome, Outcome::kConflict);
  EXPECT_EQ(Apply(Comment{P("2022-01"), "b", "good", "me"}).outcome, Outcome::kConfirmation);
  EXPECT_EQ(Apply(Comment{P("2022-01"), "c", "better", "me"}).outcome, Outcome::kCommented);
  EXPECT_EQ(ledger_.comments().at(P("2022-01")).comment.text, "better");
  EXPECT_EQ(Apply(Comment{P("2022-01"), "d", "", "me"}).outcome, Outcome::kCommented);
  EXPECT_THAT(ledger_.comments(), IsEmpty());
}

TEST_F(LedgerTest, Definitions) {
  EXPECT_EQ(Apply(MakeDefinition("d1")).outcome, Outcome::kRepeat);
  EXPECT_EQ(Apply(MakeDefinition("d1", "changed")).outcome, Outcome::kConflict);
  EXPECT_EQ(Apply(MakeDefinition("d2")).outcome, Outcome::kConfirmation);
  EXPECT_EQ(Apply(MakeDefinition("d3", "changed")).outcome, Outcome::kDefined);
  EXPECT_EQ(Apply(MakeDefinition("d1")).outcome, Outcome::kRepeat) << "a late retry does not undo";
  EXPECT_EQ(ledger_.definition()->description, "changed");
}

TEST(HeldTest, TheDefinitionSettlesWhatCameBefore) {
  Ledger ledger;
  const auto apply = [&](const Record& r, int64_t offset) { return ledger.Apply(r, {offset, absl::UnixEpoch()}); };
  EXPECT_EQ(apply(MakeReading("a", "2022-01", "90"), 0).outcome, Outcome::kHeld);
  EXPECT_EQ(apply(MakeReading("a", "2022-01", "90"), 1).outcome, Outcome::kRepeat);
  EXPECT_EQ(apply(MakeReading("b", "2022-01", "91"), 2).outcome, Outcome::kHeld);
  EXPECT_EQ(apply(MakeReading("c", "2022-01", "91"), 3).outcome, Outcome::kHeld);
  EXPECT_EQ(apply(MakeWithdrawal("w", "2022-01", "b"), 4).outcome, Outcome::kWithdrawal);
  const Applied defined = apply(MakeDefinition("d"), 5);
  std::vector<std::pair<int64_t, Outcome>> settled;
  for (const Settled& s : defined.settled) settled.emplace_back(s.offset, s.outcome);
  EXPECT_THAT(settled, ElementsAre(std::pair(int64_t{0}, Outcome::kFirst), std::pair(int64_t{2}, Outcome::kRevision),
                                   std::pair(int64_t{3}, Outcome::kConfirmation)));
  EXPECT_THAT(apply(MakeDefinition("e", "changed"), 6).settled, IsEmpty());
  EXPECT_EQ(ledger.slots().at(P("2022-01")).reading, nullptr);
}

// What is in force, period by period.
std::map<core::Period, std::string> InForceOf(const Ledger& ledger) {
  std::map<core::Period, std::string> result;
  for (const auto& [period, slot] : ledger.slots())
    result[period] = slot.reading ? slot.reading->reading_id : "withdrawn";
  return result;
}

// Records of a few periods and ids, so that they meet often.
rc::Gen<Record> AnyRecord() {
  return rc::gen::apply(
      [](int month, int id, int kind, int other) -> Record {
        const std::string period = "2022-0" + std::to_string(month);
        const std::string reading = "r" + std::to_string(id);
        if (kind == 0) return MakeWithdrawal("w" + std::to_string(other), period, reading);
        return MakeReading(reading, period, std::to_string(id), kind == 1 ? "r" + std::to_string(other) : "");
      },
      rc::gen::inRange(1, 4), rc::gen::inRange(0, 8), rc::gen::inRange(0, 4), rc::gen::inRange(0, 8));
}

TEST(LedgerPropertyTest, RetriesAnywhereChangeNothing) {
  EXPECT_TRUE(rc::check("duplicates of earlier records change nothing", [] {
    const auto records = *rc::gen::container<std::vector<Record>>(AnyRecord());
    std::mt19937 random(*rc::gen::arbitrary<unsigned>());
    Ledger plain;
    Ledger retried;
    int64_t offset = 0;
    for (size_t i = 0; i < records.size(); ++i) {
      plain.Apply(records[i], {static_cast<int64_t>(i), absl::UnixEpoch()});
      retried.Apply(records[i], {offset++, absl::UnixEpoch()});
      const Applied again = retried.Apply(records[random() % (i + 1)], {offset++, absl::UnixEpoch()});
      RC_ASSERT(again.outcome == Outcome::kRepeat || again.outcome == Outcome::kConflict);
    }
    RC_ASSERT(InForceOf(plain) == InForceOf(retried));
  }));
}

TEST(LedgerPropertyTest, PeriodsDoNotDisturbOneAnother) {
  EXPECT_TRUE(rc::check("same slots whatever the interleaving of periods", [] {
    const auto records = *rc::gen::container<std::vector<Record>>(AnyRecord());
    // Ids made unique to their period and corrections left out: then periods are independent.
    std::vector<Record> own;
    for (const Record& record : records) {
      if (const auto* r = std::get_if<Reading>(&record)) {
        own.push_back(MakeReading(r->reading_id + r->period.ToString(), r->period.ToString(), "1"));
      } else {
        const auto& w = std::get<Withdrawal>(record);
        own.push_back(MakeWithdrawal(w.withdrawal_id + w.period.ToString(), w.period.ToString(),
                                     w.reading_id + w.period.ToString()));
      }
    }
    std::vector<Record> by_period = own;
    std::stable_sort(by_period.begin(), by_period.end(), [](const Record& a, const Record& b) {
      const auto period = [](const Record& r) {
        return std::holds_alternative<Reading>(r) ? std::get<Reading>(r).period : std::get<Withdrawal>(r).period;
      };
      return period(a) < period(b);
    });
    Ledger a;
    Ledger b;
    for (size_t i = 0; i < own.size(); ++i) {
      a.Apply(own[i], {static_cast<int64_t>(i), absl::UnixEpoch()});
      b.Apply(by_period[i], {static_cast<int64_t>(i), absl::UnixEpoch()});
    }
    RC_ASSERT(InForceOf(a) == InForceOf(b));
  }));
}

}  // namespace
}  // namespace bellwether::rating
