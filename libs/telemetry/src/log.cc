#include "bellwether/telemetry/log.h"

#include <google/protobuf/stubs/logging.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/core/text.h"
#include "bellwether/telemetry/trace.h"

namespace bellwether::telemetry {
namespace {

constexpr int kLinesASecond = 10;         // Of one kind, where strangers may cause them.
constexpr int kProtobufCharacters = 200;  // Of one line of libprotobuf.

// Between a message and its fields, which are a JSON object. Drawn anew by each process: a message may hold words from
// outside, which must not pass for fields.
const std::string& FieldsMark() {
  static const auto* const mark = new std::string("\x1e" + RandomId() + "\x1e");
  return *mark;
}

constexpr std::array<std::pair<std::string_view, spdlog::level::level_enum>, 4> kLevels = {{
    {"debug", spdlog::level::debug},
    {"info", spdlog::level::info},
    {"warning", spdlog::level::warn},
    {"error", spdlog::level::err},
}};

std::string_view NameOf(spdlog::level::level_enum level) {
  for (const auto& [name, value] : kLevels) {
    if (value == level) return name;
  }
  return level == spdlog::level::critical ? "error" : "debug";
}

class Formatter : public spdlog::formatter {
 public:
  Formatter(std::string service, LogFormat format) : service_(std::move(service)), format_(format) {}

  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    std::string_view message(line.payload.data(), line.payload.size());
    nlohmann::ordered_json fields = nlohmann::ordered_json::object();
    if (const size_t at = message.find(FieldsMark()); at != std::string_view::npos) {
      fields = nlohmann::ordered_json::parse(message.substr(at + FieldsMark().size()));
      message = message.substr(0, at);
    }
    const std::string text = format_ == LogFormat::kJson ? Json(line, message, fields) : Text(line, message, fields);
    out.append(text.data(), text.data() + text.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<Formatter>(service_, format_); }

 private:
  static std::string Time(const spdlog::details::log_msg& line) {
    return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", absl::FromChrono(line.time), absl::UTCTimeZone());
  }

  std::string Json(const spdlog::details::log_msg& line, std::string_view message,
                   const nlohmann::ordered_json& fields) const {
    nlohmann::ordered_json object = {
        {"time", Time(line)}, {"level", NameOf(line.level)}, {"service", service_}, {"message", message}};
    object.update(fields);
    // What came from outside may be no UTF-8, and is never to break a line.
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }

  std::string Text(const spdlog::details::log_msg& line, std::string_view message,
                   const nlohmann::ordered_json& fields) const {
    std::string text = absl::StrCat("[", Time(line), "] [", std::string(NameOf(line.level)), "] ");
    for (const char c : message) {  // A line break of a message would be taken for another line.
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        absl::StrAppend(&text, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
      } else {
        text += c;
      }
    }
    for (const auto& [name, value] : fields.items()) {
      absl::StrAppend(&text, " ", name, "=",
                      value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    }
    return text + "\n";
  }

  const std::string service_;
  const LogFormat format_;
};

void Log(spdlog::level::level_enum level, std::string_view message, const LogFields& fields) {
  if (!spdlog::should_log(level)) return;
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& [name, value] : fields) {
    if (!value.empty()) object[std::string(name)] = value;
  }
  spdlog::log(level, "{}{}{}", message, FieldsMark(),
              object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void ForwardLogOfProtobuf(google::protobuf::LogLevel /*level*/, const char* /*file*/, int /*line*/,
                          const std::string& message) {
  static LogLimit limit;
  if (LogsDebug() && limit.Take()) spdlog::debug("protobuf: {}", core::Shorten(message, kProtobufCharacters));
}

}  // namespace

bool LogLimit::Take() {
  static const core::SteadyTime begin = core::SteadyTime::Now();
  const int64_t now = absl::ToInt64Seconds(core::SteadyTime::Now() - begin);
  if (second_.exchange(now) != now) count_ = 0;
  return count_.fetch_add(1) < kLinesASecond;
}

void QuietProtobuf() { google::protobuf::SetLogHandler(ForwardLogOfProtobuf); }

void SetUpLog(std::string_view service, LogFormat format) {
  auto logger =
      std::make_shared<spdlog::logger>(std::string(service), std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<Formatter>(std::string(service), format));
  spdlog::set_default_logger(std::move(logger));
  QuietProtobuf();
}

bool SetLogLevel(std::string_view level) {
  for (const auto& [name, value] : kLevels) {
    if (name != level) continue;
    spdlog::set_level(value);
    return true;
  }
  return false;
}

std::string LogLevelName() { return std::string(NameOf(spdlog::get_level())); }

bool LogsDebug() { return spdlog::should_log(spdlog::level::debug); }

void LogDebug(std::string_view message, const LogFields& fields) { Log(spdlog::level::debug, message, fields); }
void LogWarning(std::string_view message, const LogFields& fields) { Log(spdlog::level::warn, message, fields); }

}  // namespace bellwether::telemetry
