// What a message's check found wrong: everything at once, each with its place.
#ifndef BELLWETHER_CODEC_VIOLATION_H_
#define BELLWETHER_CODEC_VIOLATION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bellwether/codec/reasons.h"

namespace bellwether::codec {

struct Violation {
  std::string field;  // Path from the message that was checked, such as "measurement.ratio.denominator".
  Reason reason = Reason::kInvalidRequest;
  std::string message;  // Field, value, rule and remedy, in words.
};
using Violations = std::vector<Violation>;

// A value read from a message. It means something only if nothing is wrong.
template <typename T>
struct Parsed {
  T value;
  Violations violations;
  bool ok() const { return violations.empty(); }
};

// The same violations of a message that is a field of another: `prefix` before each path ("readings[3]").
Violations Under(const std::string& prefix, Violations violations);

// InvalidArgument with all of them in one text; OK if there are none.
absl::Status ToStatus(const Violations& violations);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_VIOLATION_H_
