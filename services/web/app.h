// The web service: a server of pages, and the client that they are made with.
#ifndef BELLWETHER_SERVICES_WEB_APP_H_
#define BELLWETHER_SERVICES_WEB_APP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bellwether/core/clock.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/telemetry/metrics.h"
#include "services/web/http_server.h"
#include "services/web/query_client.h"
#include "services/web/site.h"

namespace bellwether::web {

struct Options {
  std::string listen = "127.0.0.1:7480";
  std::string query = "127.0.0.1:7402";
  rpc::ClientTlsOptions tls;  // Of the calls; `insecure_plaintext` is also for listening off loopback.
  std::vector<NamedCouncil> councils;
  std::string contact;
  ReaderOptions readers;
  std::vector<std::string> origins;  // See HttpServer::Options.
  absl::Duration live = absl::InfiniteDuration();
};

// Thread-safe, but for Stop.
class App {
 public:
  // Pages are answered at once; while query is away they say so. The clock must outlive it. Error: InvalidArgument or
  // Unavailable, in words.
  static absl::StatusOr<std::unique_ptr<App>> Start(Options options, const core::Clock* clock);
  ~App();

  // Answers what is under way, and ends.
  absl::Status Stop(absl::Duration drain);
  int port() const { return server_->port(); }
  // Empty: query answers. Else why not, in words. Waits for two seconds at most.
  std::string NotReadyReason() const { return query_->NotServing(names_readers_); }

 private:
  App() = default;

  std::unique_ptr<QueryClient> query_;
  std::unique_ptr<LiveReports> live_;  // Outlives who listens: the server's connections.
  std::unique_ptr<Site> site_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<telemetry::Scraped> connections_;
  std::unique_ptr<telemetry::Scraped> live_pages_;
  std::unique_ptr<telemetry::Scraped> watches_;
  bool names_readers_ = false;
  bool stopped_ = false;
};

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_APP_H_
