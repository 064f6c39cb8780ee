// QueryService's unary reads as JSON, by the Connect protocol: POST /bellwether.v1.QueryService/GetReport.
#ifndef BELLWETHER_SERVICES_WEB_CONNECT_H_
#define BELLWETHER_SERVICES_WEB_CONNECT_H_

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>

#include "services/web/http_server.h"
#include "services/web/query_client.h"

namespace bellwether::web {

// What stands before the method in a path.
inline constexpr char kConnectPath[] = "/bellwether.v1.QueryService/";

// The answer to a POST below kConnectPath: the method's answer as JSON (proto3's mapping), or Connect's error, with the
// reasons and the status codes that it has for gRPC's. Methods that stream are not here.
Response AnswerConnect(const ReaderCalls& query, const Request& request);

// The answer to a call that failed so.
Response ConnectError(const grpc::Status& status);

// A call as it was sent.
struct ConnectCall {
  std::string method;  // "/bellwether.v1.QueryService/GetReport".
  std::unique_ptr<google::protobuf::Message> input;
  std::unique_ptr<google::protobuf::Message> output;  // To be filled.
};
// Reads it. Absent: it is read. Else the answer that says what is wrong with it.
std::optional<Response> ReadConnect(const Request& request, ConnectCall* call);

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_CONNECT_H_
