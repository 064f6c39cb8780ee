// What one call may cost, through the server (so that each question is asked as a caller does).
#include <ctime>
#include <memory>
#include <set>
#include <utility>

#include "services/query/service_fixture.h"

namespace bellwether::query::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Stub = v1::QueryService::Stub;

// Of all threads of this process, the client's too.
double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

class CostsTest : public ServiceTest {
 protected:
  explicit CostsTest(std::unique_ptr<rpc::Door> door = nullptr) : ServiceTest({}, std::move(door)) {}

  // The least of three times, so that what else this process does is left out.
  template <typename F>
  static double CpuOf(const F& f) {
    double least = 1e9;
    for (int i = 0; i < 3; ++i) {
      const double before = CpuSeconds();
      f();
      least = std::min(least, CpuSeconds() - before);
    }
    return least;
  }
  static v1::ReadingKey KeyOf(const std::string& ref, const std::string& id) {
    v1::ReadingKey key;
    key.set_council(kCouncil);
    key.set_ref(ref);
    key.set_reading_id(id);
    return key;
  }
  v1::LookUpReadingsResponse LookUp(const v1::LookUpReadingsRequest& request) {
    v1::LookUpReadingsResponse response;
    const grpc::Status s = Call(&Stub::LookUpReadings, request, &response, absl::Minutes(2));
    EXPECT_TRUE(s.ok()) << s.error_message();
    return response;
  }
};

// Who may see no provisional figure.
class FinalCostsTest : public CostsTest {
 protected:
  FinalCostsTest() : CostsTest(DoorFor({absl::StrCat("actions: [read], councils: [", kCouncil, "]")})) {}
};

TEST_F(FinalCostsTest, AnIndicatorCostsNoneOfTheOthers) {
  for (int i = 0; i < 100; ++i) {
    const std::string ref = "T" + std::to_string(i);
    Write(ref, Defines(DefinitionOf(ref)));
    for (int k = 0; k < 20; ++k) {
      rating::Reading reading = Reads("2022-02", std::to_string(k), "r" + std::to_string(k));
      reading.observation_status = k == 0 ? 'A' : 'E';
      Write(ref, reading);
    }
  }
  core::Date day(2022, 4, 1);  // Nothing that is kept is of the next day.
  v1::GetIndicatorRequest indicator;
  indicator.set_council(kCouncil);
  indicator.set_ref("T17");
  v1::ExplainScoreRequest score;
  score.set_council(kCouncil);
  score.set_ref("T17");
  const auto next = [&] { clock_.SetToday(day += 1); };
  const double of_score = CpuOf([&] {
    next();
    v1::ExplainScoreResponse response;
    EXPECT_TRUE(Call(&Stub::ExplainScore, score, &response).ok());
  });
  const double of_indicator = CpuOf([&] {
    next();
    v1::GetIndicatorResponse response;
    EXPECT_TRUE(Call(&Stub::GetIndicator, indicator, &response).ok());
    EXPECT_EQ(response.revisions_size(), 1);
  });
  EXPECT_LT(of_indicator, 5 * of_score);
}

TEST_F(CostsTest, ManyKeysOfAnIndicatorTakeLittleMoreThanOne) {
  Write("T1", Defines(DefinitionOf("T1")));
  for (int i = 0; i < 5'000; ++i) Write("T1", Reads("2022-02", std::to_string(i % 90), "r" + std::to_string(i)));
  v1::LookUpReadingsRequest one;
  *one.add_keys() = KeyOf("T1", "r17");
  v1::LookUpReadingsRequest many;
  for (int i = 0; i < 500; ++i) *many.add_keys() = KeyOf("T1", "r" + std::to_string(i * 10));
  EXPECT_THAT(LookUp(one).results(), SizeIs(1));  // And the ledger is there.
  const double of_one = CpuOf([&] { LookUp(one); });
  const double of_many = CpuOf([&] { EXPECT_EQ(LookUp(many).results(499).total_occurrences(), 1); });
  EXPECT_LT(of_many, 40 * of_one) << of_one << " s for one key";
}

TEST_F(CostsTest, AnAnswerHoldsTheNewestOfEachKeyAndOtherwiseWhatFits) {
  Write("T1", Defines(DefinitionOf("T1")));
  const std::string id(128, 'x');
  for (int i = 0; i < 150; ++i) Write("T1", Reads("2022-02", "91", id));
  v1::LookUpReadingsRequest request;
  for (int i = 0; i < 500; ++i) *request.add_keys() = KeyOf("T1", id);
  const v1::LookUpReadingsResponse response = LookUp(request);
  EXPECT_LT(response.ByteSizeLong(), size_t{4} << 20);
  EXPECT_THAT(response.results(0).occurrences(), SizeIs(100));
  for (const v1::ReadingLookUp& result : response.results()) {
    EXPECT_EQ(result.total_occurrences(), 150);
    ASSERT_GE(result.occurrences_size(), 1);
    EXPECT_EQ(result.occurrences(result.occurrences_size() - 1).position().offset(), 150) << "the newest";
  }
}

TEST_F(CostsTest, AFilterMayNameAnyNumberOfRefs) {
  for (int i = 0; i < 300; ++i) Write("T" + std::to_string(i), Defines(DefinitionOf("T" + std::to_string(i))));
  const auto cpu_of_naming = [this](const std::string& ref) {
    v1::ListIndicatorsRequest request;
    request.set_council(kCouncil);
    for (int i = 0; i < 150'000; ++i) request.mutable_filter()->add_refs(ref);
    return CpuOf([&] {
      v1::ListIndicatorsResponse response;
      const grpc::Status s = Call(&Stub::ListIndicators, request, &response, absl::Minutes(2));
      EXPECT_TRUE(s.ok()) << s.error_message();
      EXPECT_THAT(response.definitions(), SizeIs(1));
    });
  };
  const double of_first = cpu_of_naming("T0");
  EXPECT_LT(cpu_of_naming("T99"), 4 * of_first) << "the last of them";
}

TEST_F(CostsTest, AHistoryThatIsTooLongSaysHowToAskForLess) {
  Write("T1", Defines(DefinitionOf("T1")));
  for (int year = 1990; year < 2040; ++year) {
    for (int month = 1; month <= 9; ++month) {
      Write("T1", Says(std::to_string(year) + "-0" + std::to_string(month), std::string(9'000, 'w')));
    }
  }
  v1::GetIndicatorRequest request;
  request.set_council(kCouncil);
  request.set_ref("T1");
  v1::GetIndicatorResponse response;
  const grpc::Status s = Call(&Stub::GetIndicator, request, &response);
  EXPECT_THAT(s, Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  EXPECT_THAT(s.error_message(), HasSubstr("from_period"));
  request.set_from_period("2030-01");
  EXPECT_TRUE(Call(&Stub::GetIndicator, request, &response).ok());
  EXPECT_THAT(response.comments(), SizeIs(90));
}

// An update that only looks like one: what is in it is read when somebody asks for it.
class WrongUpdateTest : public CostsTest {
 protected:
  WrongUpdateTest() { Write("T1", Defines(DefinitionOf("T1"))); }

  void Apply(v1::Update wrong) {
    bus::ConsumedRecord record = RecordOf(log_.Write(0, "T1", Reads("2022-02", "91")));
    v1::Update update;
    ASSERT_TRUE(update.ParseFromString(*record.value));
    update.MergeFrom(wrong);
    record.value = codec::SerializeDeterministically(update);
    ASSERT_THAT(view_.Apply(record), bellwether::testing::IsOk());
  }
  template <typename Request, typename Response>
  void ExpectInternal(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      Request request = {}) {
    if constexpr (requires { request.set_council(kCouncil); }) request.set_council(kCouncil);
    if constexpr (requires { request.set_ref("T1"); }) request.set_ref("T1");
    Response response;
    const grpc::Status s = Call(method, request, &response);
    EXPECT_THAT(s, Fails(grpc::StatusCode::INTERNAL, "INTERNAL"));
    EXPECT_THAT(s.error_message(), HasSubstr("E06000064/T1"));
  }
};

TEST_F(WrongUpdateTest, ARecordThatCannotBeReadFailsCallsAndEndsNoService) {
  v1::Update wrong;
  wrong.mutable_record()->mutable_reading()->set_observation_status("no such status");
  Apply(wrong);
  ExpectInternal(&Stub::ExplainScore);
  ExpectInternal(&Stub::GetIndicator);
  ExpectInternal(&Stub::ListReadings);
  ExpectInternal(&Stub::ListFindings);
  v1::LookUpReadingsRequest request;
  *request.add_keys() = KeyOf("T1", "id-2022-02");
  ExpectInternal(&Stub::LookUpReadings, request);
  EXPECT_THAT(view_.Dump(), HasSubstr("cannot be read"));
}

TEST_F(WrongUpdateTest, AScoreThatCannotBeReadFailsCallsAndEndsNoService) {
  v1::Update wrong;
  wrong.add_scores()->set_period("2022-01");
  wrong.mutable_scores(0)->mutable_current()->mutable_value()->set_value("ninety");
  Apply(wrong);
  v1::GetReportRequest request;
  request.set_period("2022-01");
  ExpectInternal(&Stub::GetReport, request);
  request.set_page_size(7);  // Not one that is kept.
  ExpectInternal(&Stub::GetReport, request);
  v1::WatchReportRequest watched;
  watched.set_council(kCouncil);
  watched.set_period("2022-01");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  const auto watch = stub_->WatchReport(&context, watched);
  v1::WatchReportResponse event;
  while (watch->Read(&event)) {
  }
  EXPECT_THAT(watch->Finish(), Fails(grpc::StatusCode::INTERNAL, "INTERNAL"));
}

TEST_F(WrongUpdateTest, AScoreOfAReadingThatIsNotThereFailsCallsAndEndsNoService) {
  v1::Update wrong;
  wrong.add_scores()->set_period("2022-03");
  wrong.mutable_scores(0)->set_reading_id("of nowhere");
  Apply(wrong);
  v1::ListDueReadingsRequest request;
  request.set_include_received(true);
  request.set_period("2022-02");
  ExpectInternal(&Stub::ListDueReadings, request);
}

}  // namespace
}  // namespace bellwether::query::testing
