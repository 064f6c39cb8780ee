// bellwether-admin: for operators. The one tool that speaks to Kafka itself.
#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/rating/version.h"
#include "bellwether/rpc/service_main.h"
#include "bellwether/rpc/version.h"
#include "services/admin/topics.h"

namespace {

enum ExitCode { kDone = 0, kRefused = 1, kUsage = 2, kUnreachable = 3 };

ExitCode Report(const absl::Status& status) {
  std::cerr << "bellwether-admin: " << status.message() << "\n";
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ? kUnreachable : kRefused;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace bellwether;  // NOLINT: main only wires.
  rpc::CommonOptions common;
  bool check_only = false;
  int brokers = 1;
  int rules_version = rating::kRulesVersion;
  int timeout_seconds = 30;
  CLI::App app{"For operators: the topics of the log", "bellwether-admin"};
  app.set_version_flag("--version", "bellwether-admin " + rpc::VersionText());
  app.require_subcommand(1);
  app.fallthrough();
  rpc::AddKafkaFlags(app, common);
  app.add_option("--timeout", timeout_seconds, "Seconds to wait for the brokers")
      ->envname("BELLWETHER_TIMEOUT")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  CLI::App* topics =
      app.add_subcommand("topics", "Create the topics that are missing, and report settings that differ");
  topics->add_flag("--check", check_only, "Create nothing");
  topics->add_option("--brokers", brokers, "Wait until so many brokers are there: replication depends on their number")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  topics
      ->add_option("--rules-version", rules_version, "Rules version of the scores topic: another one is made beside it")
      ->check(CLI::Range(1, 999'999'999))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {  // The library's way to say usage, help and version.
    return app.exit(e) == 0 ? kDone : kUsage;
  }
  const std::vector<std::string> mistakes = rpc::CheckKafkaFlags(common);
  for (const std::string& mistake : mistakes) std::cerr << "bellwether-admin: " << mistake << "\n";
  if (!mistakes.empty()) return kUsage;

  const absl::Duration timeout = absl::Seconds(timeout_seconds);
  bus::ClientOptions client = rpc::ClientOptionsOf(common, "bellwether-admin");
  // What the connection does meanwhile is of no use to who waits for a table; the error says the last of it.
  client.log = [](bus::LogLevel, std::string_view) {};
  const auto cluster = admin::ConnectTo(client, brokers, timeout);
  if (!cluster.ok()) return Report(cluster.status());
  const auto names = bus::NamesOfTopics(absl::StrCat("e", common.epoch), absl::StrCat("r", rules_version));
  if (!names.ok()) return Report(names.status());
  const absl::StatusOr<bool> good = admin::BringTopics(**cluster, *names, check_only, timeout, std::cout);
  if (!good.ok()) return Report(good.status());
  return *good ? kDone : kRefused;
}
