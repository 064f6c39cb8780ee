#include "bellwether/rpc/admin_server.h"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::rpc {

struct AdminServer::Impl {
  httplib::Server server;
  std::thread thread;
  int port = 0;
};

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address,
                                                                std::function<std::string()> not_ready_reason) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", address, "\" is not HOST:PORT"));
  }
  const std::string host = address.substr(0, colon);
  auto impl = std::make_unique<Impl>();
  impl->server.new_task_queue = [] { return new httplib::ThreadPool(2); };
  impl->server.set_socket_options(
      [](socket_t socket) {  // The library's default would share the port with a second process.
        const int yes = 1;
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
      });
  impl->server.Get("/livez", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("ok\n", "text/plain");
  });
  impl->server.Get("/readyz", [not_ready_reason = std::move(not_ready_reason)](const httplib::Request&,
                                                                               httplib::Response& response) {
    const std::string reason = not_ready_reason();
    response.status = reason.empty() ? 200 : 503;
    response.set_content(reason.empty() ? "ok\n" : reason + "\n", "text/plain; charset=utf-8");
  });
  impl->server.Get("/metrics", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(telemetry::MetricsText(), "text/plain; version=0.0.4; charset=utf-8");
  });
  impl->server.Get("/log-level", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(telemetry::LogLevelName() + "\n", "text/plain");
  });
  impl->server.Put("/log-level", [](const httplib::Request& request, httplib::Response& response) {
    const std::string level(absl::StripAsciiWhitespace(request.body));
    const bool set = telemetry::SetLogLevel(level);
    if (set) spdlog::info("log level: {}", level);
    response.status = set ? 200 : 400;
    response.set_content(set ? level + "\n" : "log level: must be debug, info, warning or error\n", "text/plain");
  });
  if (port == 0) {
    impl->port = impl->server.bind_to_any_port(host.c_str());
  } else {
    impl->port = impl->server.bind_to_port(host.c_str(), port) ? port : -1;
  }
  if (impl->port <= 0)
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": is another process on the port?"));
  impl->thread = std::thread([server = &impl->server] { server->listen_after_bind(); });
  while (!impl->server.is_running()) std::this_thread::yield();  // So that stop() finds it running.
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

AdminServer::~AdminServer() {
  impl_->server.stop();
  impl_->thread.join();
}

void AdminServer::Show(const std::string& path, std::function<std::string()> body) {
  impl_->server.Get(path, [body = std::move(body)](const httplib::Request&, httplib::Response& response) {
    response.set_content(body(), "text/plain; charset=utf-8");
  });
}

int AdminServer::port() const { return impl_->port; }

}  // namespace bellwether::rpc
