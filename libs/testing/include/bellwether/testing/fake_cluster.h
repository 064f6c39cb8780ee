// A cluster without brokers, for tests. Tests override what they ask of it.
#ifndef BELLWETHER_TESTING_FAKE_CLUSTER_H_
#define BELLWETHER_TESTING_FAKE_CLUSTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/cluster.h"

namespace bellwether::testing {

class FakeCluster : public bus::Cluster {
 public:
  static constexpr int kPartitions = 3;  // Of every topic.

  const std::string& id() const override { return id_; }
  bool embedded() const override { return false; }
  int brokers() const override { return 1; }
  absl::Status CheckSameCluster(absl::Duration) const override { return absl::OkStatus(); }
  absl::StatusOr<int> PartitionCount(std::string_view, absl::Duration) const override { return kPartitions; }
  absl::StatusOr<std::vector<bus::SettingDifference>> CompareTopic(const bus::TopicSpec&,
                                                                   absl::Duration) const override {
    return std::vector<bus::SettingDifference>();
  }
  absl::Status CreateTopic(const bus::TopicSpec&, absl::Duration) const override { return absl::OkStatus(); }
  absl::Status CreateAcls(const std::vector<bus::Acl>&, absl::Duration) const override {
    return absl::UnimplementedError("");
  }

 private:
  const std::string id_ = "fake";
};

}  // namespace bellwether::testing

#endif  // BELLWETHER_TESTING_FAKE_CLUSTER_H_
