// Which settings of librdkafka the bus chooses, and which nobody may change.
#ifndef BELLWETHER_BUS_SRC_SETTINGS_H_
#define BELLWETHER_BUS_SRC_SETTINGS_H_

#include <librdkafka/rdkafka.h>

#include "absl/status/status.h"
#include "bellwether/bus/options.h"
#include "client.h"

namespace bellwether::bus {

Settings CommonSettings(const ClientOptions& options);
Settings ConsumerSettings(const ClientOptions& options);
Settings GroupSettings(const ClientOptions& options);

// Sets one, with the client's own words in the error.
absl::Status SetProperty(rd_kafka_conf_t* conf, const Property& property);

// Sets those of the options over ours, unless the guarantee rests on them.
absl::Status ApplyProperties(rd_kafka_conf_t* conf, const ClientOptions& options);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SRC_SETTINGS_H_
