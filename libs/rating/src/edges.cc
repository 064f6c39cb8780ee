// How far a figure is from where its status would change.
#include <algorithm>

#include "bellwether/rating/evaluate.h"
#include "target.h"

namespace bellwether::rating {
namespace {

// Asks for the status of figures near the cell's.
class Neighbourhood {
 public:
  explicit Neighbourhood(const CellEvaluation& cell) : definition_(*cell.definition), cell_(cell) {
    // A status can only change where a bound lies, on either side of the target.
    for (const Status& status : definition_.scheme->statuses) {
      for (const StatusCondition& condition : status.any_of) {
        if (const auto* bound = std::get_if<ShortfallBound>(&condition)) AddPlaces(*bound);
      }
    }
    std::sort(places_.begin(), places_.end());
    places_.erase(std::unique(places_.begin(), places_.end()), places_.end());
  }

  // The nearest edge, going up (1) or down (-1).
  std::optional<Edge> Nearest(int way) const {
    const int here = cell_.status_index;
    const int count = static_cast<int>(places_.size());
    for (int n = 0; n < count; ++n) {
      const size_t i = static_cast<size_t>(way > 0 ? n : count - 1 - n);
      const core::Rational& place = places_[i];
      if (way > 0 ? place < *cell_.compared : place > *cell_.compared) continue;
      if (const int at = StatusAt(place); at != here) return MakeEdge(place, at, /*inside=*/false);
      const bool last = n + 1 == count;
      const core::Rational beyond =
          last ? place + core::Rational(way) : (place + places_[way > 0 ? i + 1 : i - 1]) / core::Rational(2);
      if (const int after = StatusAt(beyond); after != here) return MakeEdge(place, after, /*inside=*/true);
    }
    return std::nullopt;
  }

 private:
  void AddPlaces(const ShortfallBound& bound) {
    const TargetInForce& target = *cell_.target;
    const bool low_is_worse = definition_.polarity != Polarity::kLower;
    const bool high_is_worse = definition_.polarity != Polarity::kHigher;
    if (low_is_worse && target.low) {
      const core::Rational below = *target.low - core::Rational(1);
      places_.push_back(*target.low - LimitOf(bound, definition_.polarity, target, below));
    }
    if (high_is_worse && target.high) {
      const core::Rational above = *target.high + core::Rational(1);
      places_.push_back(*target.high + LimitOf(bound, definition_.polarity, target, above));
    }
  }

  int StatusAt(const core::Rational& figure) const {
    const core::Rational shortfall = ShortfallOf(definition_.polarity, *cell_.target, figure);
    return StatusOfFigure(*definition_.scheme, definition_.polarity, *cell_.target, figure, shortfall).status;
  }

  Edge MakeEdge(const core::Rational& at, int status, bool inside) const {
    Edge edge;
    edge.at = at;
    edge.distance = at - *cell_.compared;
    edge.status_beyond = status < 0 ? std::string(StateWord(CellState::kNotRated))
                                    : definition_.scheme->statuses[static_cast<size_t>(status)].id;
    edge.inside = inside;
    return edge;
  }

  const Definition& definition_;
  const CellEvaluation& cell_;
  std::vector<core::Rational> places_;  // Ascending.
};

}  // namespace

std::vector<Edge> EdgesOf(const CellEvaluation& cell) {
  std::vector<Edge> edges;
  if (cell.cell.state != CellState::kRated || !cell.compared || !cell.target) return edges;
  const Neighbourhood neighbourhood(cell);
  for (const int way : {-1, 1}) {
    if (std::optional<Edge> edge = neighbourhood.Nearest(way)) edges.push_back(*std::move(edge));
  }
  return edges;
}

}  // namespace bellwether::rating
