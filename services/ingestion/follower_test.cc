#include "services/ingestion/follower.h"

#include <gmock/gmock.h>

#include <optional>

#include "bellwether/codec/catalogue.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/partition.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/testing/status_matchers.h"
#include "libs/codec/testing/messages.h"

namespace bellwether::ingestion {
namespace {

using ::bellwether::testing::IsError;
using ::bellwether::testing::IsOk;

constexpr char kTopic[] = "indicators";

// A log of one partition, whose broker can be exchanged for an empty one before the source knows of it.
class SourceOfOnePartition : public bus::RecordSource {
 public:
  absl::Status Assign(const std::vector<bus::PartitionOffset>&) override { return absl::OkStatus(); }
  absl::StatusOr<std::optional<bus::ConsumedRecord>> Poll(absl::Duration) override {
    if (next_ == records_.size()) return std::nullopt;
    return records_[next_++];
  }
  absl::StatusOr<std::vector<int64_t>> EndOffsets(std::string_view, absl::Duration) const override { return end_; }
  absl::StatusOr<int64_t> EndOffset(std::string_view, int32_t, absl::Duration) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::vector<int64_t>> BeginningOffsets(std::string_view, absl::Duration) const override {
    return absl::UnimplementedError("");
  }
  int64_t disconnects() const override { return 0; }

  void Add(int64_t offset, int32_t partition = 0) {
    const auto catalogue = codec::ResolveCatalogue(codec::testing::CatalogueMessage(), {});
    const codec::KeyedRecord record{{"E06000061", "T1"},
                                    rating::AppliedDefinition{"apply-1", catalogue.indicators[0].definition}};
    bus::ConsumedRecord consumed;
    consumed.topic = kTopic;
    consumed.partition = partition;
    consumed.offset = offset;
    consumed.key = record.key.ToString();
    consumed.value = codec::EncodeRecord(record);
    records_.push_back(std::move(consumed));
    end_ = std::vector<int64_t>{offset + 1};
  }
  absl::StatusOr<std::vector<int64_t>> end_ = std::vector<int64_t>{0};

 private:
  std::vector<bus::ConsumedRecord> records_;
  size_t next_ = 0;
};

class FollowerTest : public ::testing::Test {
 protected:
  FollowerTest() : follower_(kTopic, &definitions_) { source_.Add(0); }
  ~FollowerTest() override = default;

  void Begin() {
    ASSERT_THAT(follower_.Begin(source_, 1, [this](absl::Duration) { return same_cluster_; }), IsOk());
  }
  void Wait(absl::Duration time = absl::Seconds(10)) {
    follower_.WaitForEnd(core::SteadyTime::Now() + time, [this](absl::Status there) { there_ = std::move(there); });
  }

  Definitions definitions_;
  std::optional<absl::Status> there_;  // Before the follower, which answers who still waits when it ends.
  Follower follower_;
  SourceOfOnePartition source_;
  absl::Status same_cluster_;
};

TEST_F(FollowerTest, AnswersOnceItHasReadToTheEnd) {
  Begin();
  Wait();
  EXPECT_FALSE(there_.has_value());
  ASSERT_THAT(follower_.Step(source_), IsOk());
  ASSERT_TRUE(there_.has_value());
  EXPECT_THAT(*there_, IsOk());
  EXPECT_TRUE(follower_.caught_up());
  EXPECT_NE(definitions_.Find({"E06000061", "T1"}), nullptr);
}

// Scoring calls it a dead letter: ingestion would take readings that nobody ever rates.
TEST_F(FollowerTest, ADefinitionInAnotherPartitionThanItsCouncilsIsNotInForce) {
  SourceOfOnePartition source;
  const int32_t own = core::PartitionOf("E06000061", 3);
  ASSERT_THAT(follower_.Begin(source, 3, [this](absl::Duration) { return same_cluster_; }), IsOk());
  source.Add(0, (own + 1) % 3);
  source.end_ = absl::UnavailableError("nobody waits for it");
  ASSERT_THAT(follower_.Step(source), IsOk());
  EXPECT_EQ(definitions_.Find({"E06000061", "T1"}), nullptr);
  source.Add(0, own);
  source.end_ = absl::UnavailableError("nobody waits for it");
  ASSERT_THAT(follower_.Step(source), IsOk());
  EXPECT_NE(definitions_.Find({"E06000061", "T1"}), nullptr);
}

TEST_F(FollowerTest, AnEndBeforeWhatWasReadIsThatOfAnotherLog) {
  Begin();
  ASSERT_THAT(follower_.Step(source_), IsOk());
  source_.end_ = std::vector<int64_t>{0};
  Wait();
  EXPECT_THAT(follower_.Step(source_), IsError(absl::StatusCode::kAborted, "another log"));
  EXPECT_FALSE(there_.has_value());
}

TEST_F(FollowerTest, TheEndOfAnotherClusterAnswersNobody) {
  Begin();
  ASSERT_THAT(follower_.Step(source_), IsOk());
  same_cluster_ = absl::AbortedError("another cluster");
  Wait();
  EXPECT_THAT(follower_.Step(source_), IsError(absl::StatusCode::kAborted, "another cluster"));
  EXPECT_FALSE(there_.has_value());
  // The waiter waits on, and is answered from the log that is begun with then.
  same_cluster_ = absl::OkStatus();
  follower_.ForgetWhatWasRead();
  SourceOfOnePartition other;
  ASSERT_THAT(follower_.Begin(other, 1, [this](absl::Duration) { return same_cluster_; }), IsOk());
  ASSERT_THAT(follower_.Step(other), IsOk());
  ASSERT_TRUE(there_.has_value());
  EXPECT_EQ(definitions_.Find({"E06000061", "T1"}), nullptr);
}

TEST_F(FollowerTest, WhoWaitsTooLongIsToldSo) {
  Begin();
  source_.end_ = absl::UnavailableError("no broker");
  Wait(absl::ZeroDuration());
  ASSERT_THAT(follower_.Step(source_), IsOk());
  ASSERT_TRUE(there_.has_value());
  EXPECT_THAT(*there_, IsError(absl::StatusCode::kUnavailable, "in time"));
  EXPECT_FALSE(follower_.caught_up());
}

TEST_F(FollowerTest, AMissingOffsetIsAHole) {
  Begin();
  source_.Add(2);
  EXPECT_THAT(follower_.Step(source_), IsError(absl::StatusCode::kDataLoss, "goes on at offset 2 where 1 was due"));
}

TEST_F(FollowerTest, ALogThatBecameShorterBetweenSessionsIsALoss) {
  Begin();
  source_.Add(1);
  ASSERT_THAT(follower_.Step(source_), IsOk());
  SourceOfOnePartition shorter;
  shorter.Add(0);
  ASSERT_THAT(follower_.Begin(shorter, 1, [](absl::Duration) { return absl::OkStatus(); }), IsOk());
  EXPECT_THAT(follower_.Step(shorter), IsError(absl::StatusCode::kDataLoss, "was read up to offset 2"));
  // It is remembered over a session that read nothing.
  ASSERT_THAT(follower_.Begin(shorter, 1, [](absl::Duration) { return absl::OkStatus(); }), IsOk());
  EXPECT_THAT(follower_.Step(shorter), IsError(absl::StatusCode::kDataLoss, "was read up to offset 2"));

  follower_.ForgetWhatWasRead();
  ASSERT_THAT(follower_.Begin(shorter, 1, [](absl::Duration) { return absl::OkStatus(); }), IsOk());
  EXPECT_THAT(follower_.Step(shorter), IsOk());
  EXPECT_TRUE(follower_.caught_up());
}

}  // namespace
}  // namespace bellwether::ingestion
