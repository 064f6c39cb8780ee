// The JSON Schema of catalogue files, for editors.
#ifndef BELLWETHER_SERVICES_CLI_JSON_SCHEMA_H_
#define BELLWETHER_SERVICES_CLI_JSON_SCHEMA_H_

#include <string>

namespace bellwether::cli {

// Of bellwether.v1.Catalogue as yaml_message.h reads it, with what the contract says of each field. It finds what a
// file shows by itself: names, kinds, lengths, patterns, what must be stated. What hangs on something else, the check
// finds.
std::string CatalogueSchema();

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_JSON_SCHEMA_H_
