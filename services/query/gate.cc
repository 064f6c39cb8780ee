#include "services/query/gate.h"

#include <algorithm>
#include <utility>

namespace bellwether::query {
namespace {

bool Reaches(const std::vector<int64_t>& next, const std::vector<codec::Position>& positions) {
  return std::all_of(positions.begin(), positions.end(), [&](const codec::Position& p) {
    return static_cast<size_t>(p.partition) < next.size() && next[static_cast<size_t>(p.partition)] > p.offset;
  });
}

}  // namespace

bool Gate::IsReached(const std::vector<codec::Position>& positions) const {
  return positions.empty() || Reaches(view_->NextOffsets(), positions);
}

std::shared_ptr<Gate::Ticket> Gate::Wait(const std::vector<codec::Position>& positions, core::SteadyTime deadline,
                                         Resume resume) {
  auto ticket = std::make_shared<Ticket>(std::move(resume));
  if (IsReached(positions)) {
    ticket->Settle(Passage::kReached);
    return ticket;
  }
  bool ending = false;
  {
    const absl::MutexLock lock(&mutex_);
    ending = ending_;
    if (!ending) parked_.push_back({positions, ticket});
  }
  if (ending) {
    ticket->Settle(Passage::kEnding);
    return ticket;
  }
  anyone_ = true;
  worker_->PostAt(deadline, [this, ticket] {
    if (ticket->settled()) return;
    ticket->Settle(Passage::kTooLate);
    Check();  // Forgets it.
  });
  Advanced();  // It may have come there before it was parked.
  return ticket;
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
  std::vector<std::shared_ptr<Ticket>> reached;
  {
    const absl::MutexLock lock(&mutex_);
    std::erase_if(parked_, [&](const Parked& parked) {
      if (parked.ticket->settled()) return true;
      if (!Reaches(next, parked.positions)) return false;
      reached.push_back(parked.ticket);
      return true;
    });
    anyone_ = !parked_.empty();
  }
  for (const auto& ticket : reached) ticket->Settle(Passage::kReached);
}

void Gate::ViewDropped() {
  std::vector<Parked> parked;
  {
    const absl::MutexLock lock(&mutex_);
    parked.swap(parked_);
  }
  for (const Parked& p : parked) p.ticket->Settle(Passage::kViewDropped);
}

void Gate::EndAll() {
  std::vector<Parked> parked;
  {
    const absl::MutexLock lock(&mutex_);
    ending_ = true;
    parked.swap(parked_);
  }
  for (const Parked& p : parked) p.ticket->Settle(Passage::kEnding);
}

}  // namespace bellwether::query
