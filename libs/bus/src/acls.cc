#include "bellwether/bus/acls.h"

#include "absl/strings/str_cat.h"

namespace bellwether::bus {
namespace {

const char* WordOf(AclOperation operation) {
  switch (operation) {
    case AclOperation::kRead:
      return "READ";
    case AclOperation::kWrite:
      return "WRITE";
    case AclOperation::kDescribe:
      return "DESCRIBE";
    case AclOperation::kDescribeConfigs:
      return "DESCRIBE_CONFIGS";
  }
  return "";
}

}  // namespace

std::vector<Acl> AclsOf(const TopicNames& names, const ServiceUsers& users) {
  using enum AclOperation;
  std::vector<Acl> acls;
  const auto may = [&](const std::string& user, const std::string& topic, const std::vector<AclOperation>& operations) {
    for (const AclOperation operation : operations)
      acls.push_back({absl::StrCat("User:", user), AclResource::kTopic, topic, operation});
    // Which partitions there are, and that it is set as it must be.
    for (const AclOperation operation : {kDescribe, kDescribeConfigs})
      acls.push_back({absl::StrCat("User:", user), AclResource::kTopic, topic, operation});
  };
  may(users.ingestion, names.indicators, {kRead, kWrite});
  may(users.ingestion, names.dead_letters, {kRead});
  may(users.ingestion, names.audit, {kWrite});
  may(users.scoring, names.indicators, {kRead});
  may(users.scoring, names.scores, {kRead, kWrite});
  may(users.scoring, names.dead_letters, {kWrite});
  acls.push_back({absl::StrCat("User:", users.scoring), AclResource::kGroup, names.scoring_group, kRead});
  may(users.query, names.scores, {kRead});
  for (const std::string& reader : {users.ingestion, users.scoring, users.query})
    acls.push_back({absl::StrCat("User:", reader), AclResource::kGroup, kReadersGroup, kDescribe});
  return acls;
}

std::string LineOf(const Acl& acl) {
  return absl::StrCat(acl.principal, " may ", WordOf(acl.operation),
                      acl.resource == AclResource::kTopic ? " topic " : " group ", acl.name);
}

}  // namespace bellwether::bus
