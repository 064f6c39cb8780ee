#include "services/query/gate.h"

#include <algorithm>

#include "bellwether/core/mutex.h"

namespace bellwether::query {
namespace {

constexpr size_t kFirstSweep = 64;

}  // namespace

bool Gate::Reaches(const std::vector<int64_t>& next, const Wanted& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& of) {
    return static_cast<size_t>(of.first) < next.size() && next[static_cast<size_t>(of.first)] > of.second;
  });
}

std::shared_ptr<Gate::Ticket> Gate::Wait(const std::vector<codec::Position>& positions, core::SteadyTime deadline,
                                         Resume resume) {
  auto ticket = std::make_shared<Ticket>(std::move(resume));
  Wanted wanted;
  for (const codec::Position& position : positions) {
    int64_t& offset = wanted.try_emplace(position.partition, position.offset).first->second;
    offset = std::max(offset, position.offset);
  }
  if (wanted.empty() || Reaches(view_->NextOffsets(), wanted)) {
    ticket->Settle(Passage::kReached);
    return ticket;
  }
  bool ending = false;
  {
    const core::MutexLock lock(mutex_);
    ending = ending_;
    if (!ending) {
      parked_.emplace(deadline, Parked{std::move(wanted), ticket});
      if (parked_.size() >= std::max(sweep_at_, kFirstSweep)) {
        std::erase_if(parked_, [](const auto& parked) { return parked.second.ticket->settled(); });
        sweep_at_ = 2 * parked_.size();
      }
      Arm();
    }
  }
  if (ending) {
    ticket->Settle(Passage::kEnding);
    return ticket;
  }
  anyone_ = true;
  Advanced();  // It may have come there before it was parked.
  return ticket;
}

void Gate::Arm() {
  if (parked_.empty() || parked_.begin()->first >= armed_) return;
  armed_ = parked_.begin()->first;
  worker_->PostAt(armed_, [this] {
    {
      const core::MutexLock lock(mutex_);
      armed_ = core::SteadyTime::InfiniteFuture();
    }
    Check();
  });
}

void Gate::Advanced() {
  if (!anyone_ || posted_.exchange(true)) return;
  worker_->Post([this] {
    posted_ = false;
    Check();
  });
}

void Gate::Check() {
  const std::vector<int64_t> next = view_->NextOffsets();
  const core::SteadyTime now = core::SteadyTime::Now();
  std::vector<std::pair<std::shared_ptr<Ticket>, Passage>> over;
  {
    const core::MutexLock lock(mutex_);
    std::erase_if(parked_, [&](const auto& entry) {
      const auto& [until, parked] = entry;
      if (parked.ticket->settled()) return true;
      const bool reached = Reaches(next, parked.wanted);
      if (!reached && until > now) return false;
      over.emplace_back(parked.ticket, reached ? Passage::kReached : Passage::kTooLate);
      return true;
    });
    anyone_ = !parked_.empty();
    Arm();
  }
  for (const auto& [ticket, passage] : over) {
    if (passage == Passage::kReached) {
      answering_->BeginElsewhere([ticket = ticket] { ticket->Settle(Passage::kReached); });
    } else {
      ticket->Settle(passage);
    }
  }
}

void Gate::ViewDropped() {
  ParkedCalls parked;
  {
    const core::MutexLock lock(mutex_);
    parked.swap(parked_);
  }
  for (const auto& [until, p] : parked) p.ticket->Settle(Passage::kViewDropped);
}

void Gate::EndAll() {
  ParkedCalls parked;
  {
    const core::MutexLock lock(mutex_);
    ending_ = true;
    parked.swap(parked_);
  }
  for (const auto& [until, p] : parked) p.ticket->Settle(Passage::kEnding);
}

size_t Gate::parked() const {
  const core::MutexLock lock(mutex_);
  return parked_.size();
}

}  // namespace bellwether::query
