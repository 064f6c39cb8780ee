#include "bellwether/codec/reasons.h"

namespace bellwether::codec {
namespace {

using enum Reason;
constexpr ErrorClass kCaller = ErrorClass::kCaller;
constexpr ErrorClass kTryAgain = ErrorClass::kTryAgain;
constexpr ErrorClass kService = ErrorClass::kService;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kExhausted = absl::StatusCode::kResourceExhausted;
constexpr absl::StatusCode kUnavailable = absl::StatusCode::kUnavailable;
constexpr absl::StatusCode kStranger = absl::StatusCode::kUnauthenticated;
constexpr absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
constexpr absl::StatusCode kDeadline = absl::StatusCode::kDeadlineExceeded;
constexpr absl::StatusCode kInternalCode = absl::StatusCode::kInternal;

}  // namespace

const std::vector<ReasonInfo>& AllReasons() {
  static const auto* const reasons = new std::vector<ReasonInfo>{
      {kRequired, "REQUIRED", kCaller, kInvalid, "A field that must be set is not."},
      {kInvalidId, "INVALID_ID", kCaller, kInvalid, "A council, ref or id is not written as such names are."},
      {kNotANumber, "NOT_A_NUMBER", kCaller, kInvalid, "A figure is not digits with an optional minus and point."},
      {kTooManyDigits, "TOO_MANY_DIGITS", kCaller, kInvalid,
       "A figure has more than 18 digits, or more than 9 after the point."},
      {kNotAPeriod, "NOT_A_PERIOD", kCaller, kInvalid, "A text is not a period of the calendar, 1990 to 2099."},
      {kNotADate, "NOT_A_DATE", kCaller, kInvalid, "A text is not a day like 2022-02-28."},
      {kUnknownCode, "UNKNOWN_CODE", kCaller, kInvalid, "A code is not one of those that the field takes."},
      {kTextTooLong, "TEXT_TOO_LONG", kCaller, kInvalid, "A text is longer than its limit."},
      {kTextNotAllowed, "TEXT_NOT_ALLOWED", kCaller, kInvalid, "A text is not UTF-8, or holds control characters."},
      {kTooMany, "TOO_MANY", kCaller, kInvalid, "A list is longer than its limit."},
      {kDuplicate, "DUPLICATE", kCaller, kInvalid, "Two entries of a list that must differ are alike."},
      {kOutOfRange, "OUT_OF_RANGE", kCaller, kInvalid, "A setting is outside the range that it may have."},
      {kContradiction, "CONTRADICTION", kCaller, kInvalid, "Two fields contradict one another."},
      {kDenominatorZero, "DENOMINATOR_ZERO", kCaller, kInvalid, "The denominator is zero and the numerator is not."},
      {kNegative, "NEGATIVE", kCaller, kInvalid, "A figure that cannot be negative is."},
      {kValueContradictsParts, "VALUE_CONTRADICTS_PARTS", kCaller, kInvalid,
       "A ratio's value is not its numerator over its denominator, rounded to the value's own places."},
      {kValueNotAllowed, "VALUE_NOT_ALLOWED", kCaller, kInvalid,
       "A value is outside the range that the indicator's definition states."},
      {kCorrectsItself, "CORRECTS_ITSELF", kCaller, kInvalid, "A reading names itself as the one that it corrects."},
      {kPeriodNotTaken, "PERIOD_NOT_TAKEN", kCaller, kInvalid, "The indicator has no figures of such periods."},
      {kPeriodNotBegun, "PERIOD_NOT_BEGUN", kCaller, kInvalid, "The period has not begun yet (Europe/London)."},
      {kIndicatorRetired, "INDICATOR_RETIRED", kCaller, kInvalid, "The indicator was retired before the period."},
      {kUnknownScheme, "UNKNOWN_SCHEME", kCaller, kInvalid, "The catalogue has no scheme of that id."},
      {kSchemeFault, "SCHEME_FAULT", kCaller, kInvalid,
       "A scheme's rules do not hold together: a status that can never be given, or a case that no rule covers."},
      {kUnknownRef, "UNKNOWN_REF", kCaller, kInvalid,
       "A definition names a ref that is neither in the catalogue nor defined already."},
      {kInvalidRequest, "INVALID_REQUEST", kCaller, kInvalid, "One or more fields are wrong; BadRequest lists them."},
      {kUnknownCouncil, "UNKNOWN_COUNCIL", kCaller, kNotFound, "The council has no indicators."},
      {kUnknownIndicator, "UNKNOWN_INDICATOR", kCaller, kNotFound, "The council has no indicator of that ref."},
      {kApplyIdReused, "APPLY_ID_REUSED", kCaller, kInvalid,
       "The apply id was used before for another definition of the same indicator."},
      {kRequestTooLarge, "REQUEST_TOO_LARGE", kCaller, kExhausted,
       "The request is larger than 1 MiB, or its record larger than the topic takes."},
      {kFrameInvalid, "FRAME_INVALID", kCaller, kInvalid, "A frame holds no reading, or more than 500."},
      {kNotAMessage, "NOT_A_MESSAGE", kCaller, kInvalid,
       "The bytes of a request, frame or item are not such a message: serialise it with the published .proto files."},
      {kLogRebuilt, "LOG_REBUILT", kCaller, kPrecondition,
       "The position belongs to another epoch of the log: drop it and ask without."},
      {kPageTokenInvalid, "PAGE_TOKEN_INVALID", kCaller, kInvalid,
       "The page token is not from the answer to the same request: begin at the first page."},
      {kNothingRecorded, "NOTHING_RECORDED", kCaller, kNotFound, "There is no reading to answer from."},
      {kDeadLetterNotFound, "DEAD_LETTER_NOT_FOUND", kCaller, kNotFound,
       "The record at that position is no dead letter, or one that is no longer kept."},
      {kDeadLetterUnreadable, "DEAD_LETTER_UNREADABLE", kCaller, kPrecondition,
       "The dead letter still cannot be read: its source has to send it again, as it should be."},
      {kNewerInForce, "NEWER_IN_FORCE", kCaller, kPrecondition,
       "The replay would replace what was recorded after the dead letter: say supersede if that is meant."},
      {kAcknowledgementsNotRead, "ACKNOWLEDGEMENTS_NOT_READ", kCaller, kExhausted,
       "The stream's acknowledgements were not read for too long: read them, and send again what has none."},
      {kWatcherTooSlow, "WATCHER_TOO_SLOW", kCaller, kExhausted,
       "The watch's messages were not read for too long: watch again."},
      {kNotAuthenticated, "NOT_AUTHENTICATED", kCaller, kStranger,
       "Who calls is not shown, or what shows it is wrong or over: show a certificate, a token or a key that is "
       "known."},
      {kNotPermitted, "NOT_PERMITTED", kCaller, kDenied,
       "The caller may not do this there; the message says what it lacks, and whom to ask."},
      {kQueueFull, "QUEUE_FULL", kTryAgain, kExhausted,
       "More waits than may (records for the broker, questions that take long): nothing was done; the same again, "
       "with the same ids, is safe."},
      {kTooManyCalls, "TOO_MANY_CALLS", kTryAgain, kExhausted,
       "The caller, or all callers together, have as many calls under way as may be: nothing was done; send it again."},
      {kTooFast, "TOO_FAST", kTryAgain, kExhausted,
       "The caller has sent more in the last seconds than it may: nothing was done; send it again, more slowly."},
      {kBrokerUnavailable, "BROKER_UNAVAILABLE", kTryAgain, kUnavailable,
       "The broker did not confirm the record in time: it may be recorded or not; sending the same again, with the "
       "same "
       "ids, is safe."},
      {kDefinitionsNotCurrent, "DEFINITIONS_NOT_CURRENT", kTryAgain, kUnavailable,
       "The service could not read the newest definitions in time: nothing was refused; send the same again."},
      {kNotYetVisible, "NOT_YET_VISIBLE", kTryAgain, kDeadline,
       "The view has not reached the positions asked for within the deadline: ask again."},
      {kViewNotReady, "VIEW_NOT_READY", kTryAgain, kUnavailable, "The view is being built: ask again."},
      {kServerDraining, "SERVER_DRAINING", kTryAgain, kUnavailable,
       "The server is ending and has answered for all that it took: go on at another one."},
      {kAccessChanged, "ACCESS_CHANGED", kTryAgain, kUnavailable,
       "What the caller may do was changed while the call lasted: call again."},
      {kTopicUnusable, "TOPIC_UNUSABLE", kService, kInternalCode,
       "The broker refuses the topic: an operator has to look."},
      {kInternal, "INTERNAL", kService, kInternalCode, "The service failed; its log says why."},
  };
  return *reasons;
}

const ReasonInfo& InfoOf(Reason reason) { return AllReasons()[static_cast<size_t>(reason)]; }

std::string NameOf(Reason reason) { return std::string(InfoOf(reason).name); }

}  // namespace bellwether::codec
