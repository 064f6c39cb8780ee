// Every method of the services, and what its caller must be allowed to do somewhere before anything of the call is
// read. What it may do where, is decided for each item. CMake compares the list with the protos: a method without an
// entry does not build.
#ifndef BELLWETHER_RPC_METHODS_H_
#define BELLWETHER_RPC_METHODS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bellwether/v1/access.pb.h"

namespace bellwether::rpc {

enum class Method : uint8_t {
  kApplyCatalogue,
  kRecordReadings,
  kStreamReadings,
  kWithdrawReading,
  kRecordComment,
  kListDeadLetters,
  kReplayDeadLetter,
  kGetReport,
  kListIndicators,
  kGetIndicator,
  kExplainScore,
  kListFindings,
  kLookUpReadings,
  kCheckReadings,
  kListChanges,
  kCheckCatalogue,
  kListDueReadings,
  kListReadings,
  kWatchReport,
  kWhoAmI,
};

struct MethodInfo {
  Method method;
  std::string_view path;
  std::optional<v1::Action> needs;  // Absent: nothing.
};

inline constexpr MethodInfo kMethods[] = {
    {Method::kApplyCatalogue, "bellwether.v1.IngestionService/ApplyCatalogue", v1::ACTION_DEFINE},
    {Method::kRecordReadings, "bellwether.v1.IngestionService/RecordReadings", v1::ACTION_RECORD},
    {Method::kStreamReadings, "bellwether.v1.IngestionService/StreamReadings", v1::ACTION_RECORD},
    {Method::kWithdrawReading, "bellwether.v1.IngestionService/WithdrawReading", v1::ACTION_WITHDRAW},
    {Method::kRecordComment, "bellwether.v1.IngestionService/RecordComment", v1::ACTION_COMMENT},
    {Method::kListDeadLetters, "bellwether.v1.IngestionService/ListDeadLetters", v1::ACTION_OPERATE},
    {Method::kReplayDeadLetter, "bellwether.v1.IngestionService/ReplayDeadLetter", v1::ACTION_OPERATE},
    {Method::kGetReport, "bellwether.v1.QueryService/GetReport", v1::ACTION_READ},
    {Method::kListIndicators, "bellwether.v1.QueryService/ListIndicators", v1::ACTION_READ},
    {Method::kGetIndicator, "bellwether.v1.QueryService/GetIndicator", v1::ACTION_READ},
    {Method::kExplainScore, "bellwether.v1.QueryService/ExplainScore", v1::ACTION_READ},
    {Method::kListFindings, "bellwether.v1.QueryService/ListFindings", v1::ACTION_READ},
    {Method::kLookUpReadings, "bellwether.v1.QueryService/LookUpReadings", v1::ACTION_READ},
    {Method::kCheckReadings, "bellwether.v1.QueryService/CheckReadings", v1::ACTION_READ},
    {Method::kListChanges, "bellwether.v1.QueryService/ListChanges", v1::ACTION_READ},
    {Method::kCheckCatalogue, "bellwether.v1.QueryService/CheckCatalogue", v1::ACTION_READ},
    {Method::kListDueReadings, "bellwether.v1.QueryService/ListDueReadings", v1::ACTION_READ},
    {Method::kListReadings, "bellwether.v1.QueryService/ListReadings", v1::ACTION_READ},
    {Method::kWatchReport, "bellwether.v1.QueryService/WatchReport", v1::ACTION_READ},
    {Method::kWhoAmI, "bellwether.v1.QueryService/WhoAmI", std::nullopt},
};

constexpr const MethodInfo& InfoOf(Method method) { return kMethods[static_cast<size_t>(method)]; }

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_METHODS_H_
