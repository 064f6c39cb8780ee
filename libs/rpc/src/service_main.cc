#include "bellwether/rpc/service_main.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bellwether/bus/options.h"
#include "bellwether/core/shutdown.h"
#include "bellwether/core/text.h"
#include "bellwether/rating/version.h"
#include "bellwether/rpc/admin_server.h"
#include "bellwether/rpc/version.h"

namespace bellwether::rpc {
namespace {

constexpr int kDone = 0;
constexpr int kDied = 1;
constexpr int kUsage = 2;

void AddCommonFlags(CLI::App& app, CommonOptions& options, bool* check_config) {
  app.add_option("--admin", options.admin_address, "Address of /livez and /readyz (HTTP)")
      ->envname("BELLWETHER_ADMIN")
      ->capture_default_str();
  app.add_option("--drain-timeout", options.drain_seconds, "Seconds that a stop may take")
      ->envname("BELLWETHER_DRAIN_TIMEOUT")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->envname("BELLWETHER_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
  app.add_flag("--check-config", *check_config, "Check the flags and the environment, and end");
}

}  // namespace

void AddKafkaFlags(CLI::App& app, CommonOptions& options) {
  app.add_option("--kafka", options.kafka, "Kafka brokers, HOST:PORT[,HOST:PORT...]")
      ->envname("BELLWETHER_KAFKA")
      ->capture_default_str();
  app.add_option("--kafka-property", options.kafka_properties,
                 "A setting of the Kafka client, KEY=VALUE; may be given again")
      ->envname("BELLWETHER_KAFKA_PROPERTY");
  app.add_option("--epoch", options.epoch, "Epoch of the log")
      ->envname("BELLWETHER_EPOCH")
      ->check(CLI::Range(1, 999'999'999))
      ->capture_default_str();
}

std::vector<std::string> CheckKafkaFlags(const CommonOptions& options) {
  std::vector<std::string> mistakes;
  bus::ClientOptions client;
  client.bootstrap_servers = options.kafka;
  for (const std::string& text : options.kafka_properties) {
    if (const auto property = bus::ParseProperty(text); property.ok()) {
      client.properties.push_back(*property);
    } else {
      mistakes.push_back(absl::StrCat("--kafka-property: ", property.status().message()));
    }
  }
  if (const absl::Status s = bus::CheckClientOptions(client); !s.ok())
    mistakes.push_back(absl::StrCat("--kafka, --kafka-property: ", s.message()));
  return mistakes;
}

bus::ClientOptions ClientOptionsOf(const CommonOptions& options, std::string client_id) {
  bus::ClientOptions client;
  client.bootstrap_servers = options.kafka;
  client.client_id = std::move(client_id);
  for (const std::string& text : options.kafka_properties) {
    if (absl::StatusOr<bus::Property> property = bus::ParseProperty(text); property.ok())
      client.properties.push_back(*std::move(property));
  }
  return client;
}

bus::TopicNames TopicNamesOf(const CommonOptions& options) {
  return bus::NamesOfTopics(absl::StrCat("e", options.epoch), absl::StrCat("r", rating::RulesVersion())).value();
}

std::string CheckAddress(std::string_view flag, std::string_view address) {
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon != std::string_view::npos && colon > 0 &&
      absl::SimpleAtoi(core::ToAbsl(address.substr(colon + 1)), &port) && port >= 0 && port <= 65535) {
    return "";
  }
  return absl::StrCat(core::ToAbsl(flag), ": \"", core::ToAbsl(address), "\" is not HOST:PORT, such as 127.0.0.1:7401");
}

int ServiceMain(int argc, char** argv, std::string_view name, std::string_view description, CommonOptions& options,
                const ServiceHooks& hooks) {
  const core::ShutdownSignal shutdown;  // Before any thread: all inherit its blocked mask.
  CLI::App app{std::string(description), std::string(name)};
  app.set_version_flag("--version", absl::StrCat(core::ToAbsl(name), " ", VersionText()));
  bool check_config = false;
  AddCommonFlags(app, options, &check_config);
  if (hooks.uses_kafka) AddKafkaFlags(app, options);
  hooks.add_flags(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {  // The library's way to say usage, help and version.
    return app.exit(e) == 0 ? kDone : kUsage;
  }
  std::vector<std::string> mistakes = hooks.uses_kafka ? CheckKafkaFlags(options) : std::vector<std::string>();
  if (std::string wrong = CheckAddress("--admin", options.admin_address); !wrong.empty())
    mistakes.push_back(std::move(wrong));
  for (std::string& mistake : hooks.check()) mistakes.push_back(std::move(mistake));
  for (const std::string& mistake : mistakes) std::cerr << name << ": " << mistake << "\n";
  if (!mistakes.empty()) return kUsage;
  if (check_config) {
    std::cout << name << ": the configuration is good\n";
    return kDone;
  }

  spdlog::set_default_logger(spdlog::stderr_logger_mt(std::string(name)));
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  std::atomic<bool> died{false};
  absl::StatusOr<std::unique_ptr<RunningService>> service = hooks.start([&died] {
    died = true;
    core::ShutdownSignal::Request();
  });
  if (!service.ok()) {
    spdlog::error("cannot start: {}", std::string(service.status().message()));
    return kDied;
  }
  absl::StatusOr<std::unique_ptr<AdminServer>> admin =
      AdminServer::Start(options.admin_address, [&service] { return (*service)->NotReadyReason(); });
  if (!admin.ok()) {
    spdlog::error("cannot start: --admin: {}", std::string(admin.status().message()));
    (void)(*service)->Stop(absl::Seconds(1));
    return kDied;
  }
  for (auto& [path, body] : (*service)->AdminPages()) (*admin)->Show(path, std::move(body));
  std::cout << name << " started" << hooks.started() << ", admin on port " << (*admin)->port() << std::endl;

  shutdown.Wait();
  spdlog::info("stopping, within {} s", options.drain_seconds);
  const absl::Status end = (*service)->Stop(absl::Seconds(options.drain_seconds));
  admin->reset();
  if (!end.ok()) spdlog::error("{}", std::string(end.message()));
  return end.ok() && !died ? kDone : kDied;
}

}  // namespace bellwether::rpc
