// The one list of error reasons: what ErrorInfo.reason and ItemError.reason say (docs/error-reasons.md is the same list
// for people, by test).
#ifndef BELLWETHER_CODEC_REASONS_H_
#define BELLWETHER_CODEC_REASONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace bellwether::codec {

// Whose fault an error is.
enum class ErrorClass { kCaller, kTryAgain, kService };

enum class Reason {
  // One field is wrong.
  kRequired,
  kInvalidId,
  kNotANumber,
  kTooManyDigits,
  kNotAPeriod,
  kNotADate,
  kUnknownCode,
  kTextTooLong,
  kTextNotAllowed,
  kTooMany,
  kDuplicate,
  kOutOfRange,
  kContradiction,
  kDenominatorZero,
  kNegative,
  kValueContradictsParts,
  kValueNotAllowed,
  kCorrectsItself,
  kPeriodNotTaken,
  kPeriodNotBegun,
  kIndicatorRetired,
  kUnknownScheme,
  kSchemeFault,
  kUnknownRef,
  // The item or the call is wrong.
  kInvalidRequest,
  kUnknownCouncil,
  kUnknownIndicator,
  kApplyIdReused,
  kRequestTooLarge,
  kFrameInvalid,
  kNotAMessage,
  kLogRebuilt,
  kPageTokenInvalid,
  kNothingRecorded,
  kDeadLetterNotFound,
  kDeadLetterUnreadable,
  kNewerInForce,
  kAcknowledgementsNotRead,
  kWatcherTooSlow,
  kNotAuthenticated,
  kNotPermitted,
  // Nobody's fault: the same again is safe.
  kQueueFull,
  kTooManyCalls,
  kTooFast,
  kBrokerUnavailable,
  kDefinitionsNotCurrent,
  kNotYetVisible,
  kViewNotReady,
  kServerDraining,
  kAccessChanged,
  // Ours.
  kTopicUnusable,
  kInternal,
};

struct ReasonInfo {
  Reason reason;
  std::string_view name;  // UPPER_SNAKE, at most 63 characters.
  ErrorClass error_class;
  absl::StatusCode code;  // With which a call fails for it.
  std::string_view sentence;
};

// All of them, in the order of the enumeration.
const std::vector<ReasonInfo>& AllReasons();
const ReasonInfo& InfoOf(Reason reason);
// Such as "UNKNOWN_INDICATOR".
std::string NameOf(Reason reason);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_REASONS_H_
