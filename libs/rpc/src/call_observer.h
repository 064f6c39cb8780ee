// What every call leaves behind: metrics, a span, a line in the log; and the request id that its answer carries.
#ifndef BELLWETHER_RPC_SRC_CALL_OBSERVER_H_
#define BELLWETHER_RPC_SRC_CALL_OBSERVER_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>
#include <string_view>

namespace bellwether::rpc {

// For ServerBuilder. The handlers see the span's traceparent in the place of the caller's.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallObserver();

// Whether a caller's id may stand in an answer's header, in the log and in spans: 1 to 128 letters, digits and marks
// that mean nothing there. gRPC ends the process on a byte that metadata may not hold; another id is given in its
// place.
bool IsRequestId(std::string_view text);

// So that the calls of each method of a service, such as "bellwether.v1.QueryService", are counted from 0 on.
void MakeCallMetrics(const std::string& service);

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_SRC_CALL_OBSERVER_H_
