#include "services/query/service.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/v1/query_service.grpc.pb.h"
#include "services/query/answering.h"
#include "services/query/answers.h"
#include "services/query/errors.h"
#include "services/query/gate.h"
#include "services/query/worker.h"

namespace bellwether::query {
namespace {

using Context = grpc::CallbackServerContext;
using Unary = grpc::ServerUnaryReactor;

// A call that waits at the gate and then answers.
class UnaryCall : public Unary {
 public:
  UnaryCall(const Context& context, Answering* answering) : peer_(context.peer()), answering_(answering) {}

  void Start(Gate* gate, const std::vector<codec::Position>& positions, core::SteadyTime deadline,
             Answering::Answer answer) {
    auto ticket = gate->Wait(positions, deadline, [this, answer = std::move(answer)](Gate::Passage passage) {
      if (passage != Gate::Passage::kReached) return Finish(StatusOf(passage));
      answering_->Begin(
          peer_, answer, [this] { return gone_.load(); }, [this](const grpc::Status& s) { Finish(s); });
    });
    bool cancelled = false;
    {
      const core::MutexLock lock(mutex_);
      ticket_ = ticket;
      cancelled = cancelled_;
    }
    if (cancelled) ticket->Settle(Gate::Passage::kCancelled);
  }

  void OnDone() override { delete this; }

  void OnCancel() override {
    gone_ = true;  // An answer that is being worked out ends, and then the call.
    std::shared_ptr<Gate::Ticket> ticket;
    {
      const core::MutexLock lock(mutex_);
      cancelled_ = true;
      ticket = ticket_;
    }
    if (ticket != nullptr) ticket->Settle(Gate::Passage::kCancelled);
  }

 private:
  static grpc::Status StatusOf(Gate::Passage passage) {
    switch (passage) {
      case Gate::Passage::kTooLate:
        return ErrorOf(codec::Reason::kNotYetVisible,
                       "min_positions: the view has not reached them within the deadline; ask again");
      case Gate::Passage::kViewDropped:
        return ErrorOf(codec::Reason::kViewNotReady, "the view is being built anew: ask again");
      case Gate::Passage::kEnding:
        return ErrorOf(codec::Reason::kServerDraining, "the server is ending: ask another one");
      case Gate::Passage::kReached:
      case Gate::Passage::kCancelled:
        break;
    }
    return grpc::Status(grpc::StatusCode::CANCELLED, "the caller went away");
  }

  const std::string peer_;
  Answering* const answering_;
  std::atomic<bool> gone_{false};
  core::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Gate::Ticket> ticket_ ABSL_GUARDED_BY(mutex_);
};

template <typename Request>
grpc::Status Parse(const grpc::ByteBuffer& bytes, Request* request) {
  grpc::ByteBuffer copy(bytes);
  if (grpc::SerializationTraits<Request>::Deserialize(&copy, request).ok()) return grpc::Status::OK;
  return ErrorOf(codec::Reason::kInvalidRequest, absl::StrCat("the request is not a ", Request::descriptor()->name()));
}

// Ends with a status; waits for nothing.
class EndedWatch : public WatchHub::Reactor {
 public:
  explicit EndedWatch(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

using v1::QueryService;
template <typename Base>
using TypedCalls = QueryService::WithCallbackMethod_ListIndicators<
    QueryService::WithCallbackMethod_GetIndicator<QueryService::WithCallbackMethod_ExplainScore<
        QueryService::WithCallbackMethod_ListFindings<QueryService::WithCallbackMethod_LookUpReadings<
            QueryService::WithCallbackMethod_ListDueReadings<QueryService::WithCallbackMethod_ListReadings<Base>>>>>>>;
// Rows travel as bytes that are made once.
using AllCalls = TypedCalls<QueryService::WithRawCallbackMethod_GetReport<
    QueryService::WithRawCallbackMethod_WatchReport<QueryService::Service>>>;

}  // namespace

class Service::Handlers : public AllCalls {
 public:
  Handlers(const View* view, const core::Clock* clock, const ServiceOptions& options)
      : view_(view),
        options_(options),
        reports_(view),
        answers_(view, &reports_, clock),
        answering_(options.answering),
        worker_(std::make_unique<Worker>()),
        gate_(view, worker_.get(), &answering_),
        hub_(view, &answers_, &rows_, worker_.get(), options_.watch) {}
  // What these have to do touches the others.
  ~Handlers() override {
    answering_.Stop();
    hub_.Stop();
    worker_.reset();
  }

  void SetViewReady(bool ready) { view_ready_ = ready; }
  Gate& gate() { return gate_; }
  WatchHub& hub() { return hub_; }

  Unary* GetReport(Context* context, const grpc::ByteBuffer* bytes, grpc::ByteBuffer* response) override {
    auto* call = new UnaryCall(*context, &answering_);
    const auto request = std::make_shared<v1::GetReportRequest>();
    std::vector<codec::Position> positions;
    grpc::Status s = Parse(*bytes, request.get());
    if (s.ok()) s = TakePositions(*request, &positions);
    if (!s.ok()) {
      call->Finish(s);
      return call;
    }
    call->Start(&gate_, positions, WaitUntil(*context), [this, request, response](Effort* effort) {
      return answers_.GetReportBytes(*request, effort, response);
    });
    return call;
  }
  Unary* ListIndicators(Context* context, const v1::ListIndicatorsRequest* request,
                        v1::ListIndicatorsResponse* response) override {
    return Answer<&Answers::ListIndicators>(context, request, response);
  }
  Unary* GetIndicator(Context* context, const v1::GetIndicatorRequest* request,
                      v1::GetIndicatorResponse* response) override {
    return Answer<&Answers::GetIndicator>(context, request, response);
  }
  Unary* ExplainScore(Context* context, const v1::ExplainScoreRequest* request,
                      v1::ExplainScoreResponse* response) override {
    return Answer<&Answers::ExplainScore>(context, request, response);
  }
  Unary* ListFindings(Context* context, const v1::ListFindingsRequest* request,
                      v1::ListFindingsResponse* response) override {
    return Answer<&Answers::ListFindings>(context, request, response);
  }
  Unary* LookUpReadings(Context* context, const v1::LookUpReadingsRequest* request,
                        v1::LookUpReadingsResponse* response) override {
    return Answer<&Answers::LookUpReadings>(context, request, response);
  }
  Unary* ListDueReadings(Context* context, const v1::ListDueReadingsRequest* request,
                         v1::ListDueReadingsResponse* response) override {
    return Answer<&Answers::ListDueReadings>(context, request, response);
  }
  Unary* ListReadings(Context* context, const v1::ListReadingsRequest* request,
                      v1::ListReadingsResponse* response) override {
    return Answer<&Answers::ListReadings>(context, request, response);
  }

  WatchHub::Reactor* WatchReport(Context* context, const grpc::ByteBuffer* bytes) override {
    v1::WatchReportRequest request;
    if (const grpc::Status s = Parse(*bytes, &request); !s.ok()) return new EndedWatch(s);
    std::vector<codec::Position> positions;
    if (const grpc::Status s = TakePositions(request, &positions); !s.ok()) return new EndedWatch(s);
    return hub_.Begin(context, std::move(request), &gate_, positions, WaitUntil(*context));
  }

 private:
  template <auto kMethod, typename Request, typename Response>
  Unary* Answer(Context* context, const Request* request, Response* response) {
    auto* call = new UnaryCall(*context, &answering_);
    std::vector<codec::Position> positions;
    if (const grpc::Status s = TakePositions(*request, &positions); !s.ok()) {
      call->Finish(s);
      return call;
    }
    call->Start(&gate_, positions, WaitUntil(*context), [this, request, response](Effort* effort) {
      response->Clear();  // Of an attempt before it.
      return (answers_.*kMethod)(*request, effort, response);
    });
    return call;
  }

  // A little before the caller's own deadline, so that the answer still comes to it.
  core::SteadyTime WaitUntil(const Context& context) const {
    absl::Duration wait = options_.longest_wait;
    if (context.deadline() != std::chrono::system_clock::time_point::max()) {
      const absl::Duration left = core::LeftUntil(absl::FromChrono(context.deadline()));
      wait = std::min(wait, left - std::min(absl::Milliseconds(200), left / 5));
    }
    return core::SteadyTime::Now() + wait;
  }

  template <typename Request>
  grpc::Status TakePositions(const Request& request, std::vector<codec::Position>* positions) const {
    if (!view_ready_) {
      return ErrorOf(codec::Reason::kViewNotReady, "the view is being built from the scores topic: ask again");
    }
    const size_t partitions = view_->NextOffsets().size();
    RequestCheck check;
    for (int i = 0; i < request.min_positions_size(); ++i) {
      const codec::Position p = codec::FromProto(request.min_positions(i));
      const std::string path = absl::StrCat("min_positions[", i, "]");
      if (p.epoch != view_->epoch()) {
        return ErrorOf(codec::Reason::kLogRebuilt,
                       absl::StrCat(path, ": epoch ", p.epoch, " is not the log's, which is ", view_->epoch(),
                                    ": drop the position, and ask without it"));
      }
      if (p.partition < 0 || static_cast<size_t>(p.partition) >= partitions) {
        check.Add(path + ".partition",
                  absl::StrCat(p.partition, " is not one of 0 to ", static_cast<int64_t>(partitions) - 1));
      }
      if (p.offset < 0) check.Add(path + ".offset", absl::StrCat(p.offset, " is negative"));
      positions->push_back(p);
    }
    return check.ToStatus();
  }

  const View* const view_;
  const ServiceOptions options_;
  RowCache rows_;
  ReportCache reports_;
  const Answers answers_;
  Answering answering_;
  std::unique_ptr<Worker> worker_;
  Gate gate_;
  WatchHub hub_;
  std::atomic<bool> view_ready_{false};
};

Service::Service(const View* view, const core::Clock* clock, const ServiceOptions& options)
    : handlers_(std::make_unique<Handlers>(view, clock, options)) {}
Service::~Service() = default;

grpc::Service* Service::grpc_service() { return handlers_.get(); }
void Service::SetViewReady(bool ready) { handlers_->SetViewReady(ready); }
void Service::Changed(const core::IndicatorKey& key) { handlers_->hub().Changed(key); }
void Service::Advanced() { handlers_->gate().Advanced(); }
size_t Service::open_watches() const { return handlers_->hub().open(); }

void Service::DropView() {
  handlers_->SetViewReady(false);
  handlers_->gate().ViewDropped();
  handlers_->hub().EndAll(ErrorOf(codec::Reason::kViewNotReady, "the view is being built anew: watch again"),
                          /*resume=*/true);
}

void Service::Drain() {
  handlers_->gate().EndAll();
  handlers_->hub().EndAll(ErrorOf(codec::Reason::kServerDraining, "the server is ending: watch another one"),
                          /*resume=*/false);
}

}  // namespace bellwether::query
