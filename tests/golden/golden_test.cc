// The golden log: records as a real stack wrote them once, and the digest of the updates that they give. Bytes that
// change without a raised rules version would make a view that lived through the change differ from a fresh one.
//
// log.txt: one record a line, "partition offset milliseconds key value", key and value in base64 (record_log.py wrote
// it). digest.txt: "rules VERSION SHA256".
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/escaping.h"
#include "bellwether/rating/version.h"
#include "services/scoring/fold.h"

namespace bellwether {
namespace {

constexpr char kFolder[] = BELLWETHER_GOLDEN;
constexpr int32_t kPartitions = 12;  // Of the topic that the log was read from.

std::vector<bus::ConsumedRecord> ReadLog() {
  std::ifstream file(std::string(kFolder) + "/log.txt");
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
  const std::vector<bus::ConsumedRecord> log = ReadLog();
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

}  // namespace
}  // namespace bellwether
