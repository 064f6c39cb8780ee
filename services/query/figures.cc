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

absl::StatusOr<Figures> FiguresBy(std::shared_ptr<const rating::Definition> definition, LedgerPtr ledger,
                                  const IndicatorFinder& find, Effort* effort) {
  Figures figures{std::move(definition), std::move(ledger), nullptr};
  const Indicator* other = find(figures.definition->predecessor);
  if (other == nullptr || !rating::GoesOn(*figures.definition, *other->definition)) return figures;
  const absl::StatusOr<Figures> before = FiguresOf(*other, effort);
  if (!before.ok()) return before;
  if (absl::Status s = Join(*before, effort, &figures); !s.ok()) return s;
  return figures;
}

namespace {

absl::StatusOr<Figures> OwnBefore(const Indicator& indicator, absl::Time moment, Effort* effort) {
  absl::StatusOr<rating::Ledger> ledger = LedgerBefore(indicator, moment, effort);
  if (!ledger.ok()) return ledger.status();
  return Figures{ledger->definition(), std::make_shared<const rating::Ledger>(*ledger), nullptr};
}

absl::Status JoinBefore(absl::Time moment, const IndicatorFinder& find, Effort* effort, Figures* figures) {
  const Indicator* other = figures->definition == nullptr ? nullptr : find(figures->definition->predecessor);
  if (other == nullptr) return absl::OkStatus();
  absl::StatusOr<Figures> before = OwnBefore(*other, moment, effort);
  if (!before.ok()) return before.status();
  // Each begins before the next, so that no circle goes on.
  if (before->definition == nullptr || !rating::GoesOn(*figures->definition, *before->definition))
    return absl::OkStatus();
  if (absl::Status s = JoinBefore(moment, find, effort, &*before); !s.ok()) return s;
  return Join(*before, effort, figures);
}

}  // namespace

absl::StatusOr<Figures> FiguresBefore(const Indicator& indicator, absl::Time moment, const IndicatorFinder& find,
                                      Effort* effort) {
  absl::StatusOr<Figures> figures = OwnBefore(indicator, moment, effort);
  if (!figures.ok()) return figures;
  if (absl::Status s = JoinBefore(moment, find, effort, &*figures); !s.ok()) return s;
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
