// Matchers for absl::Status and absl::StatusOr, which Debian's Abseil does not have yet. Tests only.
#ifndef BELLWETHER_TESTING_STATUS_MATCHERS_H_
#define BELLWETHER_TESTING_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::testing {

inline const absl::Status& StatusOf(const absl::Status& s) { return s; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& s) {
  return s.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// `value`: what it holds, or a matcher of that.
MATCHER_P(IsOkAndHolds, value, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(value, *arg, result_listener);
}

// A refusal whose words hold `text`.
MATCHER_P2(IsError, code, text, "is an error with the code, and words that hold the text") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code && std::string(status.message()).find(text) != std::string::npos;
}

}  // namespace bellwether::testing

#endif  // BELLWETHER_TESTING_STATUS_MATCHERS_H_
