// Pages and what they cost, without a server.
#include "services/query/answers.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "bellwether/rpc/call.h"
#include "bellwether/testing/fake_clock.h"
#include "bellwether/testing/status_matchers.h"
#include "services/query/testing.h"

namespace bellwether::query::testing {
namespace {

class AnswersTest : public ::testing::Test {
 protected:
  AnswersTest() { view_.Reset(1); }

  void Write(const std::string& ref, rating::Record record) {
    ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, ref, std::move(record)))), bellwether::testing::IsOk());
  }
  // Twenty indicators, each with a finding and thirteen readings.
  void WriteCouncil() {
    for (unsigned i = 0; i < kIndicators; ++i) {
      const std::string ref = "T" + std::to_string(i);
      rating::Definition definition = DefinitionOf(ref, i + 1);
      definition.year_to_date_rule = rating::RollUpRule::kLatest;
      definition.silenced = {{rating::WarningKind::kPeriodNotOver, "The log's clock stands in February."}};
      Write(ref, Defines(std::move(definition)));
      Write(ref, Reads("2022-02", "91"));
      Write(ref, Reads("2022-02-YTD", "92"));
      for (int year = 2008; year < 2019; ++year) Write(ref, Reads(std::to_string(year) + "-02", "90"));
    }
  }

  template <typename Response>
  static Response Read(Response response) {
    return response;
  }
  static v1::GetReportResponse Read(const grpc::ByteBuffer& bytes) {
    v1::GetReportResponse response;
    EXPECT_TRUE(rpc::ReadRequest(bytes, &response).ok());
    return response;
  }
  // All pages, each made within so much effort; what `items` says of each of them, and how many pages there were.
  template <typename Request, typename Response, typename Items>
  std::vector<std::string> Everything(grpc::Status (Answers::*method)(const Sight&, const Request&, Effort*, Response*)
                                          const,
                                      int page_size, int64_t page_effort, const Items& items, int* pages) {
    Request request;
    request.set_council(kCouncil);
    request.set_page_size(page_size);
    std::vector<std::string> all;
    for (*pages = 1; *pages < 1'000; ++*pages) {
      Effort effort = Effort::Whole(nullptr, page_effort);
      Response made;
      const grpc::Status s = (answers_.*method)(sight_, request, &effort, &made);
      const auto response = Read(std::move(made));
      EXPECT_TRUE(s.ok()) << s.error_message();
      most_ = std::max(most_, effort.spent());
      for (std::string& item : items(response)) all.push_back(std::move(item));
      request.set_page_token(response.next_page_token());
      if (request.page_token().empty()) return all;
    }
    return all;
  }

  static std::vector<std::string> FindingsIn(const v1::ListFindingsResponse& response) {
    std::vector<std::string> refs;
    for (const v1::Finding& finding : response.findings()) refs.push_back(finding.ref());
    return refs;
  }
  static std::vector<std::string> ReadingsIn(const v1::ListReadingsResponse& response) {
    std::vector<std::string> readings;
    for (const v1::ReadingInForce& r : response.readings())
      readings.push_back(r.reading().ref() + r.reading().period());
    return readings;
  }
  static std::vector<std::string> RowsIn(const v1::GetReportResponse& report) {
    std::vector<std::string> refs;
    for (const v1::ReportRow& row : report.rows()) refs.push_back(row.definition().ref());
    return refs;
  }

  static constexpr unsigned kIndicators = 20;
  bellwether::testing::FakeClock clock_{core::Date(2022, 3, 20)};
  Log log_{1};
  View view_{ViewOptions{}, &clock_};
  const Sight sight_{&view_, rpc::Caller::OfEveryone(""), &clock_};
  Answers answers_{&clock_};
  int64_t most_ = 0;  // That any page took.
};

TEST_F(AnswersTest, FindingsAreTheSameOnAnyPages) {
  WriteCouncil();
  int pages = 0;
  const auto all = Everything(&Answers::ListFindings, 1'000, 3 * Effort::kFindings, FindingsIn, &pages);
  EXPECT_EQ(all.size(), kIndicators);
  EXPECT_GT(pages, 4) << "a page ends where it took long enough";
  EXPECT_EQ(Everything(&Answers::ListFindings, 3, Effort::kPage, FindingsIn, &pages), all);
  EXPECT_EQ(pages, 7);
  EXPECT_EQ(Everything(&Answers::ListFindings, 1'000, 3 * Effort::kFindings, FindingsIn, &pages), all);
  EXPECT_EQ(pages, 1) << "the findings are there";
}

TEST_F(AnswersTest, APageOfFindingsLooksAtItsOwnRowsOnly) {
  WriteCouncil();
  int pages = 0;
  Everything(&Answers::ListFindings, 3, Effort::kPage, FindingsIn, &pages);
  EXPECT_LE(most_, 5 * (Effort::kFindings + 15 * Effort::kFold))
      << "the row that the page before ended in, three rows, the one that does not fit";
}

TEST_F(AnswersTest, ReadingsAreTheSameOnAnyPages) {
  WriteCouncil();
  int pages = 0;
  const auto all = Everything(&Answers::ListReadings, 2'000, Effort::kPage, ReadingsIn, &pages);
  EXPECT_EQ(all.size(), 13 * kIndicators);
  EXPECT_EQ(pages, 1);
  most_ = 0;
  EXPECT_EQ(Everything(&Answers::ListReadings, 5, Effort::kPage, ReadingsIn, &pages), all);
  EXPECT_EQ(pages, 52);
  EXPECT_GT(most_, 6 * Effort::kItem) << "a look at the indicator's periods is counted too";
  EXPECT_LE(most_, 6 * Effort::kItem + 2 * 13 * Effort::kLabel) << "five readings, and the one that does not fit";
  EXPECT_EQ(Everything(&Answers::ListReadings, 2'000, 20 * Effort::kItem, ReadingsIn, &pages), all);
  EXPECT_EQ(pages, 10);
}

TEST_F(AnswersTest, RowsAreTheSameOnAnyPages) {
  WriteCouncil();
  int pages = 0;
  const auto all = Everything(&Answers::GetReport, 1'000, 3 * Effort::kRow, RowsIn, &pages);
  EXPECT_EQ(all.size(), kIndicators);
  EXPECT_EQ(pages, 5);
  EXPECT_EQ(Everything(&Answers::GetReport, 3, Effort::kPage, RowsIn, &pages), all);
  EXPECT_EQ(pages, 7);
  EXPECT_EQ(Everything(&Answers::GetReport, 1'000, 3 * Effort::kRow, RowsIn, &pages), all);
  EXPECT_EQ(pages, 1) << "the rows are there";
}

TEST_F(AnswersTest, AReportThatLosesARowBehindThePageSaysSo) {
  const auto define = [&](unsigned place, std::optional<core::Month> retired_from) {
    rating::Definition definition = DefinitionOf("T" + std::to_string(place), place);
    definition.retired_from = retired_from;
    Write(definition.ref, Defines(definition, retired_from ? "apply-2" : "apply-1"));
  };
  for (unsigned place = 1; place <= 201; ++place) define(place, std::nullopt);
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  request.set_period("2022-02");
  const auto read = [&] {
    Effort effort = Effort::Whole(nullptr, Effort::kPage);
    grpc::ByteBuffer made;
    EXPECT_TRUE(answers_.GetReport(sight_, request, &effort, &made).ok());
    return Read(made);
  };
  EXPECT_FALSE(read().next_page_token().empty());
  define(201, core::Month(2022, 1));
  const v1::GetReportResponse without = read();
  EXPECT_EQ(without.total_rows(), 200);
  EXPECT_EQ(without.next_page_token(), "");
}

// What is kept of rows and reports is never what it was: after each record they are those that nobody had asked for.
TEST(AnswersPropertyTest, WhatIsKeptIsWhatWouldBeMade) {
  EXPECT_TRUE(rc::check("reports kept are reports made anew", [] {
    bellwether::testing::FakeClock clock{core::Date(2022, 3, 20)};
    Log log{1};
    View view{ViewOptions{}, &clock};
    view.Reset(1);
    const Sight sight{&view, rpc::Caller::OfEveryone(""), &clock};
    const Answers kept{&clock};
    const auto report_of = [&](const Answers& answers, const std::string& period) {
      v1::GetReportRequest request;
      request.set_council(kCouncil);
      request.set_period(period);
      Effort effort = Effort::Whole(nullptr, Effort::kPage);
      grpc::ByteBuffer bytes;
      const bool found = answers.GetReport(sight, request, &effort, &bytes).ok();
      v1::GetReportResponse response;
      RC_ASSERT(!found || rpc::ReadRequest(bytes, &response).ok());
      return response.SerializeAsString();
    };
    const auto findings_of = [&](const Answers& answers, const std::string& period) {
      v1::ListFindingsRequest request;
      request.set_council(kCouncil);
      request.set_period(period);
      Effort effort = Effort::Whole(nullptr, Effort::kPage);
      v1::ListFindingsResponse response;
      (void)answers.ListFindings(sight, request, &effort, &response);
      return response.SerializeAsString();
    };
    const int steps = *rc::gen::inRange(5, 20);
    for (int step = 0; step < steps; ++step) {
      const std::string ref = *rc::gen::element<std::string>("T1", "T2", "T3");
      const std::string period = *rc::gen::element<std::string>("2021-11", "2021-12", "2022-01", "2022-02");
      rating::Definition definition = DefinitionOf(ref, *rc::gen::inRange(1U, 4U));
      definition.year_to_date_rule = rating::RollUpRule::kMean;
      definition.description = *rc::gen::element<std::string>("one", "another");
      if (ref != "T3" && *rc::gen::arbitrary<bool>()) {
        definition.checks = {
            rating::SharedPopulation{rating::Figure::kValue, "T3", rating::Figure::kValue, std::nullopt}};
      }
      if (ref == "T2" && *rc::gen::arbitrary<bool>()) {
        definition.predecessor = "T1";
        definition.active_from = core::Month(2022, 1);
      }
      const std::string id = "id-" + std::to_string(step);
      const auto says = [&](const std::string& text) {
        rating::Comment comment = std::get<rating::Comment>(Says(period, text));
        comment.comment_id = id;
        return rating::Record(comment);
      };
      const rating::Record record = *rc::gen::element<rating::Record>(
          Defines(definition, "apply-" + id), Reads(period, std::to_string(60 + step), id),
          Reads(period, std::to_string(60 + step), id), Withdraws(period, "id-" + std::to_string(step / 2)),
          says("said"), says(""));
      RC_ASSERT(view.Apply(RecordOf(log.Write(0, ref, record))).ok());
      if (step % 7 == 6) clock.SetToday(clock.Today() + 20);
      for (const std::string month : {"2022-01", "2022-02", ""})
        RC_ASSERT(report_of(kept, month) == report_of(Answers{&clock}, month));
      RC_ASSERT(findings_of(kept, "2022-02") == findings_of(Answers{&clock}, "2022-02"));
    }
  }));
}

TEST_F(AnswersTest, NothingGoesOnOnceTheCallerIsGone) {
  Write("T1", Defines(DefinitionOf("T1")));
  for (int i = 0; i < 8'000; ++i) Write("T1", Reads("2022-02", std::to_string(i % 90), "r" + std::to_string(i)));
  v1::LookUpReadingsRequest request;
  request.add_keys()->set_council(kCouncil);
  request.mutable_keys(0)->set_ref("T1");
  for (const char* id : {"r7", "none"}) {  // One that wants the ledger, and one whose records are only looked at.
    request.mutable_keys(0)->set_reading_id(id);
    bool gone = false;
    Effort effort = Effort::Whole([&gone] { return std::exchange(gone, true); });
    v1::LookUpReadingsResponse response;
    EXPECT_EQ(answers_.LookUpReadings(sight_, request, &effort, &response).error_code(), grpc::StatusCode::CANCELLED)
        << id;
    EXPECT_LT(effort.spent(), 1'500'000) << "of 24 million for the ledger, 1.6 million for a look at all";
  }
}

}  // namespace
}  // namespace bellwether::query::testing
