#include "services/web/app.h"

#include <utility>

#include "services/web/connect.h"

namespace bellwether::web {

absl::StatusOr<std::unique_ptr<App>> App::Start(Options options, const core::Clock* clock) {
  std::unique_ptr<App> app(new App());  // Its constructor is private.
  absl::StatusOr<Readers> readers = Readers::Make(std::move(options.readers));
  if (!readers.ok()) return readers.status();
  app->names_readers_ = readers->known();
  absl::StatusOr<std::unique_ptr<QueryClient>> query = QueryClient::Make(options.tls, options.query);
  if (!query.ok()) return query.status();
  app->query_ = *std::move(query);
  app->live_ = std::make_unique<LiveReports>(app->query_.get());
  HttpServer::Options server;
  server.asked = readers->Headers();
  app->site_ = std::make_unique<Site>(app->query_.get(), app->live_.get(), *std::move(readers), clock,
                                      std::move(options.councils), std::move(options.contact));
  server.address = options.listen;
  server.headers = app->site_->Headers();
  server.origins = std::move(options.origins);
  server.live = options.live;
  server.calls = kConnectPath;
  auto started = HttpServer::Start(std::move(server),
                                   [site = app->site_.get()](const Request& request) { return site->Get(request); });
  if (!started.ok()) return started.status();
  app->server_ = *std::move(started);
  app->connections_ = std::make_unique<telemetry::Scraped>(
      telemetry::Scraped::Kind::kGauge, "bellwether_web_connections", "Connections of readers that are open",
      [raw = app->server_.get()] {
        return telemetry::Scraped::Values{{{}, static_cast<double>(raw->connections())}};
      });
  const auto gauge = [](const char* name, const char* help, std::function<int()> value) {
    return std::make_unique<telemetry::Scraped>(telemetry::Scraped::Kind::kGauge, name, help,
                                                [value = std::move(value)] {
                                                  return telemetry::Scraped::Values{{{}, static_cast<double>(value())}};
                                                });
  };
  app->live_pages_ = gauge("bellwether_web_live_pages", "Open pages that are told of changes",
                           [live = app->live_.get()] { return live->listeners(); });
  app->watches_ = gauge("bellwether_web_watches", "Reports that are watched for them",
                        [live = app->live_.get()] { return live->watches(); });
  return app;
}

App::~App() {
  if (server_ != nullptr) (void)Stop(absl::Seconds(1));
}

absl::Status App::Stop(absl::Duration drain) {
  if (!std::exchange(stopped_, true)) server_->Stop(drain);
  return absl::OkStatus();
}

}  // namespace bellwether::web
