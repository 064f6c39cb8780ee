#include "services/query/service.h"

#include "bellwether/codec/definition.h"
#include "bellwether/codec/scheme.h"
#include "services/query/service_fixture.h"

namespace bellwether::query::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Stub = v1::QueryService::Stub;

TEST_F(QueryServiceTest, AnswersOnlyWhenTheViewIsReady) {
  service_.SetViewReady(false);
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::UNAVAILABLE, "VIEW_NOT_READY"));
}

TEST_F(QueryServiceTest, UnknownCouncilAndRefAreTold) {
  v1::GetReportRequest request;
  request.set_council("E06000062");
  EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::NOT_FOUND, "UNKNOWN_COUNCIL"));
  request.set_council("Corby");
  EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  DefineThree();
  request.set_council(kCouncil);
  request.mutable_filter()->add_refs("t33");
  const grpc::Status unknown = ReportStatus(request);
  EXPECT_THAT(unknown, Fails(grpc::StatusCode::NOT_FOUND, "UNKNOWN_INDICATOR"));
  EXPECT_THAT(unknown.error_message(), HasSubstr("T3"));
}

TEST_F(QueryServiceTest, ReportIsInItsOrderAndOfTheNewestMonth) {
  DefineThree();
  EXPECT_EQ(Report().period(), "2022-02") << "no readings yet: the month before today's";
  Write("T2", Reads("2021-11", "91"));
  EXPECT_EQ(Report().period(), "2021-12") << "T2 lags by one";
  Write("T1", Reads("2022-02", "85"));
  Write("T1", Says("2022-02", "vacant posts"));
  const v1::GetReportResponse report = Report();
  EXPECT_EQ(report.period(), "2022-02");
  EXPECT_EQ(report.total_rows(), 3);
  EXPECT_THAT(Refs(report), ElementsAre("T2", "T3", "T1"));
  EXPECT_EQ(report.rows(0).score().period(), "2022-01");
  EXPECT_EQ(report.rows(0).score().current().status(), "missing");
  EXPECT_EQ(report.rows(2).score().current().status(), "red");
  EXPECT_EQ(report.rows(2).comment().text(), "vacant posts");
  EXPECT_FALSE(report.rows(1).has_comment());
  EXPECT_FALSE(report.rows(0).definition().has_scheme());
  ASSERT_THAT(report.schemes(), SizeIs(1));
  EXPECT_EQ(report.schemes(0).id(), "council");
  EXPECT_EQ(PlaceOf(report), "e1/0/5");
}

TEST_F(QueryServiceTest, TheReportThatIsMeantIsTheNewestThatIsOverAndMostlyThere) {
  for (const char* ref : {"T1", "T2", "T3"}) {
    Write(ref, Defines(DefinitionOf(ref)));
    Write(ref, Reads("2022-01", "91"));
  }
  Write("T1", Reads("2022-02", "92"));
  v1::GetReportResponse report = Report();
  EXPECT_EQ(report.period(), "2022-01");
  EXPECT_EQ(report.period_note(), "February 2022 has readings of 1 of its 3 indicators");
  Write("T2", Reads("2022-02", "92"));
  Write("T3", Reads("2022-03", "92"));
  report = Report();
  EXPECT_EQ(report.period(), "2022-02");
  EXPECT_EQ(report.period_note(), "March 2022, which is not over, has readings of 1 of its 3 indicators");
  v1::GetReportRequest request;
  request.set_period("2022-03");
  report = Report(request);
  EXPECT_EQ(report.period_note(), "");
  EXPECT_EQ(report.rows(2).score().current().state(), v1::CELL_STATE_IN_PROGRESS);
}

TEST_F(QueryServiceTest, AbsencesAreAsOfToday) {
  auto t1 = DefinitionOf("T1");
  t1.days_until_due = 20;
  Write("T1", Defines(t1));
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  request.set_period("2022-02");
  EXPECT_EQ(Report(request).rows(0).score().current().state(), v1::CELL_STATE_NOT_DUE);
  clock_.SetToday(core::Date(2022, 3, 21));
  EXPECT_EQ(Report(request).rows(0).score().current().state(), v1::CELL_STATE_MISSING);
}

TEST_F(QueryServiceTest, RetiredIndicatorsLeaveTheReport) {
  auto t1 = DefinitionOf("T1");
  t1.retired_from = rating::testing::M("2022-02");
  Write("T1", Defines(t1));
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  request.set_period("2022-01");
  EXPECT_THAT(Refs(Report(request)), ElementsAre("T1"));
  request.set_period("2022-02");
  EXPECT_THAT(Refs(Report(request)), IsEmpty());
}

TEST_F(QueryServiceTest, FiltersByDirectorateServiceAndRef) {
  DefineThree();
  v1::GetReportRequest request;
  request.mutable_filter()->set_directorate("public health");
  EXPECT_THAT(Refs(Report(request)), ElementsAre("T2"));
  request.clear_filter();
  request.mutable_filter()->set_service("customer services");
  request.mutable_filter()->add_refs("T1");
  request.mutable_filter()->add_refs("KPI 2");
  EXPECT_THAT(Refs(Report(request)), ElementsAre("T2", "T1"));
}

TEST_F(QueryServiceTest, PagesGoOnAfterTheLastRow) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_page_size(1);
  v1::GetReportResponse page = Report(request);
  EXPECT_THAT(Refs(page), ElementsAre("T2"));
  Write("T0", Defines(DefinitionOf("T0", 1)));  // Before what was shown.
  request.set_page_token(page.next_page_token());
  page = Report(request);
  EXPECT_THAT(Refs(page), ElementsAre("T3"));
  request.set_page_token(page.next_page_token());
  request.set_page_size(5);
  page = Report(request);
  EXPECT_THAT(Refs(page), ElementsAre("T1"));
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(QueryServiceTest, PagesStayInTheirPeriod) {
  DefineThree();
  Write("T1", Reads("2022-01", "85"));
  v1::GetReportRequest request;
  request.set_page_size(2);
  request.set_page_token(Report(request).next_page_token());
  Write("T1", Reads("2022-02", "85"));
  EXPECT_EQ(Report(request).period(), "2022-01");
}

TEST_F(QueryServiceTest, AReportThatManyAskForIsTheOneThatNobodyElseAsks) {
  DefineThree();
  Write("T1", Reads("2022-02", "85"));
  v1::GetReportRequest kept;
  kept.set_council(kCouncil);
  kept.set_period("2022-02");
  v1::GetReportRequest anew = kept;
  anew.set_page_size(100);  // Not one that is kept.
  const auto expect_same = [&] {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(codec::SerializeDeterministically(Report(kept)), codec::SerializeDeterministically(Report(anew)));
    }
  };
  expect_same();
  Write("T1", Reads("2022-02", "95", "revised"));
  expect_same();
  Write("T0", Defines(DefinitionOf("T0", 1)));  // Before all others.
  expect_same();
  clock_.SetToday(core::Date(2022, 7, 1));
  expect_same();
  // Another log, whose records stand where the old one's stood.
  view_.Reset(2);
  log_ = Log(2);
  Write("T5", Defines(DefinitionOf("T5", 1)));
  Write("T6", Defines(DefinitionOf("T6", 2)));
  EXPECT_EQ(Report(kept).rows(0).definition().ref(), "T5");
  expect_same();
}

TEST_F(QueryServiceTest, TokensAreGoodOnlyForTheirRequest) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  request.set_page_size(1);
  const std::string token = Report(request).next_page_token();
  request.set_page_token(token);
  request.mutable_filter()->set_service("Customer Services");
  EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"));
  request.clear_filter();
  for (const std::string& wrong : {std::string("x"), token.substr(1), token + "A", std::string("MXwxfHw=")}) {
    request.set_page_token(wrong);
    const grpc::Status s = ReportStatus(request);
    if (!s.ok()) {
      EXPECT_THAT(s, Fails(grpc::StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"));
    }
  }
  request.set_page_token(token);
  request.set_page_size(-1);
  EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
}

TEST_F(QueryServiceTest, WrongPeriodIsTold) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  for (const char* wrong : {"2022-13", "2021-22-Q5", "tomorrow"}) {
    request.set_period(wrong);
    EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST")) << wrong;
  }
  for (const auto& [asked, month] : std::map<std::string, std::string>{
           {"2021-22-Q3", "2021-12"}, {"2021", "2021-12"}, {"2021-22", "2022-03"}, {"2022-02-YTD", "2022-02"}}) {
    request.set_period(asked);
    EXPECT_EQ(Report(request).period(), month) << asked;
  }
}

TEST_F(QueryServiceTest, ListsIndicators) {
  DefineThree();
  v1::ListIndicatorsRequest request;
  request.set_council(kCouncil);
  v1::ListIndicatorsResponse response;
  ASSERT_TRUE(Call(&Stub::ListIndicators, request, &response).ok());
  ASSERT_THAT(response.definitions(), SizeIs(3));
  EXPECT_EQ(response.definitions(0).ref(), "T2");
  EXPECT_THAT(response.schemes(), SizeIs(1));
}

TEST_F(QueryServiceTest, ListsFindings) {
  auto t1 = DefinitionOf("T1");
  t1.year_to_date_rule = rating::RollUpRule::kLatest;
  t1.silenced = {{rating::WarningKind::kPeriodNotOver, "the tests' readings are of 27 February"}};
  Write("T1", Defines(t1));
  Write("T1", Reads("2022-02", "91"));
  Write("T1", Reads("2022-02-YTD", "92"));
  v1::ListFindingsRequest request;
  request.set_council(kCouncil);
  v1::ListFindingsResponse response;
  ASSERT_TRUE(Call(&Stub::ListFindings, request, &response).ok());
  EXPECT_EQ(response.period(), "2022-02");
  ASSERT_THAT(response.findings(), SizeIs(1));
  EXPECT_EQ(response.findings(0).kind(), v1::FINDING_KIND_PARTS_AND_TOTAL);
  EXPECT_EQ(response.findings(0).difference(), "1");
}

TEST_F(QueryServiceTest, ListsWhatIsDue) {
  auto t1 = DefinitionOf("T1", 1);
  t1.days_until_due = 10;
  Write("T1", Defines(t1));
  Write("T2", Defines(DefinitionOf("T2", 2)));
  Write("T3", Defines(DefinitionOf("T3", 3)));
  Write("T2", Reads("2022-01", "1/3"));
  Write("T3", Reads("2022-02", "91"));
  v1::ListDueReadingsRequest request;
  request.set_council(kCouncil);
  v1::ListDueReadingsResponse response;
  ASSERT_TRUE(Call(&Stub::ListDueReadings, request, &response).ok());
  EXPECT_EQ(response.period(), "2022-02");
  ASSERT_THAT(response.readings(), SizeIs(2));
  EXPECT_EQ(response.readings(0).ref(), "T1");
  EXPECT_EQ(response.readings(0).due_date(), "2022-03-10");
  EXPECT_EQ(response.readings(0).days_overdue(), 10);
  EXPECT_EQ(response.readings(0).state(), v1::CELL_STATE_MISSING);
  EXPECT_FALSE(response.readings(0).has_last_measurement());
  EXPECT_EQ(response.readings(1).last_measurement().ratio().denominator().value(), "3");
  request.set_include_received(true);
  response.Clear();
  ASSERT_TRUE(Call(&Stub::ListDueReadings, request, &response).ok());
  ASSERT_THAT(response.readings(), SizeIs(3));
  EXPECT_EQ(response.readings(2).state(), v1::CELL_STATE_RATED);
}

TEST_F(QueryServiceTest, GivesAnIndicatorsHistory) {
  Write("T1", Defines(DefinitionOf("T1")));
  Write("T1", Reads("2022-02", "91"));
  Write("T1", Reads("2022-01", "89"));
  Write("T1", Reads("2021-04", "50"));
  Write("T1", Withdraws("2022-01", "id-2022-01"));
  Write("T1", Reads("2022-01", "90", "better"));
  Write("T1", Says("2022-01", "corrected"));
  v1::GetIndicatorRequest request;
  request.set_council(kCouncil);
  request.set_ref("T1");
  request.set_from_period("2022-01");
  request.set_page_size(3);
  v1::GetIndicatorResponse response;
  ASSERT_TRUE(Call(&Stub::GetIndicator, request, &response).ok());
  ASSERT_THAT(response.revisions(), SizeIs(3));
  EXPECT_EQ(response.revisions(0).outcome(), v1::OUTCOME_FIRST);
  EXPECT_FALSE(response.revisions(0).in_force());
  EXPECT_EQ(response.revisions(1).outcome(), v1::OUTCOME_WITHDRAWAL);
  EXPECT_TRUE(response.revisions(2).in_force());
  ASSERT_THAT(response.scores(), SizeIs(2));
  ASSERT_THAT(response.comments(), SizeIs(1));
  EXPECT_EQ(response.trend().from_period(), "2022-01");
  EXPECT_EQ(response.trend().slope().value(), "1.0000");
  EXPECT_EQ(response.scheme().id(), "council");
  request.set_page_token(response.next_page_token());
  response.Clear();
  ASSERT_TRUE(Call(&Stub::GetIndicator, request, &response).ok());
  ASSERT_THAT(response.revisions(), SizeIs(1));
  EXPECT_EQ(response.revisions(0).record().reading().period(), "2022-02");
  EXPECT_THAT(response.scores(), IsEmpty());
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(QueryServiceTest, AHistoryHasWhatItsChartShowsAsWell) {
  rating::Definition own = DefinitionOf("T1", 1);
  own.charted_with = "T2";
  Write("T1", Defines(own));
  Write("T1", Reads("2022-01", "89"));
  v1::GetIndicatorRequest request;
  request.set_council(kCouncil);
  request.set_ref("T1");
  v1::GetIndicatorResponse response;
  ASSERT_TRUE(Call(&Stub::GetIndicator, request, &response).ok());
  EXPECT_FALSE(response.has_charted_with()) << "T2 is not there";
  Write("T2", Defines(DefinitionOf("T2", 2)));
  Write("T2", Reads("2022-01", "40"));
  Write("T2", Reads("2022-02", "41"));
  Write("T2", Says("2022-02", "is T2's own"));
  request.set_page_size(1);
  ASSERT_TRUE(Call(&Stub::GetIndicator, request, &response).ok());
  EXPECT_EQ(response.charted_with().definition().ref(), "T2");
  ASSERT_THAT(response.charted_with().scores(), SizeIs(2));
  EXPECT_EQ(response.charted_with().scores(1).current().value().value(), "41");
  EXPECT_EQ(response.charted_with().trend().slope().value(), "1.0000");
  EXPECT_THAT(response.scores(), SizeIs(1)) << "its own are as they are";
  EXPECT_THAT(response.comments(), IsEmpty());
  EXPECT_FALSE(response.has_trend());
  EXPECT_EQ(PlaceOf(response), "e1/0/5") << "the record of T2 that is in it";
  request.set_to_period("2022-01");
  ASSERT_TRUE(Call(&Stub::GetIndicator, request, &response).ok());
  EXPECT_THAT(response.charted_with().scores(), SizeIs(1)) << "the same periods";
  rating::Definition other = DefinitionOf("T2", 2);
  other.unit = "days";
  Write("T2", Defines(other, "apply-2"));
  ASSERT_TRUE(Call(&Stub::GetIndicator, request, &response).ok());
  EXPECT_FALSE(response.has_charted_with()) << "one axis has one unit";
}

TEST_F(QueryServiceTest, ExplainsAScore) {
  Write("T1", Defines(DefinitionOf("T1")));
  v1::ExplainScoreRequest request;
  request.set_council(kCouncil);
  request.set_ref("T1");
  v1::ExplainScoreResponse response;
  EXPECT_THAT(Call(&Stub::ExplainScore, request, &response), Fails(grpc::StatusCode::NOT_FOUND, "NOTHING_RECORDED"));
  Write("T1", Reads("2022-01", "89"));
  Write("T1", Reads("2022-02", "91"));
  ASSERT_TRUE(Call(&Stub::ExplainScore, request, &response).ok());
  EXPECT_EQ(response.explanation().period(), "2022-02");
  EXPECT_EQ(response.score().current().status(), "green");
  EXPECT_EQ(response.definition().ref(), "T1");
  request.set_period("2022-02-YTD");
  EXPECT_THAT(Call(&Stub::ExplainScore, request, &response),
              Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  request.set_period("2022-03");
  ASSERT_TRUE(Call(&Stub::ExplainScore, request, &response).ok());
  EXPECT_EQ(response.score().current().state(), v1::CELL_STATE_NOT_DUE);
}

TEST_F(QueryServiceTest, LooksUpReadings) {
  Write("T1", Reads("2022-02", "91", "a"));
  v1::LookUpReadingsRequest request;
  v1::ReadingKey key;
  key.set_council(kCouncil);
  key.set_ref("T1");
  key.set_reading_id("a");
  *request.add_keys() = key;
  key.set_period("2022-01");
  *request.add_keys() = key;
  key.set_ref("T9");
  *request.add_keys() = key;
  v1::LookUpReadingsResponse response;
  ASSERT_TRUE(Call(&Stub::LookUpReadings, request, &response).ok());
  ASSERT_THAT(response.results(), SizeIs(3));
  ASSERT_THAT(response.results(0).occurrences(), SizeIs(1));
  EXPECT_EQ(response.results(0).occurrences(0).outcome(), v1::OUTCOME_HELD);
  EXPECT_THAT(response.results(1).occurrences(), IsEmpty());
  EXPECT_THAT(response.results(2).occurrences(), IsEmpty());

  Write("T1", Defines(DefinitionOf("T1")));
  for (int i = 0; i < 120; ++i) Write("T1", Reads("2022-02", "91", "a"));
  Write("T1", Reads("2022-02", "92", "a"));
  response.Clear();
  ASSERT_TRUE(Call(&Stub::LookUpReadings, request, &response).ok());
  const v1::ReadingLookUp& found = response.results(0);
  EXPECT_EQ(found.total_occurrences(), 122);
  ASSERT_THAT(found.occurrences(), SizeIs(100));
  EXPECT_EQ(found.occurrences(98).outcome(), v1::OUTCOME_REPEAT);
  EXPECT_TRUE(found.occurrences(98).in_force());
  EXPECT_EQ(found.occurrences(99).outcome(), v1::OUTCOME_CONFLICT);
  EXPECT_FALSE(found.occurrences(99).in_force());

  request.mutable_keys(0)->set_council("x");
  request.mutable_keys(1)->set_period("y");
  EXPECT_THAT(Call(&Stub::LookUpReadings, request, &response),
              Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  request.clear_keys();
  EXPECT_THAT(Call(&Stub::LookUpReadings, request, &response),
              Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
}

TEST_F(QueryServiceTest, ListsReadingsInForceWithTheirComments) {
  DefineThree();
  Write("T1", Reads("2021-22-Q3", "85"));
  Write("T1", Reads("2022-02-YTD", "84"));
  Write("T1", Reads("2022-01", "86"));
  Write("T1", Withdraws("2022-01", "id-2022-01"));
  Write("T1", Says("2022-02", "only words"));
  Write("T3", Reads("2022-02", "91"));
  v1::ListReadingsRequest request;
  request.set_council(kCouncil);
  request.set_page_size(2);
  std::vector<std::string> told;
  do {
    v1::ListReadingsResponse response;
    ASSERT_TRUE(Call(&Stub::ListReadings, request, &response).ok());
    for (const v1::ReadingInForce& r : response.readings()) {
      told.push_back(r.has_reading() ? r.reading().ref() + " " + r.reading().period() : r.comment().text());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(told, ElementsAre("T3 2022-02", "only words", "T1 2021-22-Q3", "T1 2022-02-YTD"));
  request.set_to_period("2021-12");
  v1::ListReadingsResponse response;
  ASSERT_TRUE(Call(&Stub::ListReadings, request, &response).ok());
  EXPECT_THAT(response.readings(), SizeIs(1));
}

TEST_F(QueryServiceTest, TellsEveryWrongFieldOfARequestOnce) {
  v1::ListReadingsRequest request;
  request.set_council(kCouncil);
  request.set_from_period("2022-02");
  request.set_to_period("2022-01");
  v1::ListReadingsResponse response;
  grpc::Status status = Call(&Stub::ListReadings, request, &response);
  EXPECT_THAT(status, Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  EXPECT_EQ(status.error_message(), "to_period: 2022-01 ends before 2022-02 begins: swap them");
  request.set_from_period("2022-2");
  request.set_to_period("then");
  status = Call(&Stub::ListReadings, request, &response);
  const codec::Violations fields = rpc::FieldsOf(status);
  ASSERT_THAT(fields, SizeIs(2));
  EXPECT_EQ(fields[0].field, "from_period");
  EXPECT_THAT(fields[0].message, ::testing::StartsWith("\"2022-2\" is not a period"));
}

// A catalogue that is checked beside figures of T1 from 2021-10 to 2022-02: 10, 11, ... 14.
class CheckedCatalogueTest : public QueryServiceTest {
 protected:
  CheckedCatalogueTest() {
    definition_ = DefinitionOf("T1");
    definition_.unit = "count";
    definition_.decimal_places = 0;
    definition_.targets = {rating::testing::ValueTarget("10")};
    definition_.quarter_rule = definition_.year_to_date_rule = rating::RollUpRule::kSum;
    definition_.active_from = rating::testing::M("2021-10");
    Write("T1", Defines(definition_));
    int value = 10;
    for (const char* period : {"2021-10", "2021-11", "2021-12", "2022-01", "2022-02"})
      Write("T1", Reads(period, std::to_string(value++)));
  }
  v1::CheckCatalogueResponse Check(const rating::Definition& definition) {
    v1::CheckCatalogueRequest request;
    v1::Catalogue& catalogue = *request.mutable_catalogue();
    catalogue.set_council(kCouncil);
    *catalogue.add_schemes() = codec::ToProto(*definition.scheme);
    *catalogue.add_indicators() = codec::ToProto(definition, codec::WithScheme::kNo);
    v1::CheckCatalogueResponse response;
    const grpc::Status s = Call(&Stub::CheckCatalogue, request, &response);
    EXPECT_TRUE(s.ok()) << s.error_message();
    return response;
  }
  // "2021-10: 10 Green 10 > 10 Red 11", with the arrows; of a report "report of 2022-02: 2022-02 > 2022-01".
  static std::vector<std::string> Told(const v1::CheckCatalogueResponse& response) {
    std::vector<std::string> told;
    for (const v1::ScoreChange& c : response.changes()) {
      if (!c.data_period_before().empty()) {
        told.push_back(
            absl::StrCat("report of ", c.period(), ": ", c.data_period_before(), " > ", c.data_period_after()));
        continue;
      }
      told.push_back(absl::StrCat(c.period(), ": ", c.value_before().value(), " ", c.status_before(), c.arrow_before(),
                                  " ", c.target_before(), " > ", c.value_after().value(), " ", c.status_after(),
                                  c.arrow_after(), " ", c.target_after()));
    }
    return told;
  }
  rating::Definition definition_;
};

TEST_F(CheckedCatalogueTest, ABeginningTakesCellsOutOfTheReportsAndChangesWhatAddsUp) {
  definition_.active_from = rating::testing::M("2021-12");
  const v1::CheckCatalogueResponse response = Check(definition_);
  EXPECT_THAT(
      Told(response),
      ElementsAre("2021-10: 10 Green 10 >   ", "2021-11: 11 Green↑G 10 >   ", "2021-12: 12 Green↑G 10 > 12 Green 10",
                  "2021-22-Q3: 33 not-rated  > 12 not-rated ", "2021-10-YTD: 10 not-rated  >   ",
                  "2021-11-YTD: 21 not-rated  >   ", "2021-12-YTD: 33 not-rated  > 12 not-rated ",
                  "2022-01-YTD: 46 not-rated  > 25 not-rated ", "2022-02-YTD: 60 not-rated  > 39 not-rated "));
  EXPECT_EQ(response.undeclared_changes(), 9);
}

TEST_F(CheckedCatalogueTest, ARetirementTakesCellsOutOfTheReports) {
  definition_.retired_from = rating::testing::M("2022-02");
  EXPECT_THAT(Told(Check(definition_)), ElementsAre("2022-02: 14 Green↑G 10 >   ", "2022-02-YTD: 60 not-rated  >   "));
  definition_.retired_from = rating::testing::M("2022-03");
  EXPECT_THAT(Told(Check(definition_)), IsEmpty()) << "nothing is lost";
}

TEST_F(CheckedCatalogueTest, ALagMovesEveryReport) {
  definition_.reporting_lag_periods = 1;
  EXPECT_THAT(Told(Check(definition_)),
              ElementsAre("report of 2021-10: 2021-10 > ", "report of 2021-11: 2021-11 > 2021-10",
                          "report of 2021-12: 2021-12 > 2021-11", "report of 2022-01: 2022-01 > 2021-12",
                          "report of 2022-02: 2022-02 > 2022-01"));
}

TEST_F(CheckedCatalogueTest, AFigureOrATargetThatLooksOtherIsToldThoughTheStatusStays) {
  definition_.targets = {rating::testing::ValueTarget("9")};
  EXPECT_THAT(Told(Check(definition_)), SizeIs(5));
  definition_.effective_from = rating::testing::M("2022-02");
  const v1::CheckCatalogueResponse dated = Check(definition_);
  EXPECT_THAT(Told(dated), ElementsAre("2022-02: 14 Green↑G 10 > 14 Green↑G 9"));
  EXPECT_EQ(dated.undeclared_changes(), 0);
}

TEST_F(CheckedCatalogueTest, WhatIsNoLongerShownIsInNoHistory) {
  definition_.active_from = rating::testing::M("2021-12");
  definition_.retired_from = rating::testing::M("2022-02");
  Write("T1", Defines(definition_, "apply-2"));
  v1::GetIndicatorRequest request;
  request.set_council(kCouncil);
  request.set_ref("T1");
  v1::GetIndicatorResponse history;
  ASSERT_TRUE(Call(&Stub::GetIndicator, request, &history).ok());
  std::vector<std::string> periods;
  for (const v1::Score& score : history.scores()) periods.push_back(score.period());
  EXPECT_THAT(periods, ElementsAre("2021-12", "2022-01"));
  EXPECT_THAT(history.revisions(), SizeIs(5)) << "all that was recorded";
  EXPECT_EQ(history.scores(0).arrow(), "") << "nothing compares with what is not shown";
}

}  // namespace
}  // namespace bellwether::query::testing
