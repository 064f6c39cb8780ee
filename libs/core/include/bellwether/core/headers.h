// The headers of a record, beside its key and value.
#ifndef BELLWETHER_CORE_HEADERS_H_
#define BELLWETHER_CORE_HEADERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bellwether::core {

// Headers keep their order; a name may stand more than once. A null value of the wire reads as empty.
struct Header {
  std::string name;
  std::string value;

  friend bool operator==(const Header&, const Header&) = default;
};
using Headers = std::vector<Header>;

// The value of the last header of that name, as Kafka's own clients read them; absent when there is none.
// The view lives as long as `headers`.
std::optional<std::string_view> FindHeader(const Headers& headers, std::string_view name);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_HEADERS_H_
