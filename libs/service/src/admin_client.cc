#include "bellwether/service/admin_client.h"

#include <httplib.h>

#include <memory>

#include "bellwether/core/address.h"
#include "bellwether/program/flags.h"

namespace bellwether::service {
namespace {

constexpr time_t kTimeoutSeconds = 3;

// The address is one to listen on, which checks have found to be HOST:PORT: every interface is asked at loopback.
std::unique_ptr<httplib::Client> ClientOf(const std::string& address, std::ostream& err) {
  const std::optional<core::Address> parsed = core::ParseAddress(address, 1);
  if (!parsed) {
    err << "--admin: " << address << " names no port to ask\n";
    return nullptr;
  }
  std::string host = parsed->host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "::1";
  auto client = std::make_unique<httplib::Client>(host, parsed->port);
  client->set_connection_timeout(kTimeoutSeconds);
  client->set_read_timeout(kTimeoutSeconds);
  return client;
}

// 0 for a status of 200.
int Tell(const httplib::Result& result, const std::string& address, std::ostream& out, std::ostream& err) {
  if (!result) {
    err << address << " does not answer: " << httplib::to_string(result.error()) << "\n";
    return program::kRefused;
  }
  (result->status == 200 ? out : err) << result->body;
  return result->status == 200 ? program::kDone : program::kRefused;
}

}  // namespace

int AskHealth(const std::string& admin_address, bool live, std::ostream& out, std::ostream& err) {
  const auto client = ClientOf(admin_address, err);
  return client == nullptr ? program::kUsage : Tell(client->Get(live ? "/livez" : "/readyz"), admin_address, out, err);
}

int ChangeLogLevel(const std::string& admin_address, const std::string& level, std::ostream& out, std::ostream& err) {
  const auto client = ClientOf(admin_address, err);
  if (client == nullptr) return program::kUsage;
  return Tell(level.empty() ? client->Get("/log-level") : client->Put("/log-level", level, "text/plain"), admin_address,
              out, err);
}

}  // namespace bellwether::service
