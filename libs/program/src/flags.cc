#include "bellwether/program/flags.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/address.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"

namespace bellwether::program {
namespace {

constexpr std::string_view kOurs = "BELLWETHER_";

// Of all programs, which may share one environment: each knows its own and takes no offence at the others'. A test
// compares the list with --print-flags.
constexpr std::array kVariables = {
    "ACCESS",
    "ADMIN",
    "BROKER_PORT",
    "COUNCIL",
    "DRAIN_TIMEOUT",
    "EPOCH",
    "EVERYONE_MAY",
    "GROUP",
    "HOLE_TIMEOUT",
    "INGESTION",
    "INGESTION_LISTEN",
    "INSECURE_PLAINTEXT",
    "INSTANCE_ID",
    "KAFKA",
    "KAFKA_PROPERTY",
    "KAFKA_PROPERTY_FILE",
    "KEY_FILE",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "QUERY",
    "QUERY_LISTEN",
    "SCORES_TOPIC",
    "TIMEOUT",
    "TLS_CA",
    "TLS_CERTIFICATE",
    "TLS_CLIENT_CA",
    "TLS_KEY",
    "TOKEN_FILE",
    "WATCHER_TIMEOUT",
    "WEB_ALLOW_ORIGIN",
    "WEB_CONTACT",
    "WEB_COUNCILS",
    "WEB_LISTEN",
    "WEB_LIVE_TIME",
    "WEB_READER_GROUPS_HEADER",
    "WEB_READER_HEADER",
    "WEB_READER_PROXY",
    "WEB_READER_SECRET_FILE",
};

// Of this repository's scripts and tests, which may run programs with all that they have.
constexpr std::array kOfTests = {"BUILD",        "SOURCE",       "SEED",          "KILLS",         "GOLDEN",
                                 "WRITE_GOLDEN", "FUZZ_SECONDS", "FLOOD_SECONDS", "OTHER_RELEASE", "ATTACK_CALLS",
                                 "ROUNDS",       "SOAK_SECONDS", "STEPS"};
constexpr std::string_view kRequired = "REQUIRE_";

bool IsKnown(std::string_view name) {
  return std::find(kVariables.begin(), kVariables.end(), name) != kVariables.end() ||
         std::find(kOfTests.begin(), kOfTests.end(), name) != kOfTests.end() ||
         name.substr(0, kRequired.size()) == kRequired;
}

void AddRows(const CLI::App& app, const std::string& command, std::string& table) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    const std::string name = option->get_positional() ? "" : option->get_name(false, true);
    if (name.find("--") == std::string::npos || name == "-h,--help" || name == "--version") continue;
    const std::string variable = option->get_envname().empty() ? "" : absl::StrCat("`", option->get_envname(), "`");
    const std::string value =
        option->get_default_str().empty() ? "" : absl::StrCat("`", option->get_default_str(), "`");
    absl::StrAppend(&table, "| `", command, name, "` | ", variable, " | ", value, " | ", option->get_description(),
                    " |\n");
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    AddRows(*verb, absl::StrCat(command, verb->get_name(), " "), table);
  }
}

}  // namespace

void AddProgramFlags(CLI::App& app, ProgramFlags& flags) {
  app.add_flag("--check-config", flags.check_config, "Check the flags and the environment, and end");
  app.add_flag("--print-flags", flags.print_flags, "Print every flag with its variable and default, as a table")
      ->group("");
}

std::optional<int> ParseFlags(CLI::App& app, int argc, const char* const* argv, const ProgramFlags& flags) {
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return absl::StrCat(failed->get_name(), ": ", core::Visible(core::Shorten(error.what(), 1'000)), " (see ",
                        failed->get_name(), " --help)\n");
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // The library's way to say usage, help and version.
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  if (!flags.print_flags) return std::nullopt;
  std::cout << FlagsTable(app);
  return kDone;
}

std::optional<int> EndOfChecks(const CLI::App& app, const ProgramFlags& flags, std::vector<std::string> mistakes) {
  if (flags.check_config) {
    for (const std::string& name : UnknownVariables()) {
      mistakes.push_back(absl::StrCat(name, ": there is no such variable"));
    }
  }
  for (const std::string& mistake : mistakes) std::cerr << app.get_name() << ": " << mistake << "\n";
  if (!mistakes.empty()) return kUsage;
  if (!flags.check_config) return std::nullopt;
  std::cout << app.get_name() << ": the configuration is good\n";
  return kDone;
}

std::vector<std::string> UnknownVariables() {
  std::vector<std::string> unknown;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (name.substr(0, kOurs.size()) == kOurs && !IsKnown(name.substr(kOurs.size()))) unknown.emplace_back(name);
  }
  std::sort(unknown.begin(), unknown.end());
  return unknown;
}

std::string CheckAddress(std::string_view flag, std::string_view address) {
  if (core::ParseAddress(address)) return "";
  return absl::StrCat(core::ToAbsl(flag), ": \"", core::ToAbsl(address), "\" is not HOST:PORT, such as 127.0.0.1:7401");
}

std::string FlagsTable(const CLI::App& app) {
  std::string table = "| flag | variable | default | what |\n|---|---|---|---|\n";
  AddRows(app, "", table);
  return table;
}

}  // namespace bellwether::program
