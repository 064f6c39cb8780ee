// The words of an explanation, made from the evaluation that rated (bellwether/v1/explanation.proto). Pure.
#ifndef BELLWETHER_RATING_EXPLAIN_H_
#define BELLWETHER_RATING_EXPLAIN_H_

#include <optional>
#include <string>
#include <vector>

#include "bellwether/rating/evaluate.h"

namespace bellwether::rating {

struct ExplanationInput {
  std::string name;
  std::string value;
  std::optional<core::Period> period;
  std::string reading_id;
  std::string source;
  RecordedAt recorded;  // Offset -1: from the definition or the scheme.
};
struct EdgeDistance {
  std::string status;
  std::string edge;      // Exact fraction in lowest terms.
  std::string distance;  // Exact fraction in lowest terms.
  std::optional<core::Decimal> approximate_distance;
  bool edge_is_inside = false;
};
struct CellExplanation {
  CellKind kind = CellKind::kCurrent;
  core::Period period;
  std::string status;
  std::string sentence;
  std::string rule;
  std::vector<ExplanationInput> inputs;
  std::vector<std::string> arithmetic;
  std::vector<EdgeDistance> edges;
};
struct DirectionExplanation {
  std::string sentence;
  std::string rule;
  std::vector<ExplanationInput> inputs;
  std::vector<std::string> arithmetic;
};
struct Explanation {
  std::vector<CellExplanation> cells;  // Current, the quarters that are shown, year to date.
  DirectionExplanation direction;
};

Explanation Explain(const Evaluation& evaluation);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_EXPLAIN_H_
