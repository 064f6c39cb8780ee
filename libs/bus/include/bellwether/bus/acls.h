// The least that each service's user needs of Kafka's rights, where the brokers grant nothing that is not said
// (allow.everyone.if.no.acl.found=false).
#ifndef BELLWETHER_BUS_ACLS_H_
#define BELLWETHER_BUS_ACLS_H_

#include <string>
#include <vector>

#include "bellwether/bus/topics.h"

namespace bellwether::bus {

enum class AclResource { kTopic, kGroup };
enum class AclOperation { kRead, kWrite, kDescribe, kDescribeConfigs };

// A right of one user, from any host, to one operation on the resource of just that name.
struct Acl {
  std::string principal;  // "User:bellwether-query".
  AclResource resource = AclResource::kTopic;
  std::string name;
  AclOperation operation = AclOperation::kRead;

  friend bool operator==(const Acl&, const Acl&) = default;
};

// Kafka's user of each service.
struct ServiceUsers {
  std::string ingestion = "bellwether-ingestion";
  std::string scoring = "bellwether-scoring";
  std::string query = "bellwether-query";
};

// Named by readers that join no group: librdkafka wants one, and asks the brokers who coordinates it.
inline constexpr char kReadersGroup[] = "bellwether.readers";

// Ingestion writes the indicators and the audit, and reads the definitions and the dead letters; scoring reads the
// indicators and writes scores and dead letters, in its group; query reads scores and writes nothing. Nobody creates,
// alters or deletes.
std::vector<Acl> AclsOf(const TopicNames& names, const ServiceUsers& users);

// As Kafka's own tools say it: "User:bellwether-query may READ topic bellwether.scores.v1.e1.r1".
std::string LineOf(const Acl& acl);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_ACLS_H_
