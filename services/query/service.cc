#include "services/query/service.h"

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/rpc/call.h"
#include "bellwether/v1/query_service.grpc.pb.h"
#include "services/query/answering.h"
#include "services/query/answers.h"
#include "services/query/errors.h"
#include "services/query/gate.h"
#include "services/query/paging.h"
#include "services/query/worker.h"

namespace bellwether::query {
namespace {

using rpc::Call;
using rpc::Method;
using Context = Call::Context;
using Unary = grpc::ServerUnaryReactor;
using Bytes = grpc::ByteBuffer;

// What a call ends with that has not passed the gate.
grpc::Status StatusOf(Gate::Passage passage) {
  switch (passage) {
    case Gate::Passage::kTooLate:
      return ErrorOf(codec::Reason::kNotYetVisible,
                     "min_position: the view has not reached it within the deadline; ask again");
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

// Ends with a status; waits for nothing.
class EndedWatch : public WatchHub::Reactor {
 public:
  explicit EndedWatch(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

using v1::QueryService;
// Requests come as bytes: gRPC would say nothing of those that it cannot read. Rows go as bytes that are made once.
using AllCalls = QueryService::WithRawCallbackMethod_GetReport<QueryService::WithRawCallbackMethod_ListIndicators<
    QueryService::WithRawCallbackMethod_GetIndicator<QueryService::WithRawCallbackMethod_ExplainScore<
        QueryService::WithRawCallbackMethod_ListFindings<QueryService::WithRawCallbackMethod_LookUpReadings<
            QueryService::WithRawCallbackMethod_ListDueReadings<QueryService::WithRawCallbackMethod_ListReadings<
                QueryService::WithRawCallbackMethod_CheckReadings<QueryService::WithRawCallbackMethod_CheckCatalogue<
                    QueryService::WithRawCallbackMethod_ListChanges<QueryService::WithRawCallbackMethod_WatchReport<
                        QueryService::WithRawCallbackMethod_WhoAmI<QueryService::Service>>>>>>>>>>>>>;

}  // namespace

class Service::Handlers : public AllCalls {
 public:
  Handlers(const View* view, const core::Clock* clock, rpc::Door* door, const ServiceOptions& options)
      : view_(view),
        door_(door),
        options_(options),
        answers_(clock),
        answering_(options.answering),
        worker_(std::make_unique<Worker>()),
        gate_(view, worker_.get(), &answering_),
        hub_(view, &answers_, door, worker_.get(), options_.watch) {}
  // What these have to do touches the others.
  ~Handlers() override {
    answering_.Stop();
    hub_.Stop();
    worker_.reset();
  }

  void SetViewReady(bool ready) { view_ready_ = ready; }
  Gate& gate() { return gate_; }
  WatchHub& hub() { return hub_; }

  Unary* GetReport(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer<v1::GetReportRequest>(
        context, *bytes, answer, Method::kGetReport,
        [this](const Sight& sight, const v1::GetReportRequest& request, Effort* effort, Bytes* made) {
          return answers_.GetReport(sight, request, effort, made);
        });
  }
  Unary* ListIndicators(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kListIndicators, &Answers::ListIndicators);
  }
  Unary* GetIndicator(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kGetIndicator, &Answers::GetIndicator);
  }
  Unary* ExplainScore(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kExplainScore, &Answers::ExplainScore);
  }
  Unary* ListFindings(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kListFindings, &Answers::ListFindings);
  }
  Unary* LookUpReadings(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kLookUpReadings, &Answers::LookUpReadings);
  }
  Unary* ListDueReadings(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kListDueReadings, &Answers::ListDueReadings);
  }
  Unary* CheckReadings(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kCheckReadings, &Answers::CheckReadings);
  }
  Unary* ListChanges(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kListChanges, &Answers::ListChanges);
  }
  Unary* CheckCatalogue(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kCheckCatalogue, &Answers::CheckCatalogue);
  }
  Unary* ListReadings(Context* context, const Bytes* bytes, Bytes* answer) override {
    return Answer(context, *bytes, answer, Method::kListReadings, &Answers::ListReadings);
  }

  // Of the caller alone: it waits for nothing.
  Unary* WhoAmI(Context* context, const Bytes* bytes, Bytes* answer) override {
    const auto call = std::make_shared<Call>(context, answer, nullptr, options_.longest_wait, *door_, Method::kWhoAmI);
    call->Begin();
    v1::WhoAmIRequest request;
    if (const grpc::Status s = call->Read(*bytes, &request); !s.ok()) {
      call->End(s);
      return call.get();
    }
    v1::WhoAmIResponse response;
    response.set_principal(call->caller().name());
    for (std::string& right : call->caller().RightsInWords()) response.add_rights(std::move(right));
    response.set_contact(call->caller().contact());
    for (std::string& limit : call->caller().LimitsInWords()) response.add_limits(std::move(limit));
    call->EndWithBytes(rpc::BytesOf(response));
    return call.get();
  }

  WatchHub::Reactor* WatchReport(Context* context, const grpc::ByteBuffer* bytes) override {
    const rpc::Door::Entry entry = door_->LetIn(*context, rpc::Method::kWatchReport);
    if (!entry.status.ok()) return new EndedWatch(entry.status);
    std::optional<rpc::Slots::Taken> memory = rpc::TakeMemory(*bytes, entry.caller.share());
    if (!memory.has_value()) return new EndedWatch(rpc::TooManyCalls());
    v1::WatchReportRequest request;
    if (const grpc::Status s = rpc::ReadRequest(*bytes, &request); !s.ok()) return new EndedWatch(s);
    std::vector<codec::Position> positions;
    if (const grpc::Status s = TakePositions(request, &positions); !s.ok()) return new EndedWatch(s);
    return hub_.Begin(context, entry.caller, std::move(request), *std::move(memory), &gate_, positions,
                      rpc::AnswerBy(*context, options_.longest_wait));
  }

 private:
  template <typename Request, typename Response>
  Unary* Answer(Context* context, const Bytes& bytes, Bytes* answer, Method method,
                grpc::Status (Answers::*make)(const Sight&, const Request&, Effort*, Response*) const) {
    return Answer<Request>(context, bytes, answer, method,
                           [this, make](const Sight& sight, const Request& request, Effort* effort, Bytes* made) {
                             Response response;
                             grpc::Status answered = (answers_.*make)(sight, request, effort, &response);
                             if (answered.ok()) *made = rpc::BytesOf(response);
                             return answered;
                           });
  }

  // A call that waits at the gate and is then answered with what `make` makes.
  template <typename Request, typename Make>
  Unary* Answer(Context* context, const Bytes& bytes, Bytes* answer, Method method, Make make) {
    const auto call = std::make_shared<Call>(context, answer, nullptr, options_.longest_wait, *door_, method);
    call->Begin();
    const auto request = std::make_shared<Request>();
    const auto made = std::make_shared<Bytes>();
    std::vector<codec::Position> positions;
    grpc::Status s = call->Read(bytes, request.get());
    if (s.ok()) s = TakePositions(*request, &positions);
    if (!s.ok()) {
      call->End(s);
      return call.get();
    }
    const auto ticket =
        gate_.Wait(positions, call->deadline(), [this, call, request, made, make](Gate::Passage passage) {
          if (passage != Gate::Passage::kReached) return call->End(StatusOf(passage));
          answering_.Begin(
              call->caller().share(),
              [request, made, make, sight = Sight(view_, call->caller(), answers_.clock())](Effort* effort) {
                return make(sight, *request, effort, made.get());
              },
              [call] { return !call->IsWanted(); },
              [call, made](const grpc::Status& status) {
                if (!status.ok()) return call->End(status);
                call->EndWithBytes(*made);
              });
        });
    call->WhenCancelled([ticket] { ticket->Settle(Gate::Passage::kCancelled); });
    return call.get();
  }

  // What the view must have seen before the request is answered: what it asks for, and what its page before was made
  // from.
  template <typename Request>
  grpc::Status TakePositions(const Request& request, std::vector<codec::Position>* positions) const {
    if (!view_ready_) {
      return ErrorOf(codec::Reason::kViewNotReady, "the view is being built from the scores topic: ask again");
    }
    if constexpr (requires { request.min_position(); }) {
      const int32_t own = view_->PartitionOf([&]() -> const std::string& {
        if constexpr (requires { request.catalogue(); }) {
          return request.catalogue().council();
        } else {
          return request.council();
        }
      }());
      if (request.has_min_position()) {
        const grpc::Status s =
            TakePosition("min_position", codec::FromProto(request.min_position()), own, own, positions);
        if (!s.ok()) return s;
      }
      if constexpr (requires { request.page_token(); }) {
        if (const auto position = Page::PositionIn(request.page_token()); position && position->partition == own) {
          return TakePosition("page_token", *position, own, own, positions);
        }
      }
    } else {
      const auto partitions = static_cast<int32_t>(view_->NextOffsets().size());
      for (int i = 0; i < request.min_positions_size(); ++i) {
        const grpc::Status s = TakePosition(absl::StrCat("min_positions[", i, "]"),
                                            codec::FromProto(request.min_positions(i)), 0, partitions - 1, positions);
        if (!s.ok()) return s;
      }
    }
    return grpc::Status::OK;
  }

  // `first` to `last`: the partitions that it may be of.
  grpc::Status TakePosition(const std::string& field, const codec::Position& position, int32_t first, int32_t last,
                            std::vector<codec::Position>* positions) const {
    if (position.epoch != view_->epoch()) {
      return ErrorOf(codec::Reason::kLogRebuilt,
                     absl::StrCat(field, ": epoch ", position.epoch, " is not the log's, which is ", view_->epoch(),
                                  ": drop it, and ask without it"));
    }
    RequestCheck check;
    if (position.partition < first || position.partition > last) {
      check.Add(field + ".partition",
                first == last ? absl::StrCat(position.partition, " is not the council's, which is ", first,
                                             ": give a position of a write or an answer of the same council")
                              : absl::StrCat(position.partition, " is not one of ", first, " to ", last));
    }
    if (position.offset < 0) check.Add(field + ".offset", absl::StrCat(position.offset, " is negative"));
    positions->push_back(position);
    return check.ToStatus();
  }

  const View* const view_;
  rpc::Door* const door_;
  const ServiceOptions options_;
  const Answers answers_;
  Answering answering_;
  std::unique_ptr<Worker> worker_;
  Gate gate_;
  WatchHub hub_;
  std::atomic<bool> view_ready_{false};
};

Service::Service(const View* view, const core::Clock* clock, rpc::Door* door, const ServiceOptions& options)
    : handlers_(std::make_unique<Handlers>(view, clock, door, options)) {}
Service::~Service() = default;

grpc::Service* Service::grpc_service() { return handlers_.get(); }
void Service::SetViewReady(bool ready) { handlers_->SetViewReady(ready); }
void Service::Changed(const core::IndicatorKey& key) { handlers_->hub().Changed(key); }
void Service::Advanced() { handlers_->gate().Advanced(); }
size_t Service::open_watches() const { return handlers_->hub().open(); }
int64_t Service::watch_slots_taken() const { return handlers_->hub().slots().taken(); }

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
