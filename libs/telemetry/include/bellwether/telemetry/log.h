// The process's log: one line an event on standard error, as JSON for machines or as text for people.
//
// Levels: debug may hold what a feed sent; from info on there are no figures of readings and no secrets.
#ifndef BELLWETHER_TELEMETRY_LOG_H_
#define BELLWETHER_TELEMETRY_LOG_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellwether::telemetry {

enum class LogFormat { kJson, kText };

// Sets spdlog's default logger: everything that spdlog::info and its kin log afterwards goes there, and what
// libprotobuf has to say (`QuietProtobuf`). Once, in main.
void SetUpLog(std::string_view service, LogFormat format);

// At most ten lines a second: for what strangers may cause as often as they like. Thread-safe.
class LogLimit {
 public:
  // Whether a line may be logged now.
  bool Take();

 private:
  std::atomic<int64_t> second_{0};
  std::atomic<int> count_{0};
};

// libprotobuf's own lines, which it otherwise writes to standard error as often as a message cannot be read, go to the
// default logger at debug level, shortened and at most ten a second: whoever reads a message says itself what is wrong.
// For every program, once, in main.
void QuietProtobuf();

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
