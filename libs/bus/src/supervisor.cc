#include "bellwether/bus/supervisor.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace bellwether::bus {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kLastPatience = absl::Seconds(1);  // While it stops.
constexpr absl::Duration kPause = absl::Seconds(1);
constexpr absl::Duration kIdle = absl::Milliseconds(50);

std::string WhyWaiting(AfterSession follows, const absl::Status& end) {
  switch (follows) {
    case AfterSession::kTryAgain:
      return absl::StrCat("the broker does not answer: ", end.message());
    case AfterSession::kForget:
    case AfterSession::kDoubt:
      return absl::StrCat("begins again: ", end.message());
    case AfterSession::kEndProcess:
      break;
  }
  return absl::StrCat("cannot go on: ", end.message());
}

}  // namespace

AfterSession WhatFollows(const absl::Status& end, bool doubted) {
  switch (end.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return AfterSession::kTryAgain;
    case absl::StatusCode::kAborted:
      return AfterSession::kForget;
    case absl::StatusCode::kDataLoss:
      return doubted ? AfterSession::kEndProcess : AfterSession::kDoubt;
    default:
      return AfterSession::kEndProcess;
  }
}

Supervisor::~Supervisor() {
  RequestStop(core::SteadyTime::Now() + kLastPatience);
  (void)Join();
}

void Supervisor::Start(SupervisedWork work) {
  work_ = std::move(work);
  thread_ = std::thread([this] { Run(); });
}

void Supervisor::ExpectStop() {
  const core::MutexLock lock(mutex_);
  expects_stop_ = true;
}

void Supervisor::RequestStop(core::SteadyTime by) {
  const core::MutexLock lock(mutex_);
  if (!stop_) stop_by_ = by;
  stop_ = expects_stop_ = true;
  if (session_ != nullptr) session_->RequestStop(stop_by_);
  changed_.NotifyAll();
}

absl::Status Supervisor::Join() {
  if (thread_.joinable()) thread_.join();
  const core::MutexLock lock(mutex_);
  return end_;
}

std::string Supervisor::NotReadyReason() const {
  const core::MutexLock lock(mutex_);
  if (expects_stop_) return "stopping";
  return session_ != nullptr ? session_->NotReadyReason() : waiting_;
}

absl::Duration Supervisor::patience() const {
  const core::MutexLock lock(mutex_);
  if (stop_) return absl::ZeroDuration();
  return expects_stop_ ? kLastPatience : kPatience;
}

bool Supervisor::Pause() {
  for (const core::SteadyTime until = core::SteadyTime::Now() + kPause; !until.over();) {
    work_.idle();
    const core::MutexLock lock(mutex_);
    const auto stopped = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; };
    if (changed_.WaitUntil(mutex_, core::SteadyTime::Now() + kIdle, stopped)) return false;
  }
  return true;
}

absl::Status Supervisor::RunSession() {
  absl::StatusOr<std::unique_ptr<BrokerSession>> session = work_.connect();
  if (!session.ok()) return session.status();
  {
    const core::MutexLock lock(mutex_);
    if (stop_) return absl::OkStatus();
    session_ = session->get();
  }
  absl::Status end = (*session)->Run();
  if ((*session)->caught_up()) doubted_ = false;
  if (end.ok()) end = absl::InternalError("the session ended, and nobody asked for it");
  const core::MutexLock lock(mutex_);
  session_ = nullptr;
  waiting_ = "between two sessions with the broker";
  return end;
}

void Supervisor::Run() {
  while (true) {
    const absl::Status end = RunSession();
    const AfterSession follows = WhatFollows(end, doubted_);
    const std::string why = WhyWaiting(follows, end);
    {
      const core::MutexLock lock(mutex_);
      if (stop_) return;
      waiting_ = why;
      if (follows == AfterSession::kEndProcess) end_ = end;
    }
    doubted_ = doubted_ || follows == AfterSession::kDoubt;
    if (follows != AfterSession::kEndProcess) {
      spdlog::warn("{}", why);
      work_.ended(follows);
      if (!Pause()) return;
      continue;
    }
    spdlog::error("cannot go on: {}", why);
    work_.ended(follows);
    work_.on_fatal();
    while (Pause()) {  // Whoever waits is still answered, until somebody stops the service.
    }
    return;
  }
}

}  // namespace bellwether::bus
