// The names of councils, indicators and records.
#ifndef BELLWETHER_CORE_IDS_H_
#define BELLWETHER_CORE_IDS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::core {

// An indicator's key: what the log is keyed by.
struct IndicatorKey {
  std::string council;  // ONS nine-character code, such as "E06000061".
  std::string ref;      // Such as "T21a".

  std::string ToString() const { return council + "/" + ref; }
  // Whether ToString gives `text`, without making it.
  bool Is(std::string_view text) const {
    return text.size() == council.size() + 1 + ref.size() && text.substr(0, council.size()) == council &&
           text[council.size()] == '/' && text.substr(council.size() + 1) == ref;
  }
  // Reads "E06000061/T21a". Error: InvalidArgument.
  static absl::StatusOr<IndicatorKey> Parse(std::string_view text);
  friend auto operator<=>(const IndicatorKey&, const IndicatorKey&) = default;
};

// Each is OK, or InvalidArgument with the rule.
absl::Status CheckCouncil(std::string_view code);      // A letter of E, W, S, N and eight digits.
absl::Status CheckRef(std::string_view ref);           // 1 to 32 letters, digits, '.', '-', '_'.
absl::Status CheckRecordId(std::string_view id);       // 1 to 128 characters, none of them a control character.
absl::Status CheckSlug(std::string_view id, int max);  // 1 to max characters of a-z, 0-9, '-'.

// Whether it is version 00 of W3C's traceparent, with ids that are not all zero.
bool IsTraceparent(std::string_view text);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_IDS_H_
