#include "services/query/figures.h"

#include <utility>

namespace bellwether::query {

bool HasFiguresBefore(const Indicator& indicator) {
  return indicator.predecessor != nullptr && rating::GoesOn(*indicator.definition, *indicator.predecessor->definition);
}

absl::StatusOr<Figures> FiguresOf(const Indicator& indicator, Effort* effort) {
  auto ledger = LedgerOf(indicator, effort);
  if (!ledger.ok()) return ledger.status();
  Figures figures{indicator.definition, *std::move(ledger), nullptr};
  if (!HasFiguresBefore(indicator)) return figures;
  const absl::StatusOr<Figures> before = FiguresOf(*indicator.predecessor, effort);
  if (!before.ok()) return before;
  if (absl::Status s = Join(*before, effort, &figures); !s.ok()) return s;
  return figures;
}

absl::StatusOr<Figures> FiguresBefore(const Indicator& indicator, absl::Time moment, Effort* effort) {
  absl::StatusOr<rating::Ledger> ledger = LedgerBefore(indicator, moment, effort);
  if (!ledger.ok()) return ledger.status();
  Figures figures{ledger->definition(), std::make_shared<const rating::Ledger>(*ledger), nullptr};
  if (indicator.predecessor == nullptr) return figures;
  const absl::StatusOr<Figures> before = FiguresBefore(*indicator.predecessor, moment, effort);
  if (!before.ok()) return before;
  if (absl::Status s = Join(*before, effort, &figures); !s.ok()) return s;
  return figures;
}

absl::Status Join(const Figures& before, Effort* effort, Figures* figures) {
  if (figures->definition == nullptr || before.definition == nullptr ||
      !rating::GoesOn(*figures->definition, *before.definition)) {
    return absl::OkStatus();
  }
  const rating::Subject own = figures->subject();
  const rating::Subject others = before.subject();
  if (!effort->Spend(Effort::kLabel, own.slots->size() + others.slots->size()) ||
      !effort->Spend(Effort::kItem, own.definition->earlier.size() + others.definition->earlier.size() + 2)) {
    return Effort::Ended();
  }
  figures->joined = std::make_shared<const rating::Series>(rating::Joined(own, others));
  return absl::OkStatus();
}

}  // namespace bellwether::query
