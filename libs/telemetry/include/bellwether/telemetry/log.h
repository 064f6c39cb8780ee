// The process's log: one line an event on standard error, as JSON for machines or as text for people.
//
// Levels: debug may hold what a feed sent; from info on there are no figures of readings and no secrets.
#ifndef BELLWETHER_TELEMETRY_LOG_H_
#define BELLWETHER_TELEMETRY_LOG_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellwether::telemetry {

enum class LogFormat { kJson, kText };

// Sets spdlog's default logger: everything that spdlog::info and its kin log afterwards goes there. Once, in main.
void SetUpLog(std::string_view service, LogFormat format);

// The lowest level that is logged: "debug", "info", "warning" or "error". False: there is no such level, and nothing
// changed. Thread-safe.
bool SetLogLevel(std::string_view level);
std::string LogLevelName();

// Whether debug lines are logged: to spare what they would cost.
bool LogsDebug();

// A line with fields beside its message, such as trace_id.
using LogFields = std::vector<std::pair<std::string_view, std::string>>;
void LogDebug(std::string_view message, const LogFields& fields);
void LogWarning(std::string_view message, const LogFields& fields);

}  // namespace bellwether::telemetry

#endif  // BELLWETHER_TELEMETRY_LOG_H_
