// What a request asks for, taken apart. Whatever was sent, something comes of it.
#ifndef BELLWETHER_SERVICES_WEB_TARGET_H_
#define BELLWETHER_SERVICES_WEB_TARGET_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bellwether::web {

struct Target {
  std::vector<std::string> segments;          // Of the path, none of them empty, percent-decoded.
  std::map<std::string, std::string> values;  // Of the query, decoded as forms write them; of several the last.
};

// `path` and `query` as they were sent, without the "?" between.
Target ParseTarget(std::string_view path, std::string_view query);

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_TARGET_H_
