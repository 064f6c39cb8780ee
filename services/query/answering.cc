#include "services/query/answering.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "services/query/errors.h"

namespace bellwether::query {
namespace {

int Cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace

Answering::Answering(const AnsweringOptions& options)
    : woken_(options.threads > 0 ? options.threads : Cores()),
      long_(options.threads > 0 ? options.threads : std::max(1, Cores() / 2),
            {options.waiting, options.waiting_of_caller}) {}

void Answering::Begin(const std::string& share, Answer answer, Effort::Cancelled cancelled, Done done) {
  Effort quick = Effort::Quick(cancelled);
  const grpc::Status status = answer(&quick);
  if (!quick.TooLong()) return done(status);
  const bool taken = long_.Post(share, [answer = std::move(answer), cancelled = std::move(cancelled), done] {
    Effort whole = Effort::Whole(cancelled);
    done(answer(&whole));
  });
  if (taken) return;
  done(ErrorOf(codec::Reason::kQueueFull, "too many questions that take long wait for their answers: ask again"));
}

void Answering::BeginElsewhere(std::function<void()> begin) { (void)woken_.Post("", std::move(begin)); }

void Answering::Stop() {
  woken_.Stop();
  long_.Stop();
}

}  // namespace bellwether::query
