#include "bellwether/bus/cursor.h"

#include <gmock/gmock.h>

#include "bellwether/testing/fake_bus.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::bus {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;

ConsumedRecord At(int32_t partition, int64_t offset) {
  ConsumedRecord record;
  record.topic = "log";
  record.partition = partition;
  record.offset = offset;
  return record;
}

TEST(Cursor, TakesWhatIsDueAndNothingElse) {
  Cursor cursor("log");
  EXPECT_THAT(cursor.Begin(2), ElementsAre(PartitionOffset{"log", 0, 0}, PartitionOffset{"log", 1, 0}));
  EXPECT_THAT(cursor.Take(At(0, 0)), IsOk());
  EXPECT_THAT(cursor.Take(At(0, 2)),
              IsError(absl::StatusCode::kDataLoss, "partition 0 of log goes on at offset 2 where 1 was due"));
  EXPECT_THAT(cursor.Take(At(0, 0)), IsError(absl::StatusCode::kDataLoss, "goes on at offset 0 where 1 was due"));
  EXPECT_THAT(cursor.Take(At(2, 0)), IsError(absl::StatusCode::kAborted, "partition 2 of log is new"));
  EXPECT_THAT(cursor.Take(At(-1, 0)), IsError(absl::StatusCode::kAborted, ""));
  EXPECT_THAT(cursor.next(), ElementsAre(1, 0));
  EXPECT_EQ(cursor.Behind({3, 1}), 3);
  EXPECT_EQ(cursor.Behind({1, 0, 2}), 2);
  EXPECT_EQ(cursor.Behind({0, 0}), 0);
}

TEST(Cursor, RemembersHowFarItEverWas) {
  Cursor cursor("log");
  cursor.Begin(1);
  ASSERT_THAT(cursor.Take(At(0, 0)), IsOk());
  ASSERT_THAT(cursor.Take(At(0, 1)), IsOk());
  EXPECT_THAT(cursor.CheckNothingIsLost({2}), IsOk());
  EXPECT_THAT(cursor.CheckNothingIsLost({1}), IsError(absl::StatusCode::kDataLoss, "was read up to offset 2"));
  cursor.Begin(1);
  ASSERT_THAT(cursor.Take(At(0, 0)), IsOk());
  cursor.Begin(2);  // It has grown.
  EXPECT_THAT(cursor.CheckNothingIsLost({2, 0}), IsOk());
  EXPECT_THAT(cursor.CheckNothingIsLost({1, 0}), IsError(absl::StatusCode::kDataLoss, "was read up to offset 2"));
  cursor.Forget();
  cursor.Begin(1);
  EXPECT_THAT(cursor.CheckNothingIsLost({0}), IsOk());
}

class ReadPartitionTest : public ::testing::Test {
 protected:
  ReadPartitionTest() { bus_.CreateTopic("log", 1); }
  absl::Status Read(int64_t from, int64_t end) {
    read_.clear();
    const auto source = bus_.MakeSource();
    return ReadPartition(
        *source, {"log", 0, from}, end, [this](absl::Duration) { return go_on_; },
        [this](ConsumedRecord record) -> absl::StatusOr<bool> {
          read_.push_back(record.offset);
          return take_;
        });
  }

  bellwether::testing::FakeBus bus_;
  absl::Status go_on_;
  absl::StatusOr<bool> take_ = true;
  std::vector<int64_t> read_;
};

TEST_F(ReadPartitionTest, ReadsFromTheOneToBeforeTheOther) {
  for (int i = 0; i < 5; ++i) bus_.Append({"log", 0, "key", "value", {}});
  EXPECT_THAT(Read(1, 4), IsOk());
  EXPECT_THAT(read_, ElementsAre(1, 2, 3));
  EXPECT_THAT(Read(3, 3), IsOk());
  EXPECT_THAT(read_, ElementsAre());
  take_ = false;
  EXPECT_THAT(Read(1, 4), IsOk());
  EXPECT_THAT(read_, ElementsAre(1));
  take_ = absl::InternalError("the disk is full");
  EXPECT_THAT(Read(1, 4), IsError(absl::StatusCode::kInternal, "the disk is full"));
}

TEST_F(ReadPartitionTest, AHoleIsALoss) {
  bus_.Append({"log", 0, "key", "value", {}});
  bus_.SkipOffsets("log", 0, 1);
  bus_.Append({"log", 0, "key", "value", {}});
  EXPECT_THAT(Read(0, 3), IsError(absl::StatusCode::kDataLoss, "goes on at offset 2 where 1 was due"));
  EXPECT_THAT(read_, ElementsAre(0));
}

TEST_F(ReadPartitionTest, WaitsAsLongAsItIsToldTo) {
  go_on_ = absl::UnavailableError("long enough");
  EXPECT_THAT(Read(0, 1), IsError(absl::StatusCode::kUnavailable, "long enough"));
}

}  // namespace
}  // namespace bellwether::bus
