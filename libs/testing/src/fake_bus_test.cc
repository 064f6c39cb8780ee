#include "bellwether/testing/fake_bus.h"

#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"

namespace bellwether::testing {
namespace {

constexpr absl::Duration kSoon = absl::Seconds(10);

class Member : public bus::GroupListener {
 public:
  std::vector<bus::PartitionOffset> OnAssigned(const std::vector<bus::PartitionOffset>& committed) override {
    assigned = committed;
    std::vector<bus::PartitionOffset> starts = committed;
    for (auto& start : starts) start.offset = std::max<int64_t>(start.offset, 0);
    return starts;
  }
  void OnRevoked() override {
    ++revoked;
    assigned.clear();
  }
  void OnLost() override {
    ++lost;
    assigned.clear();
  }
  std::vector<bus::PartitionOffset> assigned;
  int revoked = 0;
  int lost = 0;
};

TEST(FakeBusTest, DeliversWhatWasHeldBack) {
  FakeBus fake;
  fake.CreateTopic("t", 1);
  auto sink = fake.MakeSink();
  fake.HoldDeliveries(true);
  absl::Notification delivered;
  ASSERT_TRUE(sink->Produce({"t", 0, "k", "v"},
                            [&](auto at) {
                              EXPECT_EQ(*at, (bus::DeliveredAt{0, 0}));
                              delivered.Notify();
                            })
                  .ok());
  EXPECT_EQ(sink->Flush(absl::ZeroDuration()).undelivered, 1u);
  EXPECT_TRUE(fake.Records("t").empty());
  fake.HoldDeliveries(false);
  ASSERT_TRUE(delivered.WaitForNotificationWithTimeout(kSoon));
  EXPECT_EQ(fake.Records("t").size(), 1u);
}

TEST(FakeBusTest, FailsOutstandingRecordsForGood) {
  FakeBus fake;
  fake.CreateTopic("t", 1);
  auto sink = fake.MakeSink();
  fake.HoldDeliveries(true);
  absl::Status status;
  ASSERT_TRUE(sink->Produce({"t", 0, "k", "v"}, [&](auto at) { status = at.status(); }).ok());
  fake.FailSinks();
  EXPECT_EQ(sink->Flush(kSoon).undelivered, 0u);
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_TRUE(absl::IsAborted(sink->FatalError()));
  EXPECT_TRUE(absl::IsAborted(sink->Produce({"t", 0, "k", "v"}, nullptr)));
  EXPECT_TRUE(fake.MakeSink()->FatalError().ok());
}

TEST(FakeBusTest, ShowsAHoleAndADroppedBeginning) {
  FakeBus fake;
  fake.CreateTopic("t", 1);
  fake.Append({"t", 0, "k", "a"});
  fake.SkipOffsets("t", 0, 2);
  fake.Append({"t", 0, "k", "b"});
  auto source = fake.MakeSource();
  ASSERT_TRUE(source->Assign({{"t", 0, 0}}).ok());
  EXPECT_EQ((**source->Poll(kSoon)).offset, 0);
  EXPECT_EQ((**source->Poll(kSoon)).offset, 3);
  fake.DropBefore("t", 0, 3);
  ASSERT_TRUE(source->Assign({{"t", 0, 0}}).ok());
  EXPECT_TRUE(absl::IsDataLoss(source->Poll(kSoon).status()));
}

TEST(FakeBusTest, SharesPartitionsAmongTheMembersOfAGroup) {
  FakeBus fake;
  fake.CreateTopic("t", 3);
  Member first;
  auto one = fake.MakeGroupSource({"g", "t"}, &first);
  ASSERT_TRUE(one->Poll(absl::ZeroDuration()).ok());
  EXPECT_EQ(first.assigned.size(), 3u);
  ASSERT_TRUE(one->CommitNow({{"t", 2, 7}}, kSoon).ok());

  Member second;
  auto two = fake.MakeGroupSource({"g", "t"}, &second);
  ASSERT_TRUE(two->Poll(absl::ZeroDuration()).ok());
  EXPECT_TRUE(second.assigned.empty());  // The first has not given up yet.
  ASSERT_TRUE(one->Poll(absl::ZeroDuration()).ok());
  EXPECT_EQ(first.revoked, 1);
  EXPECT_EQ(first.assigned.size(), 1u);
  fake.SkipOffsets("t", 2, 7);
  ASSERT_TRUE(two->Poll(absl::ZeroDuration()).ok());
  ASSERT_EQ(second.assigned.size(), 2u);
  EXPECT_EQ(second.assigned[1], (bus::PartitionOffset{"t", 2, 7}));

  fake.Rebalance("g", /*lost=*/true);
  ASSERT_TRUE(two->Poll(absl::ZeroDuration()).ok());
  EXPECT_EQ(second.lost, 1);
}

TEST(FakeBusTest, TellsSourcesOfAnotherCluster) {
  FakeBus fake;
  fake.CreateTopic("t", 1);
  auto source = fake.MakeSource();
  ASSERT_TRUE(source->Assign({{"t", 0, 0}}).ok());
  fake.BecomeOtherCluster();
  EXPECT_TRUE(absl::IsAborted(source->Poll(kSoon).status()));
}

}  // namespace
}  // namespace bellwether::testing
