#include "services/admin/backup.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "bellwether/codec/log.h"
#include "bellwether/core/files.h"
#include "bellwether/core/partition.h"
#include "bellwether/testing/fake_bus.h"
#include "bellwether/testing/fake_cluster.h"
#include "bellwether/testing/status_matchers.h"
#include "services/admin/backup_file.h"
#include "services/scoring/testing.h"

namespace bellwether::admin {
namespace {

using bellwether::testing::FakeBus;
using bellwether::testing::FakeCluster;
using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using scoring::testing::DefinitionRecord;
using scoring::testing::ReadingRecord;
using scoring::testing::RecordOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kPartitions = FakeCluster::kPartitions;

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() : folder_(::testing::TempDir() + "backup_test_" + std::to_string(getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    fake_.CreateTopic(scoring::testing::kTopic, kPartitions);
    for (const char* ref : {"T1", "T2", "T3", "T4"}) {
      Append(ref, DefinitionRecord(ref, "d"));
      for (int month = 1; month <= 9; ++month) {
        Append(ref,
               ReadingRecord("r" + std::to_string(month), "2021-0" + std::to_string(month), std::to_string(month)));
      }
    }
    Append("T1", CommentRecord("c1", "The words of Mr Smith."));
    Append("T1", CommentRecord("c2", "Other words."));
  }
  ~BackupTest() override { std::filesystem::remove_all(folder_); }

  static rating::Record CommentRecord(const std::string& id, const std::string& text) {
    rating::Comment comment;
    comment.period = rating::testing::P("2021-09");
    comment.comment_id = id;
    comment.text = text;
    return comment;
  }
  void Append(const std::string& ref, rating::Record record) {
    bus::OutgoingRecord out = RecordOf(ref, std::move(record));
    out.partition = core::PartitionOf(out.key, kPartitions);
    out.headers = {{"ce_id", ref}, {"traceparent", "00-ab"}};
    fake_.Append(out);
  }
  std::string Path(const std::string& name = "backup") const { return folder_ + "/" + name; }
  absl::StatusOr<int64_t> BackUp(const std::string& path) {
    return Backup(FakeCluster(), *fake_.MakeSource(), scoring::testing::kTopic, 1, path, absl::Seconds(5),
                  [](int64_t, int64_t) {});
  }
  absl::StatusOr<Restored> RestoreInto(int partitions, std::set<CommentName> redact = {}, uint32_t epoch = 2) {
    target_ = "restored" + std::to_string(++restores_);
    fake_.CreateTopic(target_, partitions);
    const auto source = fake_.MakeSource();
    const auto sink = fake_.MakeSink();
    return Restore(Path(), {target_, epoch, partitions, std::move(redact), absl::Seconds(5)}, *source, *sink,
                   [](int64_t, int64_t) {});
  }
  // Value, headers but the restore's, and recorded-at of each record, by key in the order of the log.
  static std::map<std::string, std::vector<std::string>> LifeOf(const std::vector<bus::ConsumedRecord>& records) {
    std::map<std::string, std::vector<std::string>> life;
    for (const bus::ConsumedRecord& r : records) {
      std::string line =
          r.value.value_or("null") + absl::FormatTime(codec::RecordedAtOf(r.headers, r.timestamp), absl::UTCTimeZone());
      for (const bus::Header& h : r.headers) {
        if (h.name != codec::kRecordedAtHeader) line += h.name + h.value;
      }
      life[r.key.value_or("null")].push_back(line);
    }
    return life;
  }

  const std::string folder_;
  FakeBus fake_;
  std::string target_;  // Of the newest restore.
  int restores_ = 0;
};

TEST_F(BackupTest, RestoresEveryLifeWithItsTimesIntoAnyNumberOfPartitions) {
  EXPECT_THAT(BackUp(Path()), IsOk());
  EXPECT_FALSE(std::filesystem::exists(Path() + ".unfinished"));
  fake_.SetTime(absl::FromCivil(absl::CivilDay(2030, 1, 1), absl::UTCTimeZone()));
  for (const int partitions : {1, 3, 7}) {
    const auto restored = RestoreInto(partitions);
    ASSERT_THAT(restored, IsOk());
    EXPECT_EQ(restored->records, 42);
    EXPECT_EQ(LifeOf(fake_.Records(target_)), LifeOf(fake_.Records(scoring::testing::kTopic)));
    for (const bus::ConsumedRecord& r : fake_.Records(target_)) {
      EXPECT_EQ(r.partition, core::PartitionOf(*r.key, partitions));
    }
  }
}

TEST_F(BackupTest, ARestoreOfARestoreKeepsTheFirstTimes) {
  EXPECT_THAT(BackUp(Path()), IsOk());
  EXPECT_THAT(RestoreInto(3), IsOk());
  EXPECT_THAT(
      Backup(FakeCluster(), *fake_.MakeSource(), target_, 2, Path("again"), absl::Seconds(5), [](int64_t, int64_t) {}),
      IsOk());
  const auto before = LifeOf(fake_.Records(target_));
  std::filesystem::rename(Path("again"), Path());
  EXPECT_THAT(RestoreInto(5, {}, 3), IsOk());
  EXPECT_EQ(LifeOf(fake_.Records(target_)), before);
  for (const bus::ConsumedRecord& r : fake_.Records(target_)) {
    EXPECT_EQ(std::count_if(r.headers.begin(), r.headers.end(),
                            [](const bus::Header& h) { return h.name == codec::kRecordedAtHeader; }),
              1);
  }
}

TEST_F(BackupTest, RedactsNamedCommentsAndNothingElse) {
  EXPECT_THAT(BackUp(Path()), IsOk());
  const auto restored = RestoreInto(3, {{{scoring::testing::kCouncil, "T1"}, "c1"}});
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ(restored->redacted, 1);
  std::vector<std::string> texts;
  for (const bus::ConsumedRecord& r : fake_.Records(target_)) {
    const auto record = codec::DecodeRecord(*r.value);
    ASSERT_THAT(record, IsOk());
    if (const auto* comment = std::get_if<rating::Comment>(&record->value)) texts.push_back(comment->text);
    EXPECT_THAT(*r.value, ::testing::Not(HasSubstr("Smith")));
  }
  EXPECT_THAT(texts, ElementsAre(kRedacted, "Other words."));
  EXPECT_THAT(RestoreInto(3, {{{scoring::testing::kCouncil, "T1"}, "c9"}}),
              IsError(absl::StatusCode::kNotFound, "E06000061/T1/c9"));
}

TEST_F(BackupTest, LeavesDeadLettersOutAndSaysSo) {
  bus::OutgoingRecord garbage = RecordOf("T1", ReadingRecord("x", "2021-01", "1"));
  garbage.partition = core::PartitionOf(garbage.key, kPartitions);
  garbage.value = "\xff";
  fake_.Append(garbage);
  bus::OutgoingRecord misplaced = RecordOf("T1", ReadingRecord("y", "2021-01", "1"));
  misplaced.partition = (core::PartitionOf(misplaced.key, kPartitions) + 1) % kPartitions;
  fake_.Append(misplaced);
  EXPECT_THAT(BackUp(Path()), IsOk());
  const auto restored = RestoreInto(3);
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ(restored->records, 42);
  EXPECT_EQ(restored->left_out.count(), 2U);
}

TEST_F(BackupTest, RefusesATopicThatHoldsSomethingAndAnEpochThatIsNotLater) {
  EXPECT_THAT(BackUp(Path()), IsOk());
  EXPECT_THAT(BackUp(Path()), IsError(absl::StatusCode::kAlreadyExists, "is not replaced"));
  EXPECT_THAT(RestoreInto(3, {}, 1), IsError(absl::StatusCode::kFailedPrecondition, "as epoch 2 or later"));
  EXPECT_THAT(RestoreInto(3), IsOk());
  const auto source = fake_.MakeSource();
  const auto sink = fake_.MakeSink();
  EXPECT_THAT(Restore(Path(), {target_, 2, 3, {}, absl::Seconds(5)}, *source, *sink, [](int64_t, int64_t) {}),
              IsError(absl::StatusCode::kFailedPrecondition, "is not empty"));
}

TEST_F(BackupTest, RefusesAFileThatIsDamagedAndWritesNothing) {
  EXPECT_THAT(BackUp(Path()), IsOk());
  std::ifstream in(Path(), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  target_ = "restored";
  fake_.CreateTopic(target_, 3);
  const auto source = fake_.MakeSource();
  const auto sink = fake_.MakeSink();
  const auto restore_of = [&](const std::string& bytes) {
    std::ofstream(Path(), std::ios::binary | std::ios::trunc) << bytes;
    return Restore(Path(), {target_, 2, 3, {}, absl::Seconds(5)}, *source, *sink, [](int64_t, int64_t) {});
  };
  for (const size_t size : {size_t{0}, size_t{1}, whole.size() / 2, whole.size() - 20}) {
    EXPECT_THAT(restore_of(whole.substr(0, size)), IsError(absl::StatusCode::kDataLoss, "backup")) << size;
  }
  std::string flipped = whole;
  flipped[whole.size() / 2] ^= 0x40;
  EXPECT_FALSE(restore_of(flipped).ok());
  EXPECT_THAT(restore_of("council,ref,period\n"), IsError(absl::StatusCode::kDataLoss, "no backup"));
  EXPECT_THAT(fake_.Records(target_), SizeIs(0));
}

TEST_F(BackupTest, IsReadToItsVeryEnd) {
  EXPECT_THAT(BackUp(Path()), IsOk());
  const std::string whole = core::ReadFile(Path()).value();
  const auto verify = [&](const std::string& bytes) {
    std::ofstream(Path(), std::ios::binary | std::ios::trunc) << bytes;
    return Verify(Path(), [](int64_t, int64_t) {});
  };
  const auto verified = verify(whole);
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->records, 42);
  EXPECT_EQ(verified->dead_letters, 0);
  EXPECT_EQ(verified->header.topic(), scoring::testing::kTopic);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(verify(whole.substr(0, size)), IsError(absl::StatusCode::kDataLoss, "backup")) << "cut at " << size;
  }
  // The first ten bytes hold a time and the like; the one before the last eight, checksum and size, may end in bits
  // that mean nothing.
  for (size_t at = 10; at < whole.size(); ++at) {
    if (at + 9 == whole.size()) continue;
    std::string flipped = whole;
    flipped[at] ^= 0x40;
    EXPECT_FALSE(verify(flipped).ok()) << "flipped at " << at;
  }
  EXPECT_THAT(verify(whole + "x"), IsError(absl::StatusCode::kDataLoss, "1 bytes follow its end"));
  EXPECT_THAT(verify(whole + std::string(200'000, '\0')), IsError(absl::StatusCode::kDataLoss, "200000 bytes follow"));
  EXPECT_THAT(verify(whole + whole), IsError(absl::StatusCode::kDataLoss, "bytes follow its end")) << "two of them";
  EXPECT_THAT(Verify(folder_, [](int64_t, int64_t) {}),
              IsError(absl::StatusCode::kFailedPrecondition, "no regular file"));
}

TEST_F(BackupTest, WhatWasAppendedIsNotRestored) {
  EXPECT_THAT(BackUp(Path()), IsOk());
  std::ofstream(Path(), std::ios::binary | std::ios::app) << "x";
  EXPECT_THAT(RestoreInto(3), IsError(absl::StatusCode::kDataLoss, "follow its end"));
  EXPECT_THAT(fake_.Records(target_), SizeIs(0));
}

TEST_F(BackupTest, OfTwoToOneNameAtOnceOneIsTold) {
  v1::BackupHeader header;
  header.set_epoch(1);
  header.set_partitions(1);
  auto first = BackupWriter::Create(Path(), header);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(BackUp(Path()), IsError(absl::StatusCode::kAborted, "another process is writing it"));
  ASSERT_THAT((*first)->Finish(), IsOk());
  EXPECT_THAT(BackUp(Path()), IsError(absl::StatusCode::kAlreadyExists, "exists already"));
  EXPECT_EQ(Verify(Path(), [](int64_t, int64_t) {})->records, 0);
  EXPECT_EQ(std::filesystem::status(Path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(BackupTest, ALogWithAHoleIsNotBackedUp) {
  fake_.DropBefore(scoring::testing::kTopic, core::PartitionOf("E06000061/T1", kPartitions), 2);
  EXPECT_FALSE(BackUp(Path()).ok());
  EXPECT_FALSE(std::filesystem::exists(Path()));
  EXPECT_FALSE(std::filesystem::exists(Path() + ".unfinished"));
}

TEST(CommentNameTest, IsReadFromItsThreeParts) {
  EXPECT_EQ(CommentName::Parse("E06000061/T21a/a/b")->comment_id, "a/b");
  for (const char* wrong : {"", "E06000061", "E06000061/T1", "E06000061/T1/", "X/T1/c"}) {
    EXPECT_THAT(CommentName::Parse(wrong), IsError(absl::StatusCode::kInvalidArgument, "")) << wrong;
  }
}

}  // namespace
}  // namespace bellwether::admin
