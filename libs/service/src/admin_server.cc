#include "bellwether/service/admin_server.h"

#include <spdlog/spdlog.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/telemetry/metrics.h"
#include "http_port.h"

namespace bellwether::service {
namespace {

// 200 "ok", or 503 and why not.
std::function<HttpAnswer()> Unless(std::function<std::string()> why_not) {
  return [why_not = std::move(why_not)]() -> HttpAnswer {
    const std::string reason = why_not();
    if (reason.empty()) return {200, "ok\n"};
    return {503, absl::StrCat(reason, "\n")};
  };
}

HttpAnswer SetLogLevel(const std::string& body) {
  const std::string level(absl::StripAsciiWhitespace(body));
  if (!telemetry::SetLogLevel(level)) return {400, "log level: must be debug, info, warning or error\n"};
  spdlog::info("log level: {}", level);
  return {200, absl::StrCat(level, "\n")};
}

}  // namespace

struct AdminServer::Impl {
  std::unique_ptr<HttpPort> port;
};

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address, AdminPages pages) {
  std::map<std::string, HttpPage> all;
  all["/livez"].get = Unless(std::move(pages.not_live_reason));
  all["/livez"].at_once = true;
  all["/readyz"].get = Unless(std::move(pages.not_ready_reason));
  all["/metrics"].get = []() -> HttpAnswer {
    return {200, telemetry::MetricsText(), "text/plain; version=0.0.4; charset=utf-8"};
  };
  all["/log-level"].get = []() -> HttpAnswer { return {200, absl::StrCat(telemetry::LogLevelName(), "\n")}; };
  all["/log-level"].put = SetLogLevel;
  all["/log-level"].of_this_machine = true;
  for (auto& [path, text] : pages.more) {
    all[path].get = [text = std::move(text)]() -> HttpAnswer { return {200, text()}; };
    all[path].most_at_a_time = 1;
    all[path].of_this_machine = true;
  }
  absl::StatusOr<std::unique_ptr<HttpPort>> port = HttpPort::Start(address, all);
  if (!port.ok()) return port.status();
  auto impl = std::make_unique<Impl>();
  impl->port = *std::move(port);
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;
int AdminServer::port() const { return impl_->port->port(); }

}  // namespace bellwether::service
