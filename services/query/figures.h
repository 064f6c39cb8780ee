// What an indicator's figures are rated from: what its records amount to, and those of the indicators that it
// continues. An update's scores are those of its own indicator alone (docs/adr/2026-11-30-query-joins-predecessors.md).
#ifndef BELLWETHER_SERVICES_QUERY_FIGURES_H_
#define BELLWETHER_SERVICES_QUERY_FIGURES_H_

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/rating/predecessor.h"
#include "services/query/effort.h"
#include "services/query/indicator.h"

namespace bellwether::query {

struct Figures {
  std::shared_ptr<const rating::Definition> definition;  // Its own. Null: it is not defined.
  LedgerPtr ledger;                                      // Its own. Never null.
  std::shared_ptr<const rating::Series> joined;          // With those of the ones before. Null: none go on.

  // Points into this. There is a definition.
  rating::Subject subject() const {
    if (joined != nullptr) return joined->subject();
    return {definition.get(), ledger->definition_recorded(), &ledger->slots()};
  }
};

// Whether figures of the indicator's predecessor go on in it.
bool HasFiguresBefore(const Indicator& indicator);

// By the definitions in force. Error: that of LedgerOf.
absl::StatusOr<Figures> FiguresOf(const Indicator& indicator, Effort* effort);
// An indicator of the same council by its ref. Null: there is none.
using IndicatorFinder = std::function<const Indicator*(std::string_view ref)>;
// By another definition than the one in force. Error: the same.
absl::StatusOr<Figures> FiguresBy(std::shared_ptr<const rating::Definition> definition, LedgerPtr ledger,
                                  const IndicatorFinder& find, Effort* effort);
// As they stood before the moment, by the definitions of then, which may have named another one before. Error: the
// same.
absl::StatusOr<Figures> FiguresBefore(const Indicator& indicator, absl::Time moment, const IndicatorFinder& find,
                                      Effort* effort);
// Joins them with those of the predecessor, if they go on. Error: Cancelled, where the effort is over.
absl::Status Join(const Figures& before, Effort* effort, Figures* figures);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_FIGURES_H_
