#include "services/web/app.h"

#include <utility>

namespace bellwether::web {

absl::StatusOr<std::unique_ptr<App>> App::Start(Options options, const core::Clock* clock) {
  std::unique_ptr<App> app(new App());  // Its constructor is private.
  absl::StatusOr<std::unique_ptr<QueryClient>> query = QueryClient::Make(options.tls, options.query);
  if (!query.ok()) return query.status();
  app->query_ = *std::move(query);
  app->site_ =
      std::make_unique<Site>(app->query_.get(), clock, std::move(options.councils), std::move(options.contact));
  HttpServer::Options server;
  server.address = options.listen;
  server.headers = Site::Headers();
  auto started = HttpServer::Start(std::move(server),
                                   [site = app->site_.get()](const Request& request) { return site->Get(request); });
  if (!started.ok()) return started.status();
  app->server_ = *std::move(started);
  app->connections_ = std::make_unique<telemetry::Scraped>(
      telemetry::Scraped::Kind::kGauge, "bellwether_web_connections", "Connections of readers that are open",
      [raw = app->server_.get()] {
        return telemetry::Scraped::Values{{{}, static_cast<double>(raw->connections())}};
      });
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
