#include "services/web/openapi.h"

namespace bellwether::web {

std::string_view OpenApi() {
  static constexpr std::string_view kText =
#include "openapi.inc"
      ;
  return kText;
}

}  // namespace bellwether::web
