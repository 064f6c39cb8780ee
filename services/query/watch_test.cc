#include "services/query/watch.h"

#include <thread>

#include "services/query/service_fixture.h"

namespace bellwether::query::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// A watch as its reader sees it.
struct Watching {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::WatchReportResponse>> reader;

  v1::WatchReportResponse Next() {
    v1::WatchReportResponse event;
    EXPECT_TRUE(reader->Read(&event));
    return event;
  }
};

class WatchTest : public ServiceTest {
 protected:
  WatchTest() : ServiceTest(Options()) {
    Write("T1", Defines(DefinitionOf("T1", 1)));
    Write("T2", Defines(DefinitionOf("T2", 2)));
    Write("T1", Reads("2022-02", "85"));
  }
  static ServiceOptions Options() {
    ServiceOptions options;
    options.watch.heartbeat = absl::Milliseconds(200);
    options.watch.write_timeout = absl::Milliseconds(400);
    return options;
  }

  std::unique_ptr<Watching> Watch(v1::WatchReportRequest request = {}) {
    auto watching = std::make_unique<Watching>();
    watching->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    request.set_council(kCouncil);
    watching->reader = stub_->WatchReport(&watching->context, request);
    return watching;
  }
  // The next event that is no heartbeat.
  static v1::WatchReportResponse NextChange(Watching& watching) {
    v1::WatchReportResponse event = watching.Next();
    while (event.heartbeat()) event = watching.Next();
    return event;
  }
};

TEST_F(WatchTest, BeginsWithTheReportAndGoesOnWithWhatChanges) {
  const auto watch = Watch();
  const v1::ReportSnapshot snapshot = watch->Next().snapshot();
  EXPECT_TRUE(snapshot.complete());
  EXPECT_EQ(snapshot.period(), "2022-02");
  ASSERT_THAT(snapshot.rows(), SizeIs(2));
  EXPECT_EQ(snapshot.rows(0).score().current().status(), "red");
  EXPECT_THAT(snapshot.schemes(), SizeIs(1));
  Write("T2", Reads("2022-02", "91"));
  const v1::WatchReportResponse change = NextChange(*watch);
  EXPECT_EQ(change.row().definition().ref(), "T2");
  EXPECT_EQ(change.row().score().current().status(), "green");
}

TEST_F(WatchTest, TellsOnlyRowsThatChange) {
  const auto watch = Watch();
  EXPECT_THAT(watch->Next().snapshot().rows(), SizeIs(2));
  Write("T1", Reads("2022-02", "85"));             // A repeat.
  Write("T1", Reads("2020-02", "60"));             // Too long ago to matter.
  Write("T2", Says("2022-02", "no reading yet"));  // A change.
  EXPECT_EQ(NextChange(*watch).row().comment().text(), "no reading yet");
}

TEST_F(WatchTest, TellsWhatANewDayChanges) {
  v1::WatchReportRequest request;
  request.set_period("2022-03");
  const auto watch = Watch(request);
  EXPECT_EQ(watch->Next().snapshot().rows(1).score().current().status(), "not-due");
  clock_.SetToday(core::Date(2022, 6, 1));
  const v1::WatchReportResponse change = NextChange(*watch);
  EXPECT_EQ(change.row().score().current().status(), "missing");
}

TEST_F(WatchTest, FiltersRows) {
  v1::WatchReportRequest request;
  request.mutable_filter()->add_refs("T2");
  const auto watch = Watch(request);
  EXPECT_THAT(watch->Next().snapshot().rows(), SizeIs(1));
  Write("T1", Reads("2022-02", "95", "revised"));
  Write("T2", Reads("2022-02", "95"));
  EXPECT_EQ(NextChange(*watch).row().definition().ref(), "T2");
}

TEST_F(WatchTest, FiltersSeveralRefs) {
  v1::WatchReportRequest request;
  request.mutable_filter()->add_refs("T2");
  request.mutable_filter()->add_refs("T1");
  const auto watch = Watch(request);
  EXPECT_THAT(watch->Next().snapshot().rows(), SizeIs(2));
  Write("T1", Reads("2022-02", "95", "revised"));
  EXPECT_EQ(NextChange(*watch).row().definition().ref(), "T1");
}

TEST_F(WatchTest, TellsWhatLeavesTheReport) {
  v1::WatchReportRequest request;
  request.mutable_filter()->set_directorate("Transformation");
  const auto watch = Watch(request);
  EXPECT_THAT(watch->Next().snapshot().rows(), SizeIs(2));
  auto retired = DefinitionOf("T1", 1);
  retired.retired_from = rating::testing::M("2022-01");
  Write("T1", Defines(retired, "apply-2"));
  EXPECT_EQ(NextChange(*watch).removed_ref(), "T1");
  auto moved = DefinitionOf("T2", 2);
  moved.directorate = "Public Health";
  Write("T2", Defines(moved, "apply-2"));
  EXPECT_EQ(NextChange(*watch).removed_ref(), "T2");
  Write("T2", Defines(DefinitionOf("T2", 2), "apply-3"));
  EXPECT_EQ(NextChange(*watch).row().definition().ref(), "T2") << "it comes back";
}

TEST_F(WatchTest, ARowBringsItsSchemeWhereThatIsNew) {
  const auto watch = Watch();
  EXPECT_THAT(watch->Next().snapshot().schemes(), SizeIs(1));
  Write("T2", Reads("2022-02", "91"));
  EXPECT_THAT(NextChange(*watch).schemes(), IsEmpty()) << "told already";
  auto other = DefinitionOf("T2", 2);
  auto scheme = std::make_shared<rating::Scheme>(*other.scheme);
  scheme->id = "another";
  other.scheme = scheme;
  Write("T2", Defines(other, "apply-2"));
  const v1::WatchReportResponse change = NextChange(*watch);
  EXPECT_EQ(change.row().definition().ref(), "T2");
  EXPECT_EQ(change.schemes(0).id(), "another");
}

// A catalogue with another scheme of the same id is applied one indicator after another.
TEST_F(WatchTest, AnOlderSchemeDoesNotTakeThePlaceOfANewerOne) {
  const auto watch = Watch();
  EXPECT_THAT(watch->Next().snapshot().schemes(), SizeIs(1));
  auto newer = DefinitionOf("T2", 2);
  auto scheme = std::make_shared<rating::Scheme>(*newer.scheme);
  scheme->statuses.front().label = "renamed";
  newer.scheme = scheme;
  Write("T2", Defines(newer, "apply-2"));
  v1::WatchReportResponse change = NextChange(*watch);
  EXPECT_EQ(change.schemes(0).statuses(0).label(), "renamed");
  Write("T1", Reads("2022-02", "95", "revised"));
  change = NextChange(*watch);
  EXPECT_EQ(change.row().definition().ref(), "T1");
  EXPECT_THAT(change.schemes(), IsEmpty()) << "reports show the newer one";
}

TEST_F(WatchTest, EventsSayWhatTheyWereMadeFrom) {
  const auto watch = Watch();
  EXPECT_EQ(watch->Next().position().offset(), 2);
  Write("T2", Reads("2022-02", "91"));
  EXPECT_EQ(NextChange(*watch).position().offset(), 3);
  auto retired = DefinitionOf("T1", 1);
  retired.retired_from = rating::testing::M("2022-01");
  Write("T1", Defines(retired, "apply-2"));
  const v1::WatchReportResponse change = NextChange(*watch);
  EXPECT_EQ(change.removed_ref(), "T1");
  EXPECT_EQ(change.position().offset(), 4);
}

TEST_F(WatchTest, HeartbeatsWhileNothingChanges) {
  const auto watch = Watch();
  watch->Next();
  EXPECT_TRUE(watch->Next().heartbeat());
  EXPECT_TRUE(watch->Next().heartbeat());
}

TEST_F(WatchTest, WrongRequestsAreRefused) {
  v1::WatchReportRequest request;
  request.set_period("soon");
  EXPECT_THAT(Watch(request)->reader->Finish(), Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  request.clear_period();
  *request.mutable_min_position() = PositionOf(0, 0, 7);
  EXPECT_THAT(Watch(request)->reader->Finish(), Fails(grpc::StatusCode::FAILED_PRECONDITION, "LOG_REBUILT"));
}

class FewWatchesTest : public ServiceTest {
 protected:
  static ServiceOptions Options() {
    ServiceOptions options;
    options.watch.limit = 4;
    return options;
  }
  FewWatchesTest() : ServiceTest(Options()) { Write("T1", Defines(DefinitionOf("T1", 1))); }
};

// Also those that wait for positions, which have not begun yet. Each has a connection of its own.
TEST_F(FewWatchesTest, OneHostDoesNotHaveThemAll) {
  std::vector<std::unique_ptr<v1::QueryService::Stub>> stubs;
  std::vector<std::unique_ptr<Watching>> watches;
  const auto watch = [&] {
    auto watching = std::make_unique<Watching>();
    watching->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::WatchReportRequest request;
    request.set_council(kCouncil);
    *request.mutable_min_position() = PositionOf(0, watches.empty() ? 1000 : 0);
    stubs.push_back(NewStub());
    watching->reader = stubs.back()->WatchReport(&watching->context, request);
    watches.push_back(std::move(watching));
  };
  watch();  // Waits.
  const core::SteadyTime limit = core::SteadyTime::Now() + absl::Seconds(20);
  while (service_.watch_slots_taken() < 1 && !limit.over()) std::this_thread::yield();
  for (int i = 0; i < 2; ++i) {
    watch();
    EXPECT_TRUE(watches.back()->Next().has_snapshot());
  }
  watch();
  EXPECT_THAT(watches.back()->reader->Finish(), Fails(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"));
  watches[0]->context.TryCancel();
  watches[0]->reader->Finish();
  while (service_.watch_slots_taken() > 2 && !limit.over()) std::this_thread::yield();
  watch();
  EXPECT_TRUE(watches.back()->Next().has_snapshot()) << "there is room again";
  for (const auto& open : watches) open->context.TryCancel();
}

TEST_F(WatchTest, WaitsForThePositionsAskedFor) {
  v1::WatchReportRequest request;
  *request.mutable_min_position() = PositionOf(0, 3);
  const auto watch = Watch(request);
  Write("T1", Reads("2022-02", "95", "revised"));
  EXPECT_EQ(watch->Next().snapshot().rows(0).score().current().status(), "green");
}

TEST_F(WatchTest, IsEndedByADrain) {
  const auto watch = Watch();
  watch->Next();
  service_.Drain();
  EXPECT_THAT(watch->reader->Finish(), Fails(grpc::StatusCode::UNAVAILABLE, "SERVER_DRAINING"));
  EXPECT_THAT(Watch()->reader->Finish(), Fails(grpc::StatusCode::UNAVAILABLE, "SERVER_DRAINING"));
}

TEST_F(WatchTest, BeginsAgainWhenTheViewIsDropped) {
  const auto watch = Watch();
  watch->Next();
  service_.DropView();
  EXPECT_THAT(watch->reader->Finish(), Fails(grpc::StatusCode::UNAVAILABLE, "VIEW_NOT_READY"));
  EXPECT_THAT(Watch()->reader->Finish(), Fails(grpc::StatusCode::UNAVAILABLE, "VIEW_NOT_READY"));
  service_.SetViewReady(true);
  EXPECT_TRUE(Watch()->Next().has_snapshot());
}

TEST_F(WatchTest, IsForgottenWhenTheWatcherGoes) {
  auto watch = Watch();
  watch->Next();
  EXPECT_EQ(service_.open_watches(), 1u);
  watch->context.TryCancel();
  watch->reader->Finish();
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (service_.open_watches() != 0 && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(service_.open_watches(), 0u);
}

TEST_F(WatchTest, WatcherThatDoesNotReadIsDroppedWithAReason) {
  // More than the stream's window takes: rows with long comments, which change all the time.
  const auto watch = Watch();
  watch->Next();
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  int round = 0;
  while (service_.open_watches() != 0 && absl::Now() < deadline) {
    rating::Comment comment;
    comment.period = rating::testing::P("2022-02");
    comment.comment_id = "c" + std::to_string(round++);
    comment.text = std::string(9'000, static_cast<char>('a' + round % 26));
    Write("T1", comment);
    std::this_thread::yield();
  }
  EXPECT_EQ(service_.open_watches(), 0u);
  v1::WatchReportResponse event;
  while (watch->reader->Read(&event)) {
  }
  EXPECT_THAT(watch->reader->Finish(), Fails(grpc::StatusCode::RESOURCE_EXHAUSTED, "WATCHER_TOO_SLOW"));
}

TEST_F(WatchTest, TwoHundredWatchesAllSeeAChange) {
  std::vector<std::unique_ptr<Watching>> watches;
  watches.reserve(200);
  for (int i = 0; i < 200; ++i) watches.push_back(Watch());
  for (const auto& watch : watches) EXPECT_TRUE(watch->Next().has_snapshot());
  for (int i = 0; i < 50; ++i) Write("T2", Reads("2022-02", std::to_string(i), "r" + std::to_string(i)));
  for (const auto& watch : watches) {
    v1::WatchReportResponse change = NextChange(*watch);
    while (change.row().score().reading_id() != "r49") change = NextChange(*watch);
  }
}

}  // namespace
}  // namespace bellwether::query::testing
