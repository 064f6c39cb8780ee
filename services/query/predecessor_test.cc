// An indicator that continues another one, in every answer. N1 continues T1 from March 2022 on.
#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bellwether/codec/definition.h"
#include "bellwether/codec/scheme.h"
#include "services/query/service_fixture.h"

namespace bellwether::query::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

class PredecessorTest : public QueryServiceTest {
 protected:
  explicit PredecessorTest(std::unique_ptr<rpc::Door> door = nullptr) : QueryServiceTest({}, std::move(door)) {
    clock_.SetToday(core::Date(2022, 5, 20));
  }

  static rating::Definition Old() {
    rating::Definition definition = DefinitionOf("T1", 1);
    definition.retired_from = rating::testing::M("2022-03");
    definition.year_to_date_rule = rating::RollUpRule::kSum;
    definition.allowed_values = rating::Range{rating::testing::D("0"), rating::testing::D("1000")};
    return definition;
  }
  static rating::Definition New(std::vector<core::Month> breaks = {}) {
    rating::Definition definition = DefinitionOf("N1", 2);
    definition.active_from = rating::testing::M("2022-03");
    definition.predecessor = "T1";
    definition.year_to_date_rule = rating::RollUpRule::kSum;
    definition.allowed_values = rating::Range{rating::testing::D("0"), rating::testing::D("1000")};
    definition.breaks = std::move(breaks);
    definition.silenced = {{rating::WarningKind::kPeriodNotOver, "The log's clock stands in February."}};
    return definition;
  }
  void WriteBoth(const rating::Definition& definition = New()) {
    Write("T1", Defines(Old()));
    Write("T1", Reads("2022-01", "80"));
    Write("T1", Reads("2022-02", "95", "t-feb"));
    Write("N1", Defines(definition));
    Write("N1", Reads("2022-03", "91"));
    Write("N1", Reads("2022-04", "92"));
  }
  v1::ReportRow RowIn(const std::string& period) {
    v1::GetReportRequest request;
    request.set_period(period);
    const v1::GetReportResponse report = Report(request);
    EXPECT_EQ(report.rows_size(), 1);
    return report.rows_size() == 1 ? report.rows(0) : v1::ReportRow();
  }
  v1::GetIndicatorResponse Indicator(const std::string& ref) {
    v1::GetIndicatorRequest request;
    request.set_council(kCouncil);
    request.set_ref(ref);
    v1::GetIndicatorResponse response;
    const grpc::Status s = Call(&v1::QueryService::Stub::GetIndicator, request, &response);
    EXPECT_TRUE(s.ok()) << s.error_message();
    return response;
  }
  v1::ExplainScoreResponse Explain(const std::string& period) {
    v1::ExplainScoreRequest request;
    request.set_council(kCouncil);
    request.set_ref("N1");
    request.set_period(period);
    v1::ExplainScoreResponse response;
    const grpc::Status s = Call(&v1::QueryService::Stub::ExplainScore, request, &response);
    EXPECT_TRUE(s.ok()) << s.error_message();
    return response;
  }
  std::vector<std::string> ChangesSince(int64_t seconds) {
    v1::ListChangesRequest request;
    request.set_council(kCouncil);
    request.mutable_since()->set_seconds(seconds);
    v1::ListChangesResponse response;
    const grpc::Status s = Call(&v1::QueryService::Stub::ListChanges, request, &response);
    EXPECT_TRUE(s.ok()) << s.error_message();
    std::vector<std::string> changes;
    for (const v1::Change& c : response.changes()) {
      changes.push_back(
          absl::StrCat(c.ref(), " ", c.period(), " ", c.before().arrow(), ">", c.after().arrow(), " ", c.cause()));
    }
    return changes;
  }
};

TEST_F(PredecessorTest, TheReportHasItsPreviousFigureArrowAndYear) {
  WriteBoth();
  const v1::ReportRow row = RowIn("2022-03");
  EXPECT_EQ(row.definition().ref(), "N1");
  EXPECT_EQ(row.score().previous().value().value(), "95");
  EXPECT_EQ(row.score().arrow(), "↓") << "worse, and still on target";
  EXPECT_EQ(RowIn("2022-04").score().previous().value().value(), "91");
  EXPECT_EQ(RowIn("2022-02").definition().ref(), "T1");
}

TEST_F(PredecessorTest, WhatDoesNotCompareIsWithheld) {
  WriteBoth(New({rating::testing::M("2022-03")}));
  const v1::ReportRow row = RowIn("2022-03");
  EXPECT_FALSE(row.score().previous().has_value());
  EXPECT_EQ(row.score().arrow(), "");
  EXPECT_THAT(Explain("2022-03").explanation().direction().sentence(), HasSubstr("does not compare with T1"));
  const v1::GetIndicatorResponse indicator = Indicator("N1");
  ASSERT_EQ(indicator.predecessors_size(), 1);
  EXPECT_FALSE(indicator.predecessors(0).compares());
  EXPECT_EQ(indicator.predecessors(0).scores_size(), 2);
  EXPECT_EQ(indicator.trend().from_period(), "2022-03");
}

TEST_F(PredecessorTest, TheHistoryHasBothWithTheirRefs) {
  WriteBoth();
  Write("T1", Says("2022-02", "the last one under this ref"));
  const v1::GetIndicatorResponse indicator = Indicator("N1");
  EXPECT_EQ(indicator.scores_size(), 2);
  EXPECT_EQ(indicator.scores(0).arrow(), "↓");
  ASSERT_EQ(indicator.predecessors_size(), 1);
  const v1::PredecessorHistory& before = indicator.predecessors(0);
  EXPECT_EQ(before.definition().ref(), "T1");
  EXPECT_TRUE(before.compares());
  ASSERT_EQ(before.scores_size(), 2);
  EXPECT_EQ(before.scores(1).period(), "2022-02");
  EXPECT_EQ(before.comments(0).text(), "the last one under this ref");
  EXPECT_EQ(indicator.trend().from_period(), "2022-01");
  EXPECT_EQ(Indicator("T1").predecessors_size(), 0);
}

TEST_F(PredecessorTest, ACorrectionOfTheOneBeforeChangesTheSuccessor) {
  WriteBoth();
  EXPECT_EQ(RowIn("2022-03").score().arrow(), "↓");
  EXPECT_EQ(RowIn("2022-04").score().previous().value().value(), "91");
  const int64_t before = 1'646'000'000 + 6;
  Write("T1", Reads("2022-02", "85", "t-feb-2"));
  EXPECT_EQ(RowIn("2022-03").score().previous().value().value(), "85");
  EXPECT_EQ(RowIn("2022-03").score().arrow(), "↑G");
  EXPECT_EQ(Indicator("N1").scores(0).arrow(), "↑G");
  EXPECT_THAT(ChangesSince(before),
              ElementsAre(StartsWith("T1 2022-02 "), "N1 2022-03 ↓>↑G T1: reading t-feb-2 of 2022-02 from test"));
  EXPECT_THAT(ChangesSince(0), IsSupersetOf({"N1 2022-03 >↑G reading id-2022-03 of 2022-03 from test",
                                             "N1 2022-04 >↑G reading id-2022-04 of 2022-04 from test"}))
      << "a figure that is new came with its own reading";
}

TEST_F(PredecessorTest, ACauseIsWhatMadeTheChange) {
  Write("T1", Reads("2022-02", "95", "held"));
  Write("T1", Defines(Old()));
  const int64_t defined = 1'646'000'000 + 1;
  EXPECT_THAT(ChangesSince(0),
              IsSupersetOf({"T1  > an apply of the catalogue", "T1 2022-02 > reading held of 2022-02 from test"}));
  EXPECT_THAT(ChangesSince(defined),
              IsSupersetOf({"T1  > an apply of the catalogue", "T1 2022-02 > an apply of the catalogue"}))
      << "the reading was held until then";
  Write("T1", Reads("2022-01", "96", "late"));
  rating::Definition again = Old();
  again.description = "in other words";
  Write("T1", Defines(again, "apply-2"));
  EXPECT_THAT(ChangesSince(defined + 1),
              IsSupersetOf({"T1  > an apply of the catalogue", "T1 2022-01 > reading late of 2022-01 from test",
                            "T1 2022-02 >↓ reading late of 2022-01 from test"}));
}

TEST_F(PredecessorTest, WhatWasNamedThenIsComparedAsItWas) {
  WriteBoth();  // Six records.
  rating::Definition alone = New();
  alone.predecessor = "";
  Write("N1", Defines(alone, "apply-2"));
  EXPECT_THAT(ChangesSince(1'646'000'000 + 6),
              IsSupersetOf({"N1  > an apply of the catalogue", "N1 2022-03 ↓> an apply of the catalogue"}));
  Write("N1", Defines(New(), "apply-3"));
  EXPECT_THAT(ChangesSince(1'646'000'000 + 7),
              IsSupersetOf({"N1  > an apply of the catalogue", "N1 2022-03 >↓ an apply of the catalogue"}));
  EXPECT_THAT(ChangesSince(1'646'000'000 + 6), ElementsAre()) << "as it was";
}

TEST_F(PredecessorTest, AWithdrawalOfTheOneBeforeTakesTheArrowAway) {
  WriteBoth();
  Write("T1", Withdraws("2022-02", "t-feb"));
  EXPECT_EQ(RowIn("2022-03").score().arrow(), "");
  EXPECT_THAT(Explain("2022-03").explanation().direction().sentence(),
              HasSubstr("the reading of February 2022 was withdrawn"));
}

TEST_F(PredecessorTest, ItGoesOnWhicheverIsDefinedFirst) {
  Write("N1", Defines(New()));
  Write("N1", Reads("2022-03", "91"));
  EXPECT_EQ(RowIn("2022-03").score().arrow(), "");
  Write("T1", Reads("2022-02", "95"));  // Held.
  EXPECT_EQ(RowIn("2022-03").score().arrow(), "");
  Write("T1", Defines(Old()));
  EXPECT_EQ(RowIn("2022-03").score().arrow(), "↓");
  rating::Definition alone = New();
  alone.predecessor = "";
  Write("N1", Defines(alone, "apply-2"));
  EXPECT_EQ(RowIn("2022-03").score().arrow(), "");
  Write("T1", Reads("2022-02", "85", "again"));
  EXPECT_EQ(RowIn("2022-03").score().arrow(), "");
}

TEST_F(PredecessorTest, ChainsGoOnThroughAll) {
  rating::Definition oldest = DefinitionOf("A1", 3);
  oldest.retired_from = rating::testing::M("2022-02");
  rating::Definition old = Old();
  old.active_from = rating::testing::M("2022-02");
  old.predecessor = "A1";
  Write("N1", Defines(New()));
  Write("T1", Defines(old));
  Write("A1", Defines(oldest));
  Write("N1", Reads("2022-03", "91"));
  Write("T1", Reads("2022-02", "95"));
  Write("A1", Reads("2022-01", "70", "first"));
  v1::GetIndicatorResponse indicator = Indicator("N1");
  ASSERT_EQ(indicator.predecessors_size(), 2);
  EXPECT_EQ(indicator.predecessors(1).definition().ref(), "A1");
  EXPECT_EQ(indicator.predecessors(1).scores(0).current().value().value(), "70");
  EXPECT_EQ(indicator.trend().from_period(), "2022-01");
  EXPECT_EQ(indicator.predecessors(0).scores(0).arrow(), "↑G");
  Write("A1", Reads("2022-01", "99", "second"));
  indicator = Indicator("N1");
  EXPECT_EQ(indicator.predecessors(0).scores(0).arrow(), "↓");
  EXPECT_EQ(indicator.predecessors(1).scores(0).current().value().value(), "99");
}

// No catalogue says so, and a log may.
TEST_F(PredecessorTest, ACircleEnds) {
  rating::Definition old = Old();
  old.active_from = rating::testing::M("2022-01");
  old.predecessor = "N1";
  for (int i = 0; i < 3; ++i) {
    const std::string apply = "apply-" + std::to_string(i);
    old.description = apply;
    rating::Definition own = New();
    own.description = apply;
    Write("N1", Defines(own, apply));
    Write("T1", Defines(old, apply));
    Write("T1", Reads("2022-02", std::to_string(95 + i), apply));
  }
  Write("N1", Reads("2022-03", "91"));
  EXPECT_EQ(RowIn("2022-03").score().previous().value().value(), "97");
  EXPECT_EQ(Indicator("T1").predecessors_size(), 0);
}

TEST_F(PredecessorTest, AnExplanationSaysUnderWhichRefItStood) {
  WriteBoth();
  EXPECT_THAT(Explain("2022-03").explanation().direction().sentence(), HasSubstr("95% in February 2022, then T1."));
  const v1::ExplainScoreResponse older = Explain("2022-02");
  EXPECT_EQ(older.definition().ref(), "T1");
  EXPECT_EQ(older.score().current().value().value(), "95");
}

TEST_F(PredecessorTest, APublishedArrowOfTheFirstMonthIsNoFinding) {
  Write("T1", Defines(Old()));
  Write("T1", Reads("2022-02", "95"));
  Write("N1", Defines(New()));
  rating::Reading reading = Reads("2022-03", "91");
  reading.seldom.Edit().published_arrow = "↓";
  Write("N1", reading);
  v1::ListFindingsRequest request;
  request.set_council(kCouncil);
  request.set_period("2022-03");
  v1::ListFindingsResponse response;
  EXPECT_TRUE(Call(&v1::QueryService::Stub::ListFindings, request, &response).ok());
  EXPECT_EQ(response.findings_size(), 0) << response.DebugString();
}

TEST_F(PredecessorTest, TheOneBeforeSaysWhoContinuesIt) {
  WriteBoth();
  rating::Definition part = New({rating::testing::M("2022-03")});
  part.ref = "N0";
  Write("N0", Defines(part));
  v1::GetIndicatorResponse old = Indicator("T1");
  ASSERT_EQ(old.successors_size(), 2) << old.DebugString();
  EXPECT_EQ(old.successors(0).ref(), "N0");
  EXPECT_FALSE(old.successors(0).compares());
  EXPECT_EQ(old.successors(1).ref(), "N1");
  EXPECT_EQ(old.successors(1).active_from(), "2022-03");
  EXPECT_TRUE(old.successors(1).compares());
  EXPECT_EQ(Indicator("N1").successors_size(), 0);
}

TEST_F(PredecessorTest, ATemplateShowsTheLastFigureUnderTheOldRef) {
  Write("T1", Defines(Old()));
  Write("T1", Reads("2022-02", "95"));
  Write("N1", Defines(New()));
  v1::ListDueReadingsRequest request;
  request.set_council(kCouncil);
  request.set_period("2022-03");
  v1::ListDueReadingsResponse response;
  EXPECT_TRUE(Call(&v1::QueryService::Stub::ListDueReadings, request, &response).ok());
  ASSERT_EQ(response.readings_size(), 1);
  EXPECT_EQ(response.readings(0).last_measurement().value().value(), "95");
}

TEST_F(PredecessorTest, AnExplanationSaysWhyNothingIsShownAndWhatGoesOn) {
  WriteBoth();
  const auto explain = [&](const std::string& ref, const std::string& period) {
    v1::ExplainScoreRequest request;
    request.set_council(kCouncil);
    request.set_ref(ref);
    request.set_period(period);
    v1::ExplainScoreResponse response;
    EXPECT_TRUE(Call(&v1::QueryService::Stub::ExplainScore, request, &response).ok());
    EXPECT_GE(response.explanation().cells_size(), 1);
    return response;
  };
  const v1::ExplainScoreResponse retired = explain("T1", "2022-04");
  EXPECT_EQ(retired.explanation().cells(0).sentence(),
            "T1 is retired from March 2022 on, so no report shows it for April 2022. It goes on as N1.");
  EXPECT_EQ(retired.score().current().state(), v1::CELL_STATE_NOT_SHOWN);
  Write("N1", Defines(New({rating::testing::M("2022-03")}), "apply-2"));
  EXPECT_EQ(
      explain("T1", "2022-04").explanation().cells(0).sentence(),
      "T1 is retired from March 2022 on, so no report shows it for April 2022. It goes on as N1, whose figures do not "
      "compare.");
  EXPECT_EQ(explain("N1", "2022-02").explanation().cells(0).sentence(),
            "N1 begins in March 2022, after T1, so no report shows it for February 2022.");
}

TEST_F(PredecessorTest, AnApplyThatLinksIsAskedForItsArrows) {
  rating::Definition alone = New();
  alone.predecessor = "";
  WriteBoth(alone);
  v1::CheckCatalogueRequest request;
  v1::Catalogue& catalogue = *request.mutable_catalogue();
  catalogue.set_council(kCouncil);
  *catalogue.add_schemes() = codec::ToProto(*alone.scheme);
  v1::IndicatorDefinition& indicator = *catalogue.add_indicators();
  indicator = codec::ToProto(alone, codec::WithScheme::kNo);
  indicator.set_predecessor("T1");
  v1::CheckCatalogueResponse response;
  EXPECT_TRUE(Call(&v1::QueryService::Stub::CheckCatalogue, request, &response).ok());
  ASSERT_GE(response.changes_size(), 1) << response.DebugString();
  EXPECT_EQ(response.changes(0).ref(), "N1");
  EXPECT_EQ(response.changes(0).period(), "2022-03");
  EXPECT_EQ(response.changes(0).arrow_before(), "");
  EXPECT_EQ(response.changes(0).arrow_after(), "↓");
  EXPECT_FALSE(response.changes(0).declared());
}

TEST_F(PredecessorTest, AnApplyOfTheOneBeforeIsAskedForTheSuccessorsArrows) {
  WriteBoth();
  v1::CheckCatalogueRequest request;
  v1::Catalogue& catalogue = *request.mutable_catalogue();
  catalogue.set_council(kCouncil);
  *catalogue.add_schemes() = codec::ToProto(*Old().scheme);
  *catalogue.add_indicators() = codec::ToProto(Old(), codec::WithScheme::kNo);
  v1::CheckCatalogueResponse response;
  EXPECT_TRUE(Call(&v1::QueryService::Stub::CheckCatalogue, request, &response).ok());
  EXPECT_EQ(response.total_changes(), 0) << response.DebugString();
  catalogue.mutable_indicators(0)->set_active_from("2022-01");
  catalogue.mutable_indicators(0)->add_breaks("2022-03");
  response.Clear();
  EXPECT_TRUE(Call(&v1::QueryService::Stub::CheckCatalogue, request, &response).ok());
  EXPECT_EQ(response.total_changes(), response.undeclared_changes());
  EXPECT_THAT(response.changes(), ::testing::Contains(::testing::Truly([](const v1::ScoreChange& change) {
                return change.ref() == "N1" && change.period() == "2022-03" && change.arrow_before() == "↓" &&
                       change.arrow_after().empty() && !change.declared();
              })))
      << response.DebugString();
}

TEST_F(PredecessorTest, AWatchIsToldOfTheSuccessor) {
  WriteBoth();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  v1::WatchReportRequest request;
  request.set_council(kCouncil);
  request.set_period("2022-03");
  const auto watch = stub_->WatchReport(&context, request);
  v1::WatchReportResponse event;
  ASSERT_TRUE(watch->Read(&event));
  ASSERT_TRUE(event.snapshot().complete());
  EXPECT_EQ(event.snapshot().rows(0).score().arrow(), "↓");
  Write("T1", Reads("2022-02", "85", "t-feb-2"));
  ASSERT_TRUE(watch->Read(&event));
  EXPECT_EQ(event.row().definition().ref(), "N1");
  EXPECT_EQ(event.row().score().arrow(), "↑G");
  context.TryCancel();
}

// Who may see N1, and of T1 what goes on in it.
class LonePredecessorTest : public PredecessorTest {
 protected:
  LonePredecessorTest() : PredecessorTest(DoorFor({"actions: [read, read-provisional], refs: [N1]"})) {}
};

TEST_F(LonePredecessorTest, NothingIsSaidToHaveChangedThatDidNot) {
  WriteBoth();
  Write("N1", Reads("2022-04", "97", "n-apr-2"));
  EXPECT_EQ(RowIn("2022-03").score().previous().value().value(), "95");
  const std::vector<std::string> changes = ChangesSince(1'646'000'000 + 6);
  EXPECT_THAT(changes, Contains(StartsWith("N1 2022-04 ")));
  EXPECT_THAT(changes, Each(Not(AnyOf(HasSubstr("2022-03"), HasSubstr("2021-22"))))) << "nothing of March is new";
}

TEST_F(LonePredecessorTest, AnApplyChangesNoMoreThanItSays) {
  WriteBoth();
  rating::Definition other = New();
  other.description = "in other words";
  v1::CheckCatalogueRequest request;
  v1::Catalogue& catalogue = *request.mutable_catalogue();
  catalogue.set_council(kCouncil);
  *catalogue.add_schemes() = codec::ToProto(*other.scheme);
  *catalogue.add_indicators() = codec::ToProto(other, codec::WithScheme::kNo);
  v1::CheckCatalogueResponse response;
  EXPECT_TRUE(Call(&v1::QueryService::Stub::CheckCatalogue, request, &response).ok());
  EXPECT_EQ(response.total_changes(), 0) << response.DebugString();
}

// Who may see provisional figures of N1, and of T1 those alone that are final.
class FinalPredecessorTest : public PredecessorTest {
 protected:
  FinalPredecessorTest()
      : PredecessorTest(DoorFor({"actions: [read, read-provisional], refs: [N1]", "actions: [read], refs: [T1]"})) {}
};

TEST_F(FinalPredecessorTest, TheOneBeforeIsSeenAsItsOwnRightsSay) {
  WriteBoth();
  rating::Reading estimate = Reads("2022-02", "4711", "t-feb-2");
  estimate.observation_status = 'E';
  Write("T1", estimate);
  rating::Reading own = Reads("2022-04", "99", "n-apr-2");
  own.observation_status = 'E';
  Write("N1", own);
  for (int i = 0; i < 2; ++i) {  // Also of what is kept.
    const v1::GetIndicatorResponse indicator = Indicator("N1");
    ASSERT_EQ(indicator.predecessors_size(), 1);
    EXPECT_EQ(indicator.predecessors(0).scores(1).current().value().value(), "95");
    EXPECT_EQ(indicator.scores(0).arrow(), "↓") << "and so is what hangs on it";
    EXPECT_EQ(indicator.scores(1).current().value().value(), "99") << "its own are seen";
    EXPECT_EQ(RowIn("2022-03").score().previous().value().value(), "95");
    EXPECT_EQ(Explain("2022-02").score().current().value().value(), "95");
    EXPECT_EQ(Indicator("T1").scores(1).current().value().value(), "95");
  }
}

}  // namespace
}  // namespace bellwether::query::testing
