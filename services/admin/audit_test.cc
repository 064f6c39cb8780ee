#include "services/admin/audit.h"

#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "bellwether/access/key.h"

namespace bellwether::admin {
namespace {

using ::testing::HasSubstr;

// A chain as a service writes it.
struct Chain {
  std::vector<std::string> records;
  explicit Chain(int count) {
    for (int i = 0; i < count; ++i) {
      v1::AuditRecord record;
      record.set_chain("ingestion-1");
      record.set_sequence(static_cast<uint64_t>(i));
      record.set_principal("revenues");
      if (i > 0) record.set_previous_sha256(absl::HexStringToBytes(access::Sha256Of(records.back())));
      records.push_back(record.SerializeAsString());
    }
  }
};

std::string Followed(const std::vector<std::string>& records, bool may_begin_anywhere = false) {
  AuditChains chains;
  std::string wrong;
  for (const std::string& bytes : records) {
    v1::AuditRecord record;
    record.ParseFromString(bytes);
    wrong += chains.Follow(record, bytes, may_begin_anywhere);
  }
  return wrong;
}

TEST(AuditChainsTest, FindsWhatIsMissingChangedOrMoved) {
  const std::vector<std::string> good = Chain(4).records;
  EXPECT_EQ(Followed(good), "");
  EXPECT_THAT(Followed({good[0], good[2], good[3]}), HasSubstr("record 2 follows record 0"));
  EXPECT_THAT(Followed({good[1], good[2]}), HasSubstr("begins with record 1"));
  EXPECT_EQ(Followed({good[1], good[2]}, true), "");
  EXPECT_THAT(Followed({good[0], good[1], good[1]}), HasSubstr("record 1 follows record 1"));
  std::vector<std::string> changed = good;
  v1::AuditRecord record;
  record.ParseFromString(changed[1]);
  record.set_principal("somebody else");
  changed[1] = record.SerializeAsString();
  EXPECT_THAT(Followed(changed), HasSubstr("record 2 does not follow"));
}

}  // namespace
}  // namespace bellwether::admin
