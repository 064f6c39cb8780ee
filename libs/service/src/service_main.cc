#include "bellwether/service/service_main.h"

#include <grpc/support/log.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "bellwether/bus/left_behind.h"
#include "bellwether/core/shutdown.h"
#include "bellwether/core/standard_streams.h"
#include "bellwether/core/text.h"
#include "bellwether/program/flags.h"
#include "bellwether/program/version.h"
#include "bellwether/rating/version.h"
#include "bellwether/service/admin_client.h"
#include "bellwether/service/admin_server.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/telemetry/metrics.h"
#include "bellwether/telemetry/trace.h"
#include "last_resort.h"

namespace bellwether::service {
namespace {

using program::kDone;
constexpr int kDied = program::kRefused;

void AddCommonFlags(CLI::App& app, CommonOptions& options) {
  app.add_option("--admin", options.admin_address,
                 "Address of /livez, /readyz, /metrics, /version and /log-level (HTTP)")
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
  app.add_option("--log-format", options.log_format, "json, or text for people")
      ->envname("BELLWETHER_LOG_FORMAT")
      ->check(CLI::IsMember({"json", "text"}))
      ->capture_default_str();
  app.add_option("--otlp-endpoint", options.otlp_endpoint,
                 "Collector that spans are sent to (OTLP/HTTP), http://HOST:PORT; empty: none")
      ->envname("OTEL_EXPORTER_OTLP_ENDPOINT");
}

// The metrics of the process itself, while it lives.
class ProcessMetrics {
 public:
  ProcessMetrics(std::string_view name, const RunningService* service)
      : ready_(telemetry::Scraped::Kind::kGauge, "bellwether_ready", "1: ready to serve", [service] {
          return telemetry::Scraped::Values{{{}, service->NotReadyReason().empty() ? 1.0 : 0.0}};
        }) {
    telemetry::GaugeOf("bellwether_build_info", "What is running",
                       {{"service", std::string(name)},
                        {"version", std::string(core::ToAbsl(program::Version()))},
                        {"commit", std::string(core::ToAbsl(program::Commit()))},
                        {"rules_version", absl::StrCat(rating::RulesVersion())}})
        .Set(1);
  }

 private:
  telemetry::Scraped ready_;
};

// gRPC's own words go into the log like all others. Not more often than may be: each stranger at the door is told of.
void ForwardLogOfGrpc() {
  gpr_set_log_function([](gpr_log_func_args* line) {
    static telemetry::LogLimit limit;
    const bool warn = line->severity == GPR_LOG_SEVERITY_ERROR && limit.Take();
    spdlog::log(warn ? spdlog::level::warn : spdlog::level::debug, "grpc: {}", line->message);
  });
}

// As many descriptors as the machine allows: the soft limit is 1,024 on many, for the sake of programs that use
// select().
void RaiseDescriptorLimit() {
  constexpr rlim_t kEnough = 65'536;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough) return;
  limit.rlim_cur = std::min(limit.rlim_max, kEnough);
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

// What is asked of a running service from the command line: `health`, `log-level`.
void AddQuestions(CLI::App& app, const CommonOptions& options, std::function<int()>* question) {
  app.fallthrough();  // Before the subcommands, which take it from here: --admin may stand behind them, too.
  auto live = std::make_shared<bool>(false);
  CLI::App* health = app.add_subcommand("health", "Ask the running service whether it is ready (exit code 0 or 1)");
  health->add_flag("--live", *live, "Ask only whether it lives");
  health->callback([&options, question, live] {
    *question = [&options, live] { return AskHealth(options.admin_address, *live, std::cout, std::cerr); };
  });
  auto level = std::make_shared<std::string>();
  CLI::App* log_level = app.add_subcommand("log-level", "Change the log level of the running service");
  log_level->add_option("LEVEL", *level, "debug, info, warning or error; nothing: tell the present one");
  log_level->callback([&options, question, level] {
    *question = [&options, level] { return ChangeLogLevel(options.admin_address, *level, std::cout, std::cerr); };
  });
  app.require_subcommand(0, 1);
}

}  // namespace

int ServiceMain(int argc, char** argv, std::string_view name, std::string_view description, CommonOptions& options,
                const ServiceHooks& hooks) {
  const core::ShutdownSignal shutdown;  // Before any thread: all inherit its blocked mask.
  core::StandardStreams streams(name);
  CLI::App app{std::string(description), std::string(name)};
  app.set_version_flag("--version", absl::StrCat(core::ToAbsl(name), " ", program::VersionText()));
  program::ProgramFlags flags;
  AddCommonFlags(app, options);
  if (hooks.uses_kafka) AddKafkaFlags(app, options);
  hooks.add_flags(app);
  program::AddProgramFlags(app, flags);
  std::function<int()> question;
  AddQuestions(app, options, &question);
  if (const auto code = program::ParseFlags(app, argc, argv, flags)) return streams.End(*code);
  std::vector<std::string> mistakes = hooks.uses_kafka ? CheckKafkaFlags(options) : std::vector<std::string>();
  if (std::string wrong = program::CheckAddress("--admin", options.admin_address); !wrong.empty())
    mistakes.push_back(std::move(wrong));
  if (question && mistakes.empty()) return streams.End(question());
  if (!options.otlp_endpoint.empty()) {
    if (const absl::Status s = telemetry::CheckTraceEndpoint(options.otlp_endpoint); !s.ok())
      mistakes.push_back(absl::StrCat("--otlp-endpoint: ", s.message()));
  }
  for (std::string& mistake : hooks.check()) mistakes.push_back(std::move(mistake));
  if (const auto code = program::EndOfChecks(app, flags, std::move(mistakes))) return streams.End(*code);

  RaiseDescriptorLimit();
  // Debian compiles Abseil to look for deadlocks at each lock that anything takes, gRPC's own too.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  telemetry::SetUpLog(name, options.log_format == "json" ? telemetry::LogFormat::kJson : telemetry::LogFormat::kText);
  telemetry::SetLogLevel(options.log_level);
  ForwardLogOfGrpc();
  for (const std::string& variable : program::UnknownVariables())
    spdlog::warn("{}: there is no such variable", variable);
  if (!options.otlp_endpoint.empty()) (void)telemetry::ExportSpans(options.otlp_endpoint, name);
  std::atomic<bool> died{false};
  absl::StatusOr<std::unique_ptr<RunningService>> service = hooks.start([&died] {
    died = true;
    core::ShutdownSignal::Request();
  });
  if (!service.ok()) {
    spdlog::error("cannot start: {}", std::string(service.status().message()));
    return kDied;
  }
  auto metrics = std::make_unique<ProcessMetrics>(name, service->get());
  AdminPages pages;
  pages.not_live_reason = [&service] { return (*service)->NotLiveReason(); };
  pages.not_ready_reason = [&service] { return (*service)->NotReadyReason(); };
  pages.more = (*service)->AdminPages();
  pages.more.emplace_back(
      "/version", [text = absl::StrCat(core::ToAbsl(name), " ", program::VersionText(), "\n")] { return text; });
  absl::StatusOr<std::unique_ptr<AdminServer>> admin = AdminServer::Start(options.admin_address, std::move(pages));
  if (!admin.ok()) {
    spdlog::error("cannot start: --admin: {}", std::string(admin.status().message()));
    (void)(*service)->Stop(absl::Seconds(1));
    return kDied;
  }
  std::cout << name << " started" << hooks.started() << ", admin on port " << (*admin)->port() << std::endl;

  shutdown.Wait();
  spdlog::info("stopping, within {} s", options.drain_seconds);
  // Whatever a broker or a caller does, and whatever a library waits for.
  const LastResort last(absl::Seconds(options.drain_seconds), [&options] {
    spdlog::error("the stop did not end within {} s: the process ends without the rest of it", options.drain_seconds);
    EndProcess(kDied);
  });
  const absl::Status end = (*service)->Stop(absl::Seconds(options.drain_seconds));
  admin->reset();
  metrics.reset();
  telemetry::StopExportingSpans();
  gpr_set_log_function(nullptr);  // Its threads outlive our log.
  if (!end.ok()) spdlog::error("{}", std::string(end.message()));
  service->reset();
  const int code = end.ok() && !died ? kDone : kDied;
  if (bus::ClientsLeftBehind() > 0) EndProcess(code);
  return code;
}

}  // namespace bellwether::service
