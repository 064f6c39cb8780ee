// What the web service answers to programs, described in OpenAPI 3.1: made from the contract's files by openapi.py.
#ifndef BELLWETHER_SERVICES_WEB_OPENAPI_H_
#define BELLWETHER_SERVICES_WEB_OPENAPI_H_

#include <string_view>

namespace bellwether::web {

// As JSON.
std::string_view OpenApi();

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_OPENAPI_H_
