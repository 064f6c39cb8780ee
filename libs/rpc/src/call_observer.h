// What every call leaves behind: metrics, a span, a line in the log; and the request id that its answer carries.
#ifndef BELLWETHER_RPC_SRC_CALL_OBSERVER_H_
#define BELLWETHER_RPC_SRC_CALL_OBSERVER_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>

namespace bellwether::rpc {

// For ServerBuilder. The handlers see the span's traceparent in the place of the caller's.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallObserver();

// So that the calls of each method of a service, such as "bellwether.v1.QueryService", are counted from 0 on.
void MakeCallMetrics(const std::string& service);

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_SRC_CALL_OBSERVER_H_
