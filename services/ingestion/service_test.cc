#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "services/ingestion/test_server.h"

namespace bellwether::ingestion {
namespace {

using ::bellwether::codec::testing::CatalogueMessage;
using ::bellwether::codec::testing::Merge;
using ::bellwether::ingestion::testing::Eventually;
using ::bellwether::ingestion::testing::kTopic;
using ::bellwether::ingestion::testing::Told;
using ::bellwether::rpc::DescribeError;
using ::bellwether::rpc::ReasonOf;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ServiceTest : public testing::IngestionTest {
 protected:
  static std::string Words(const grpc::Status& status) { return absl::StrJoin(DescribeError(status), "\n"); }

  v1::ApplyCatalogueResponse applied_;
  v1::RecordReadingsResponse recorded_;
};

TEST_F(ServiceTest, RecordsABatchAndSaysWhere) {
  Start();
  ApplyDefault();
  ASSERT_TRUE(Record({Reading("a"), Reading("b", "ref: 'T2'"), Reading("a")}, &recorded_).ok());
  ASSERT_EQ(recorded_.results_size(), 3);
  for (const v1::ItemResult& result : recorded_.results()) {
    EXPECT_THAT(Told(result), IsEmpty());
    EXPECT_EQ(result.position().epoch(), 1u);
  }
  const v1::Position& first = recorded_.results(0).position();
  EXPECT_EQ(recorded_.results(2).position().partition(), first.partition());
  EXPECT_GT(recorded_.results(2).position().offset(), first.offset());
  const auto records = bus_.Records(kTopic, first.partition());
  const auto record = codec::DecodeRecord(*records[static_cast<size_t>(first.offset())].value);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(std::get<rating::Reading>(record->value).reading_id, "a");
}

TEST_F(ServiceTest, CountsWhatItRefusesAndNotWhatIsOnlyAsked) {
  Start();
  ApplyDefault();
  const prometheus::Counter& refused =
      telemetry::CounterOf("bellwether_readings_refused_total", "", {{"reason", "UNKNOWN_INDICATOR"}});
  const double before = refused.Value();
  ASSERT_TRUE(Record({Reading("a", "ref: 'T9'")}, &recorded_, absl::Seconds(10), /*validate_only=*/true).ok());
  EXPECT_EQ(recorded_.results(0).errors_size(), 1);
  EXPECT_EQ(refused.Value(), before);
  ASSERT_TRUE(Record({Reading("a", "ref: 'T9'")}, &recorded_).ok());
  EXPECT_EQ(refused.Value(), before + 1);
}

TEST_F(ServiceTest, TellsEverythingThatIsWrongWithEachItemAndRecordsTheOthers) {
  Start();
  ApplyDefault();
  ASSERT_TRUE(Record({Reading("a", "council: 'E06000062'"), Reading("b", "ref: 'T9'"),
                      Reading("c", "period: '2022-13' measurement { value { value: 'NaN' } }"),
                      Reading("d", "period: '2022-04'"), Reading("good"),
                      Reading("e", "measurement { value { value: '101' } } as_at: 'x' period: '2022-Q1'"),
                      Reading("f", "measurement { ratio { numerator { value: '70' } } }"),
                      Reading("", "measurement { ratio { denominator { value: '-60' } } }")},
                     &recorded_)
                  .ok());
  EXPECT_THAT(Told(recorded_.results(0)), ElementsAre("council UNKNOWN_COUNCIL"));
  EXPECT_THAT(Told(recorded_.results(1)), ElementsAre("ref UNKNOWN_INDICATOR"));
  EXPECT_THAT(Told(recorded_.results(2)), ElementsAre("period NOT_A_PERIOD", "measurement.value NOT_A_NUMBER"));
  EXPECT_THAT(Told(recorded_.results(3)), ElementsAre("period PERIOD_NOT_BEGUN"));
  EXPECT_TRUE(recorded_.results(4).has_position());
  EXPECT_THAT(Told(recorded_.results(5)),
              ElementsAre("as_at NOT_A_DATE", "period PERIOD_NOT_TAKEN", "measurement.value VALUE_NOT_ALLOWED"));
  EXPECT_THAT(Told(recorded_.results(6)), ElementsAre("measurement.ratio.value VALUE_CONTRADICTS_PARTS"));
  EXPECT_THAT(Told(recorded_.results(7)), ElementsAre("reading_id REQUIRED", "measurement.ratio.denominator NEGATIVE"));
  EXPECT_EQ(recorded_.results(0).errors(0).error_class(), v1::ERROR_CLASS_CALLER);
  EXPECT_THAT(recorded_.results(3).errors(0).message(), AllOf(HasSubstr("2022-04"), HasSubstr("2022-03-10")));
  EXPECT_EQ(RecordedReadings(), 1u);
}

TEST_F(ServiceTest, ABatchOfNothingOrTooMuchIsRefused) {
  Start();
  EXPECT_EQ(ReasonOf(Record({}, &recorded_)), "FRAME_INVALID");
  EXPECT_EQ(ReasonOf(Record(std::vector<v1::Reading>(501, Reading("a")), &recorded_)), "FRAME_INVALID");
}

TEST_F(ServiceTest, ValidateOnlyRecordsNothing) {
  Start();
  ApplyDefault();
  ASSERT_TRUE(Record({Reading("a"), Reading("b", "ref: 'T9'")}, &recorded_, absl::Seconds(10), true).ok());
  EXPECT_FALSE(recorded_.results(0).has_position());
  EXPECT_THAT(Told(recorded_.results(0)), IsEmpty());
  EXPECT_THAT(Told(recorded_.results(1)), ElementsAre("ref UNKNOWN_INDICATOR"));
  EXPECT_EQ(RecordedReadings(), 0u);
}

TEST_F(ServiceTest, AReadingAfterAnAcknowledgedDefinitionIsNeverRefused) {
  Start();
  for (int i = 0; i < 20; ++i) {
    // As if another replica had recorded it.
    v1::Catalogue catalogue = CatalogueMessage();
    const std::string ref = absl::StrCat("N", i);
    catalogue.mutable_indicators(0)->set_ref(ref);
    const auto resolved = codec::ResolveCatalogue(catalogue, {});
    const codec::KeyedRecord record{{"E06000061", ref},
                                    rating::AppliedDefinition{"x", resolved.indicators[0].definition}};
    bus_.Append({kTopic, bus::kPartitionByKey, record.key.ToString(), codec::EncodeRecord(record), {}});
    ASSERT_TRUE(Record({Reading("a", absl::StrCat("ref: '", ref, "'"))}, &recorded_).ok());
    EXPECT_TRUE(recorded_.results(0).has_position()) << ref;
  }
}

TEST_F(ServiceTest, AMessageOfTenMegabytesIsRefusedAndTheServiceGoesOn) {
  Start();
  ApplyDefault();
  const grpc::Status status =
      Record({Reading("a", "source: '" + std::string(10 << 20, 'x') + "'")}, &recorded_, absl::Seconds(30));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Record({Reading("a")}, &recorded_).ok());
}

TEST_F(ServiceTest, WhenTheBrokerIsGoneTheCallFailsInTimeAndMayBeRepeated) {
  Start();
  ApplyDefault();
  bus_.HoldDeliveries(true);
  // Not DEADLINE_EXCEEDED: the service answers before the caller gives up.
  const grpc::Status status = Record({Reading("a")}, &recorded_, absl::Seconds(1));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "BROKER_UNAVAILABLE");
  EXPECT_THAT(Words(status), AllOf(HasSubstr("same ids, is safe"), HasSubstr("trying again in 1 s")));
  bus_.HoldDeliveries(false);
  ASSERT_TRUE(Record({Reading("a")}, &recorded_).ok());
  EXPECT_TRUE(recorded_.results(0).has_position());
}

TEST_F(ServiceTest, ADeliveryThatFailsIsNeverAcknowledged) {
  Start();
  ApplyDefault();
  bus_.FailDeliveries(absl::DeadlineExceededError("no answer"), /*stored=*/true);
  EXPECT_EQ(ReasonOf(Record({Reading("a"), Reading("b")}, &recorded_)), "BROKER_UNAVAILABLE");
  bus_.FailDeliveries(absl::NotFoundError("no topic"));
  ASSERT_TRUE(Record({Reading("a")}, &recorded_).ok());
  EXPECT_THAT(Told(recorded_.results(0)), ElementsAre(" TOPIC_UNUSABLE"));
}

TEST_F(ServiceTest, AFullQueueIsToldItemByItem) {
  Start();
  ApplyDefault();
  bus_.RefuseRecords(absl::ResourceExhaustedError("full"));
  ASSERT_TRUE(Record({Reading("a"), Reading("b", "ref: 'T9'")}, &recorded_).ok());
  EXPECT_THAT(Told(recorded_.results(0)), ElementsAre(" QUEUE_FULL"));
  EXPECT_EQ(recorded_.results(0).errors(0).error_class(), v1::ERROR_CLASS_TRY_AGAIN);
  EXPECT_THAT(Told(recorded_.results(1)), ElementsAre("ref UNKNOWN_INDICATOR"));
  bus_.RefuseRecords(absl::OkStatus());
  ASSERT_TRUE(Record({Reading("a")}, &recorded_).ok());
  EXPECT_TRUE(recorded_.results(0).has_position());
}

TEST_F(ServiceTest, AfterAFatalErrorTheProducerIsMadeAnew) {
  Start();
  ApplyDefault();
  bus_.FailSinks();
  EXPECT_TRUE(Eventually([this] { return Record({Reading("a")}, &recorded_).ok(); }));
}

TEST_F(ServiceTest, WithoutABrokerItIsNotReadyAndRefusesNothing) {
  broker_away_ = true;
  Start();
  EXPECT_THAT(app_->NotReadyReason(), ::testing::Not(IsEmpty()));
  const grpc::Status status = Record({Reading("a")}, &recorded_, absl::Milliseconds(500));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "DEFINITIONS_NOT_CURRENT");
  EXPECT_EQ(ReasonOf(stub_->ApplyCatalogue(
                Context(absl::Milliseconds(500)).get(),
                [] {
                  v1::ApplyCatalogueRequest request;
                  *request.mutable_catalogue() = CatalogueMessage();
                  request.set_apply_id("apply-1");
                  return request;
                }(),
                &applied_)),
            "DEFINITIONS_NOT_CURRENT");
  broker_away_ = false;
  ASSERT_TRUE(Eventually([this] { return app_->NotReadyReason().empty(); }));
  ApplyDefault();
}

TEST_F(ServiceTest, WhereNothingIsAcknowledgedItIsNotReady) {
  Start();
  ApplyDefault();
  bus_.HoldDeliveries(true);
  EXPECT_EQ(ReasonOf(Record({Reading("a")}, &recorded_, absl::Seconds(3))), "BROKER_UNAVAILABLE");
  ASSERT_TRUE(Eventually([this] { return !app_->NotReadyReason().empty(); }));
  EXPECT_EQ(app_->NotReadyReason(), "the brokers acknowledge nothing that is sent");
  bus_.HoldDeliveries(false);
  ASSERT_TRUE(Eventually([this] { return app_->NotReadyReason().empty(); }));
}

TEST_F(ServiceTest, AnotherClusterHasOtherDefinitions) {
  Start();
  ApplyDefault();
  bus_.BecomeOtherCluster();
  ASSERT_TRUE(Apply(CatalogueMessage(), "apply-1", &applied_, /*validate_only=*/true).ok());
  EXPECT_EQ(applied_.results(0).change(), v1::DEFINITION_CHANGE_NEW);
  ASSERT_TRUE(Eventually([this] {
    return Record({Reading("a")}, &recorded_, absl::Seconds(2)).ok() && !recorded_.results(0).has_position();
  }));
  EXPECT_THAT(Told(recorded_.results(0)), ElementsAre("council UNKNOWN_COUNCIL"));
  EXPECT_FALSE(fatal_);
}

// A broker that hung and wakes may answer for a moment as the leader that it was.
TEST_F(ServiceTest, WhatMayBeALossIsNoneIfTheLogIsThere) {
  Start();
  ApplyDefault();
  for (int time = 1; time <= 2; ++time) {
    bus_.FailSources(absl::DataLossError("the log does not hold offset 912"));
    ASSERT_TRUE(Eventually([this] { return app_->NotReadyReason().find("offset 912") != std::string::npos; }));
    EXPECT_TRUE(Eventually([this] { return app_->NotReadyReason().empty(); })) << app_->NotReadyReason();
  }
  ASSERT_TRUE(Record({Reading("a")}, &recorded_).ok());
  EXPECT_TRUE(recorded_.results(0).has_position());
  EXPECT_FALSE(fatal_);
}

TEST_F(ServiceTest, AHoleInTheLogStopsTheService) {
  Start();
  ApplyDefault();
  ASSERT_TRUE(Record({Reading("a")}, &recorded_).ok());  // The definitions are read.
  for (int partition = 0; partition < 3; ++partition) bus_.SkipOffsets(kTopic, partition, 1);
  ASSERT_TRUE(Record({Reading("a")}, &recorded_).ok());
  EXPECT_TRUE(Eventually([this] { return fatal_.load(); }));
  EXPECT_THAT(app_->NotReadyReason(), HasSubstr("the log has a hole"));
  EXPECT_EQ(app_->Stop(absl::Seconds(5)).code(), absl::StatusCode::kDataLoss);
}

TEST_F(ServiceTest, ApplyTellsNewUnchangedAndChanged) {
  Start();
  ApplyDefault();
  v1::Catalogue catalogue = CatalogueMessage();
  ASSERT_TRUE(Apply(catalogue, "apply-2", &applied_).ok());
  EXPECT_EQ(applied_.results(0).change(), v1::DEFINITION_CHANGE_UNCHANGED);
  EXPECT_FALSE(applied_.results(0).result().has_position());
  catalogue.mutable_indicators(1)->set_description("Calls answered within a minute");
  catalogue.mutable_indicators(1)->set_service("Contact centre");
  ASSERT_TRUE(Apply(catalogue, "apply-2", &applied_, /*validate_only=*/true).ok());
  EXPECT_EQ(applied_.results(1).change(), v1::DEFINITION_CHANGE_CHANGED);
  EXPECT_FALSE(applied_.results(1).result().has_position());
  ASSERT_TRUE(Apply(catalogue, "apply-2", &applied_).ok());
  EXPECT_EQ(applied_.results(0).change(), v1::DEFINITION_CHANGE_UNCHANGED);
  EXPECT_EQ(applied_.results(1).ref(), "T2");
  EXPECT_THAT(applied_.results(1).changed_fields(), ElementsAre("description", "service"));
  EXPECT_TRUE(applied_.results(1).result().has_position());
  ASSERT_TRUE(Apply(catalogue, "apply-2", &applied_).ok());
  EXPECT_EQ(applied_.results(1).change(), v1::DEFINITION_CHANGE_UNCHANGED);
}

TEST_F(ServiceTest, AnApplyIdIsNotForTwoDefinitions) {
  Start();
  ApplyDefault();
  v1::Catalogue catalogue = CatalogueMessage();
  catalogue.mutable_indicators(0)->set_description("Something else");
  ASSERT_TRUE(Apply(catalogue, "apply-1", &applied_).ok());
  EXPECT_THAT(Told(applied_.results(0).result()), ElementsAre(" APPLY_ID_REUSED"));
  EXPECT_EQ(applied_.results(0).change(), v1::DEFINITION_CHANGE_UNSPECIFIED);
}

TEST_F(ServiceTest, ALateRetryOfAnOvertakenApplyChangesNothing) {
  Start();
  ApplyDefault();  // apply-1
  v1::Catalogue later = CatalogueMessage();
  later.mutable_indicators(0)->set_description("Something else");
  ASSERT_TRUE(Apply(later, "apply-2", &applied_).ok());
  EXPECT_EQ(applied_.results(0).change(), v1::DEFINITION_CHANGE_CHANGED);
  ASSERT_TRUE(Apply(CatalogueMessage(), "apply-1", &applied_).ok());
  EXPECT_EQ(applied_.results(0).change(), v1::DEFINITION_CHANGE_OVERTAKEN);
  EXPECT_THAT(applied_.results(0).changed_fields(), ElementsAre("description"));
  EXPECT_FALSE(applied_.results(0).result().has_position());
}

// The clock stands in March 2022.
TEST_F(ServiceTest, WhatWasSaidForLaterMonthsIsNotLostByAccident) {
  Start();
  ApplyDefault();
  int applies = 1;
  const auto apply = [&](const std::string& description, const std::string& from, bool drop_later = false) {
    v1::ApplyCatalogueRequest request;
    *request.mutable_catalogue() = CatalogueMessage();
    request.mutable_catalogue()->mutable_indicators(0)->set_description(description);
    request.mutable_catalogue()->mutable_indicators(0)->set_effective_from(from);
    request.set_apply_id(absl::StrCat("apply-", ++applies));
    request.set_drop_later(drop_later);
    EXPECT_TRUE(stub_->ApplyCatalogue(Context().get(), request, &applied_).ok());
    return applied_.results(0);
  };
  EXPECT_TRUE(apply("from April", "2022-04").result().has_position());
  EXPECT_EQ(applied_.results(0).holds_from(), "2022-04");
  EXPECT_THAT(applied_.results(0).replaced(), IsEmpty());
  // Neither by a file that says no month, nor by one of an earlier month.
  for (const char* from : {"", "2022-01"}) {
    const v1::DefinitionResult refused = apply("mended", from);
    EXPECT_THAT(Told(refused.result()), ElementsAre("effective_from CONTRADICTION"));
    EXPECT_THAT(refused.result().errors(0).message(), HasSubstr("from 2022-04 (description)"));
    EXPECT_EQ(refused.change(), v1::DEFINITION_CHANGE_UNSPECIFIED);
    ASSERT_EQ(refused.replaced_size(), 1);
    EXPECT_EQ(refused.replaced(0).effective_from(), "2022-04");
    EXPECT_THAT(refused.replaced(0).changed_fields(), ElementsAre("description"));
    EXPECT_TRUE(refused.replaced(0).is_later());
  }
  EXPECT_TRUE(apply("mended", "2022-04").result().has_position()) << "its own month is meant";
  EXPECT_TRUE(apply("mended again", "", /*drop_later=*/true).result().has_position());
  EXPECT_EQ(applied_.results(0).holds_from(), "2022-04");
  EXPECT_EQ(applied_.results(0).replaced_size(), 1) << "and it is told";
  EXPECT_TRUE(apply("from January", "2022-01", /*drop_later=*/true).result().has_position());
  // What holds by now is put right by a file that says no month, which says from when that holds.
  EXPECT_TRUE(apply("from the new year", "").result().has_position());
  EXPECT_EQ(applied_.results(0).holds_from(), "2022-01");
  ASSERT_EQ(applied_.results(0).replaced_size(), 1);
  EXPECT_FALSE(applied_.results(0).replaced(0).is_later());
}

TEST_F(ServiceTest, ASchemeIdIsNotForTwoRules) {
  Start();
  ApplyDefault();
  v1::Catalogue catalogue = CatalogueMessage();
  catalogue.mutable_schemes(0)->mutable_statuses(0)->set_label("Grass");
  catalogue.mutable_indicators()->RemoveLast();  // T2 keeps the rules of before.
  *catalogue.add_indicators() = catalogue.indicators(0);
  catalogue.mutable_indicators(1)->set_ref("T3");
  ASSERT_TRUE(Apply(catalogue, "apply-2", &applied_).ok());
  for (const v1::DefinitionResult& result : applied_.results()) {
    EXPECT_THAT(Told(result.result()), ElementsAre("scheme_id CONTRADICTION"));
    EXPECT_THAT(result.result().errors(0).message(), HasSubstr("\"council\" has other rules for T2"));
  }
  // Put right for all of them, it is one.
  *catalogue.add_indicators() = CatalogueMessage().indicators(1);
  ASSERT_TRUE(Apply(catalogue, "apply-3", &applied_).ok());
  for (const v1::DefinitionResult& result : applied_.results()) EXPECT_TRUE(result.result().has_position());
  // An earlier wording counts as well: months are rated by it.
  catalogue.mutable_schemes(0)->set_id("council-2022");
  catalogue.mutable_defaults()->set_scheme_id("council-2022");
  for (v1::IndicatorDefinition& indicator : *catalogue.mutable_indicators()) indicator.set_effective_from("2022-04");
  ASSERT_TRUE(Apply(catalogue, "apply-4", &applied_).ok());
  for (const v1::DefinitionResult& result : applied_.results()) EXPECT_TRUE(result.result().has_position());
  v1::Catalogue another = CatalogueMessage();
  another.mutable_indicators(0)->set_ref("T4");
  another.mutable_indicators()->RemoveLast();
  ASSERT_TRUE(Apply(another, "apply-5", &applied_).ok());
  EXPECT_THAT(Told(applied_.results(0).result()), ElementsAre("scheme_id CONTRADICTION"));
}

TEST_F(ServiceTest, AnApplyRefusesBadDefinitionsOneByOne) {
  Start();
  v1::Catalogue catalogue = CatalogueMessage();
  Merge("polarity: POLARITY_UNSPECIFIED decimal_places: 12", *catalogue.mutable_indicators(0));
  ASSERT_TRUE(Apply(catalogue, "apply-1", &applied_).ok());
  EXPECT_THAT(Told(applied_.results(0).result()), ElementsAre("decimal_places OUT_OF_RANGE", "polarity REQUIRED"));
  EXPECT_TRUE(applied_.results(1).result().has_position());
}

TEST_F(ServiceTest, TheFiguresOfOneIndicatorGoOnInOne) {
  Start();
  v1::Catalogue catalogue = CatalogueMessage();
  *catalogue.mutable_indicators(1) = catalogue.indicators(0);
  Merge("retired_from: '2022-02'", *catalogue.mutable_indicators(0));
  Merge("ref: 'T2' predecessor: 'T1' active_from: '2022-02'", *catalogue.mutable_indicators(1));
  ASSERT_TRUE(Apply(catalogue, "apply-1", &applied_).ok());
  ASSERT_TRUE(applied_.results(1).result().has_position());
  catalogue.mutable_indicators(1)->set_ref("T3");
  ASSERT_TRUE(Apply(catalogue, "apply-2", &applied_).ok());
  EXPECT_THAT(Told(applied_.results(1).result()), ElementsAre("predecessor CONTRADICTION"));
  EXPECT_THAT(applied_.results(1).result().errors(0).message(), HasSubstr("\"T1\" goes on in T2 already"));
  v1::Catalogue alone = catalogue;
  alone.mutable_indicators()->DeleteSubrange(1, 1);
  alone.mutable_indicators(0)->clear_retired_from();
  ASSERT_TRUE(Apply(alone, "apply-alone", &applied_).ok());
  EXPECT_THAT(Told(applied_.results(0).result()), ElementsAre("retired_from CONTRADICTION"));
  EXPECT_THAT(applied_.results(0).result().errors(0).message(), HasSubstr("T2 continues it from 2022-02 on"));
  catalogue.mutable_indicators(1)->add_breaks("2022-02");
  ASSERT_TRUE(Apply(catalogue, "apply-3", &applied_).ok());
  EXPECT_THAT(Told(applied_.results(1).result()), IsEmpty());
}

TEST_F(ServiceTest, TheUnitStaysThatOfTheChartsThatShowIt) {
  Start();
  v1::Catalogue catalogue = CatalogueMessage();
  Merge("charted_with: 'T2'", *catalogue.mutable_indicators(0));
  ASSERT_TRUE(Apply(catalogue, "apply-1", &applied_).ok());
  ASSERT_TRUE(applied_.results(0).result().has_position());
  for (v1::IndicatorDefinition& indicator : *catalogue.mutable_indicators()) indicator.set_unit("days");
  v1::Catalogue alone = catalogue;
  alone.mutable_indicators()->DeleteSubrange(0, 1);
  ASSERT_TRUE(Apply(alone, "apply-alone", &applied_).ok());
  EXPECT_THAT(Told(applied_.results(0).result()), ElementsAre("unit CONTRADICTION"));
  EXPECT_THAT(applied_.results(0).result().errors(0).message(), HasSubstr("the chart of T1 shows it as well"));
  ASSERT_TRUE(Apply(catalogue, "apply-2", &applied_).ok());
  EXPECT_THAT(Told(applied_.results(1).result()), IsEmpty());
}

TEST_F(ServiceTest, ACatalogueWithASchemeThatCannotBeSatisfiedIsRefusedWithEverythingElse) {
  Start();
  v1::Catalogue catalogue = CatalogueMessage();
  auto* red = catalogue.mutable_schemes(0)->mutable_statuses(2);
  red->clear_any_of();
  red->add_any_of()->mutable_shortfall_within()->set_tolerance(true);
  catalogue.mutable_indicators(1)->set_unit("");
  const grpc::Status status = Apply(catalogue, "", &applied_);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(Words(status), AllOf(HasSubstr("apply_id: "), HasSubstr("catalogue.schemes[0].statuses"),
                                   HasSubstr("catalogue.indicators[1].unit: ")));
  EXPECT_THAT(bus_.Records(kTopic), IsEmpty());
}

TEST_F(ServiceTest, WithdrawsAndComments) {
  Start();
  ApplyDefault();
  v1::WithdrawReadingRequest withdraw;
  Merge("withdrawal { council: 'E06000061' ref: 'T1' period: '2022-02' reading_id: 'a' withdrawal_id: 'w' }", withdraw);
  v1::WithdrawReadingResponse withdrawn;
  ASSERT_TRUE(stub_->WithdrawReading(Context().get(), withdraw, &withdrawn).ok());
  EXPECT_TRUE(withdrawn.has_position());
  v1::RecordCommentRequest comment;
  Merge("comment { council: 'E06000061' ref: 'T1' period: '2022-02' comment_id: 'c' text: 'Words.' }", comment);
  v1::RecordCommentResponse commented;
  ASSERT_TRUE(stub_->RecordComment(Context().get(), comment, &commented).ok());
  EXPECT_EQ(commented.position().partition(), withdrawn.position().partition());
}

TEST_F(ServiceTest, WhatIsWrongWithASingleRecordIsTheCallsError) {
  Start();
  ApplyDefault();
  v1::WithdrawReadingRequest withdraw;
  Merge("withdrawal { council: 'E06000061' ref: 'T9' period: '2022-02' reading_id: 'a' withdrawal_id: 'w' }", withdraw);
  v1::WithdrawReadingResponse withdrawn;
  grpc::Status status = stub_->WithdrawReading(Context().get(), withdraw, &withdrawn);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_INDICATOR");
  v1::RecordCommentRequest comment;
  Merge("comment { council: 'E06000061' ref: 'T1' period: '2022-Q1' comment_id: '' }", comment);
  comment.mutable_comment()->set_text(std::string(10'001, 'x'));
  v1::RecordCommentResponse commented;
  status = stub_->RecordComment(Context().get(), comment, &commented);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(Words(status),
              AllOf(HasSubstr("comment.text: "), HasSubstr("comment.comment_id: "), HasSubstr("comment.period: ")));
}

TEST_F(ServiceTest, ACommentCanBeCheckedAndIsNotRecordedThen) {
  Start();
  ApplyDefault();
  const size_t before = bus_.Records(kTopic).size();
  v1::RecordCommentRequest comment;
  Merge("validate_only: true comment { council: 'E06000061' ref: 'T1' period: '2022-02' comment_id: 'c' text: 'x' }",
        comment);
  v1::RecordCommentResponse response;
  ASSERT_TRUE(stub_->RecordComment(Context().get(), comment, &response).ok());
  EXPECT_FALSE(response.has_position());
  comment.mutable_comment()->set_text("a\vb");
  EXPECT_EQ(ReasonOf(stub_->RecordComment(Context().get(), comment, &response)), "TEXT_NOT_ALLOWED");
  EXPECT_EQ(bus_.Records(kTopic).size(), before);
}

TEST_F(ServiceTest, ACallUnderWayIsFinishedWhenTheServiceStops) {
  Start();
  ApplyDefault();
  bus_.HoldDeliveries(true);
  v1::RecordReadingsRequest request;
  *request.add_readings() = Reading("a");
  const auto context = Context();
  grpc::CompletionQueue queue;
  const auto call = stub_->AsyncRecordReadings(context.get(), request, &queue);
  grpc::Status status;
  call->Finish(&recorded_, &status, nullptr);
  // The server has the call once the record is with the sink: the alarm of the queue must not fire first.
  std::thread stopper([this] { (void)app_->Stop(absl::Seconds(10)); });
  ASSERT_TRUE(Eventually([this] { return !app_->NotReadyReason().empty(); }));
  bus_.HoldDeliveries(false);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  stopper.join();
  // Either it was taken and finished, or it came too late and was never taken.
  if (status.ok()) {
    EXPECT_EQ(RecordedReadings(), 1u);
  } else {
    EXPECT_EQ(RecordedReadings(), 0u);
  }
  queue.Shutdown();
}

}  // namespace
}  // namespace bellwether::ingestion
