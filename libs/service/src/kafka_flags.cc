// The flags of a client of Kafka.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "bellwether/bus/options.h"
#include "bellwether/core/files.h"
#include "bellwether/rating/version.h"
#include "bellwether/service/service_main.h"

namespace bellwether::service {
namespace {

// A pipe would be empty, and every password missing, when it is read for the second time.
absl::StatusOr<std::string> ReadSettings(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is no regular file, which alone can be read again"));
  }
  return core::ReadFile(path);
}

// The settings of --kafka-property-file, then those of --kafka-property, which so stand over them.
std::vector<bus::Property> PropertiesOf(const CommonOptions& options, std::vector<std::string>* mistakes) {
  std::vector<bus::Property> properties;
  const auto take = [&](const std::string& text, const std::string& where) {
    if (absl::StatusOr<bus::Property> property = bus::ParseProperty(text); property.ok()) {
      properties.push_back(*std::move(property));
    } else {
      // Not its text: what is wrong in a file of secrets may be a secret.
      mistakes->push_back(where.empty() ? absl::StrCat("--kafka-property: ", property.status().message())
                                        : absl::StrCat(where, ": must be KEY=VALUE"));
    }
  };
  if (!options.kafka_property_file.empty()) {
    const absl::StatusOr<std::string> file = ReadSettings(options.kafka_property_file);
    if (!file.ok()) mistakes->push_back(absl::StrCat("--kafka-property-file: ", file.status().message()));
    std::istringstream lines(file.value_or(""));
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
      const std::string text(absl::StripAsciiWhitespace(line));
      if (text.empty() || text[0] == '#') continue;
      take(text, absl::StrCat("--kafka-property-file: ", options.kafka_property_file, ", line ", number));
    }
  }
  for (const std::string& text : options.kafka_properties) take(text, "");
  return properties;
}

}  // namespace

void AddKafkaFlags(CLI::App& app, CommonOptions& options) {
  app.add_option("--kafka", options.kafka, "Kafka brokers, HOST:PORT[,HOST:PORT...]")
      ->envname("BELLWETHER_KAFKA")
      ->capture_default_str();
  app.add_option("--kafka-property", options.kafka_properties,
                 "A setting of the Kafka client, KEY=VALUE; may be given again")
      ->envname("BELLWETHER_KAFKA_PROPERTY");
  app.add_option("--kafka-property-file", options.kafka_property_file,
                 "File of such settings, one a line: for passwords, which belong on no command line")
      ->envname("BELLWETHER_KAFKA_PROPERTY_FILE");
  app.add_option("--epoch", options.epoch, "Epoch of the log")
      ->envname("BELLWETHER_EPOCH")
      ->check(CLI::Range(1, 999'999'999))
      ->capture_default_str();
}

std::vector<std::string> CheckKafkaFlags(const CommonOptions& options) {
  std::vector<std::string> mistakes;
  bus::ClientOptions client;
  client.bootstrap_servers = options.kafka;
  client.properties = PropertiesOf(options, &mistakes);
  if (const absl::Status s = bus::CheckClientOptions(client); !s.ok())
    mistakes.push_back(absl::StrCat("--kafka, --kafka-property: ", s.message()));
  return mistakes;
}

bus::ClientOptions ClientOptionsOf(const CommonOptions& options, std::string client_id) {
  bus::ClientOptions client;
  client.bootstrap_servers = options.kafka;
  client.client_id = std::move(client_id);
  std::vector<std::string> mistakes;
  client.properties = PropertiesOf(options, &mistakes);
  return client;
}

bus::TopicNames TopicNamesOf(const CommonOptions& options) {
  return bus::NamesOfTopics(absl::StrCat("e", options.epoch), absl::StrCat("r", rating::RulesVersion())).value();
}

}  // namespace bellwether::service
