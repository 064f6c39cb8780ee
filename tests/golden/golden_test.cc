// The golden log: records as a real stack wrote them once, and the digest of the updates that they give. Bytes that
// change without a raised rules version would make a view that lived through the change differ from a fresh one.
//
// log.txt: one record a line, "partition offset milliseconds key value", key and value in base64 (record_log.py wrote
// it). digest.txt: "rules VERSION SHA256". releases/VERSION/: log and updates as that release wrote them, which this
// one must read.
#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/escaping.h"
#include "bellwether/core/clock.h"
#include "bellwether/rating/version.h"
#include "libs/codec/testing/update.h"
#include "services/query/view.h"
#include "services/scoring/fold.h"

namespace bellwether {
namespace {

constexpr char kFolder[] = BELLWETHER_GOLDEN;
constexpr int32_t kPartitions = 12;  // Of the topic that the log was read from.

// The content of a file, be it compressed or not.
std::string Content(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return "";
  std::string text;
  char part[1 << 16];
  for (int size = 0; (size = gzread(file, part, sizeof(part))) > 0;) text.append(part, static_cast<size_t>(size));
  gzclose(file);
  return text;
}

std::vector<bus::ConsumedRecord> ReadRecords(const std::string& path) {
  std::istringstream file(Content(path));
  std::vector<bus::ConsumedRecord> log;
  bus::ConsumedRecord record;
  int64_t milliseconds = 0;
  std::string key;
  std::string value;
  while (file >> record.partition >> record.offset >> milliseconds >> key >> value) {
    record.timestamp = absl::FromUnixMillis(milliseconds);
    std::string bytes;
    EXPECT_TRUE(absl::Base64Unescape(key, &bytes));
    record.key = bytes;
    EXPECT_TRUE(absl::Base64Unescape(value, &bytes));
    record.value = bytes;
    log.push_back(record);
  }
  return log;
}

std::string DigestOf(const std::vector<bus::ConsumedRecord>& log, std::map<rating::Outcome, int>* outcomes) {
  std::string all;
  std::map<int32_t, scoring::PartitionFold> folds;
  for (const bus::ConsumedRecord& record : log) {
    const absl::StatusOr<scoring::Folded> folded =
        folds.try_emplace(record.partition, 1, record.partition, kPartitions).first->second.Fold(record);
    EXPECT_TRUE(folded.ok()) << folded.status();
    if (!folded.ok()) break;
    ++(*outcomes)[folded->update.outcome];
    all += codec::EncodeUpdate(folded->update);
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

TEST(GoldenTest, TheSameLogGivesTheSameBytesWithinARulesVersion) {
  std::map<rating::Outcome, int> outcomes;
  const std::vector<bus::ConsumedRecord> log = ReadRecords(std::string(kFolder) + "/log.txt");
  ASSERT_GT(log.size(), 500u);
  std::ostringstream now;
  now << "rules " << rating::RulesVersion() << " " << DigestOf(log, &outcomes) << "\n";
  for (int outcome = 0; outcome <= static_cast<int>(rating::Outcome::kDeadLetter); ++outcome) {
    EXPECT_GT(outcomes[static_cast<rating::Outcome>(outcome)], 0)
        << "the log has no record with outcome " << rating::OutcomeWord(static_cast<rating::Outcome>(outcome));
  }
  const std::string path = std::string(kFolder) + "/digest.txt";
  if (std::getenv("BELLWETHER_WRITE_GOLDEN") != nullptr) std::ofstream(path) << now.str();
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(golden.str(), now.str()) << "The same log gives other updates than it did. If that is wanted, raise "
                                        "RulesVersion (libs/rating, version.cc), so that scores go to "
                                        "a new topic beside the old one, and write the new digest: "
                                        "BELLWETHER_WRITE_GOLDEN=1 build/release/tests/golden_test";
}

// What became of every record then, by partition and offset.
std::map<std::pair<int32_t, int64_t>, std::pair<codec::testing::DecodedUpdate, std::string>> ByPosition(
    const std::vector<bus::ConsumedRecord>& updates) {
  std::map<std::pair<int32_t, int64_t>, std::pair<codec::testing::DecodedUpdate, std::string>> by_position;
  for (const bus::ConsumedRecord& record : updates) {
    const absl::StatusOr<codec::testing::DecodedUpdate> update = codec::testing::DecodeUpdate(*record.value);
    EXPECT_TRUE(update.ok()) << update.status();
    if (!update.ok()) continue;
    by_position.emplace(std::pair(update->position.partition, update->position.offset),
                        std::pair(*update, *record.value));
  }
  return by_position;
}

void CheckRelease(const std::filesystem::path& folder) {
  const std::string about = Content(folder / "release.txt");
  const size_t rules = about.find("rules ");
  ASSERT_NE(rules, std::string::npos) << about;
  const bool same_rules = std::stoi(about.substr(rules + 6)) == rating::RulesVersion();
  const std::vector<bus::ConsumedRecord> log = ReadRecords(folder / "log.txt.gz");
  const std::vector<bus::ConsumedRecord> updates = ReadRecords(folder / "updates.txt.gz");
  ASSERT_GT(log.size(), 500u);
  const auto then = ByPosition(updates);
  ASSERT_EQ(then.size(), log.size());

  std::map<int32_t, scoring::PartitionFold> folds;
  for (const bus::ConsumedRecord& record : log) {
    const absl::StatusOr<scoring::Folded> now =
        folds.try_emplace(record.partition, 1, record.partition, kPartitions).first->second.Fold(record);
    ASSERT_TRUE(now.ok()) << now.status();
    const auto& [update, bytes] = then.at({record.partition, record.offset});
    EXPECT_EQ(now->update.outcome, update.outcome) << "partition " << record.partition << " offset " << record.offset;
    if (same_rules) {
      EXPECT_EQ(codec::EncodeUpdate(now->update), bytes);
    }
  }
  if (!same_rules) return;  // Other rules write, and read, a topic of their own.
  const core::RealClock clock;
  query::View view({}, &clock);
  view.Reset(kPartitions);
  for (const bus::ConsumedRecord& update : updates) {
    const absl::Status applied = view.Apply(update);
    ASSERT_TRUE(applied.ok()) << applied;
  }
  EXPECT_EQ(view.Alarm(), "");
  EXPECT_EQ(view.Council("E06000061").indicators.size(), 67u);
}

TEST(GoldenTest, WhatReleasesWroteIsReadAsTheyMeantIt) {
  int releases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(kFolder) + "/releases")) {
    SCOPED_TRACE(entry.path().string());
    CheckRelease(entry.path());
    ++releases;
  }
  EXPECT_GT(releases, 0);
}

}  // namespace
}  // namespace bellwether
