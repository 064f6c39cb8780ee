// The whole of Bellwether in one process, over a broker of its own: for a first look and for tests.
#ifndef BELLWETHER_SERVICES_STANDALONE_ALL_IN_ONE_H_
#define BELLWETHER_SERVICES_STANDALONE_ALL_IN_ONE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/embedded_broker.h"
#include "bellwether/bus/topics.h"
#include "bellwether/core/clock.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/service/service_main.h"
#include "services/ingestion/app.h"
#include "services/query/app.h"
#include "services/scoring/app.h"

namespace bellwether::standalone {

// Where the two servers listen.
struct Listen {
  std::string ingestion = "127.0.0.1:7401";
  std::string query = "127.0.0.1:7402";
  rpc::ServerTlsOptions tls;  // Of both.
};

// Thread-safe, but for Stop.
class AllInOne : public service::RunningService {
 public:
  // The services speak to the broker as they do to any other: over its socket. `on_fatal` as in service::ServiceHooks.
  // The clock must outlive it. Error: Unavailable if an address cannot be had; the message names its flag.
  static absl::StatusOr<std::unique_ptr<AllInOne>> Start(std::unique_ptr<bus::EmbeddedBroker> broker,
                                                         const service::CommonOptions& common, const Listen& listen,
                                                         const core::Clock* clock, std::function<void()> on_fatal);

  int ingestion_port() const { return ingestion_->port(); }
  int query_port() const { return query_->port(); }

  std::string NotReadyReason() const override;
  std::string NotLiveReason() const override;
  // The services in the order in which records flow, then the broker.
  absl::Status Stop(absl::Duration drain) override;
  std::vector<std::pair<std::string, std::function<std::string()>>> AdminPages() override;

 private:
  AllInOne() = default;

  std::unique_ptr<bus::EmbeddedBroker> broker_;  // Outlives its clients.
  std::unique_ptr<ingestion::App> ingestion_;
  std::unique_ptr<scoring::App> scoring_;
  std::unique_ptr<query::App> query_;
};

}  // namespace bellwether::standalone

#endif  // BELLWETHER_SERVICES_STANDALONE_ALL_IN_ONE_H_
