// Every limit that callers can meet, in one place (docs/integrating.md lists the same, by name and in the same order,
// by test).
#ifndef BELLWETHER_CORE_LIMITS_H_
#define BELLWETHER_CORE_LIMITS_H_

namespace bellwether::core::limits {

// Texts are counted in characters (Unicode code points).
inline constexpr int kCommentCharacters = 10'000;
inline constexpr int kDescriptionCharacters = 2'000;
inline constexpr int kNoteCharacters = 2'000;
inline constexpr int kNotes = 20;
inline constexpr int kNameCharacters = 200;    // Directorate, service, scheme name, key commitment, wording.
inline constexpr int kReasonCharacters = 500;  // Reasons of withdrawals; geography.
// Each may stand in every score twelve months on: all of them together must fit into an update.
inline constexpr int kNotAvailableReasonCharacters = 250;
inline constexpr int kIdCharacters = 128;    // Record ids and sources.
inline constexpr int kArrowCharacters = 16;  // As published; a scheme's own has at most 8.
inline constexpr int kPublishedStatusCharacters = 60;
inline constexpr int kAlternateRefs = 10;
inline constexpr int kAlternateRefCharacters = 64;
inline constexpr int kUnitCharacters = 64;
inline constexpr int kComparatorCharacters = 300;       // Of a benchmark.
inline constexpr int kBenchmarkPeriodCharacters = 100;  // As published.
inline constexpr int kReportingLagPeriods = 24;
inline constexpr int kDaysUntilDue = 400;
inline constexpr int kTargets = 100;         // Of one indicator.
inline constexpr int kProfilePoints = 600;   // Of one target.
inline constexpr int kChecks = 20;           // Of one indicator.
inline constexpr int kBreaks = 50;           // Of one indicator.
inline constexpr int kEarlierWordings = 20;  // Of one definition.
inline constexpr int kSchemeIdCharacters = 64;
inline constexpr int kStatuses = 20;  // Of one scheme.
inline constexpr int kStatusIdCharacters = 32;
inline constexpr int kStatusLabelCharacters = 60;
inline constexpr int kStatusMeaningCharacters = 300;
inline constexpr int kShapeCharacters = 1;
inline constexpr int kDirectionRules = 50;  // Of one scheme.
inline constexpr int kSchemeArrowCharacters = 8;
inline constexpr int kSynonyms = 20;           // Of one status or direction rule.
inline constexpr int kPeriods = 600;           // Of one indicator.
inline constexpr int kReadingsPerFrame = 500;  // And per batch.
inline constexpr int kLookUpKeys = 500;
inline constexpr int kOccurrencesTold = 100;   // Of one key looked up: the newest.
inline constexpr int kScoreChangesTold = 500;  // Of one catalogue checked.
inline constexpr int kIndicatorsPerCatalogue = 1'000;
inline constexpr int kSchemesPerCatalogue = 50;
inline constexpr int kScopedSchemesPerCatalogue = 200;
inline constexpr int kRequestBytes = 1 << 20;            // Of one request or frame.
inline constexpr int kRequestIdCharacters = 128;         // Of the header x-request-id.
inline constexpr int kRequestMemoryBytes = 32 << 20;     // That one request may take once it is read.
inline constexpr int kRequestsMemoryBytes = 192 << 20;   // That the requests under way may take, of one server.
inline constexpr int kBufferedBytes = 128 << 20;         // Of requests that are not whole, of one server.
inline constexpr int kBufferedBytesOfQuery = 512 << 20;  // The same of query, which has more memory.
inline constexpr int kPageBytes = 3 << 20;      // Of a page or history: clients take 4 MiB unless they say otherwise.
inline constexpr int kUpdateBytes = 8 << 20;    // Of one update.
inline constexpr int kViolationsTold = 50;      // Of one call's error: trailers hold only 8 KiB.
inline constexpr int kConnections = 4'000;      // Of one server, and no more than a third of its descriptors.
inline constexpr int kCallsOfConnection = 256;  // Under way; what a client's library is told to keep to.
inline constexpr int kCallsOfServer = 2'500;    // Under way.
inline constexpr int kReadingStreams = 128;     // Open, of one server.
inline constexpr int kWatches = 2'000;          // Open, of one server.
inline constexpr int kPercentOfHost = 75;  // Of a server's calls, streams, watches and memory: others have the rest.
inline constexpr int kReaderBytes = 256;   // Of the name of who reads the pages, and of each of its groups.
inline constexpr int kReaderGroups = 200;  // Of who reads the pages.

}  // namespace bellwether::core::limits

#endif  // BELLWETHER_CORE_LIMITS_H_
