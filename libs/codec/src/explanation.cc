// Explanations, findings and trend lines: domain -> proto.
#include <algorithm>

#include "bellwether/codec/score.h"
#include "bellwether/codec/values.h"

namespace bellwether::codec {
namespace {

v1::ExplanationInput InputToProto(const rating::ExplanationInput& input) {
  v1::ExplanationInput proto;
  proto.set_name(input.name);
  proto.set_value(input.value);
  if (input.period.has_value()) proto.set_period(input.period->ToString());
  proto.set_reading_id(input.reading_id);
  proto.set_source(input.source);
  if (input.recorded.offset >= 0 && input.recorded.time != absl::InfinitePast()) {
    *proto.mutable_recorded_at() = ToProto(input.recorded.time);
  }
  return proto;
}

v1::EdgeDistance EdgeToProto(const rating::EdgeDistance& edge) {
  v1::EdgeDistance proto;
  proto.set_status(edge.status);
  proto.set_edge(edge.edge);
  proto.set_distance(edge.distance);
  if (edge.approximate_distance.has_value()) {
    *proto.mutable_approximate_distance() = ToProto(*edge.approximate_distance);
  }
  proto.set_edge_is_inside(edge.edge_is_inside);
  return proto;
}

v1::CellExplanation CellToProto(const rating::CellExplanation& cell) {
  v1::CellExplanation proto;
  proto.set_kind(ToProto(cell.kind));
  proto.set_period(cell.period.ToString());
  proto.set_status(cell.status);
  proto.set_sentence(cell.sentence);
  proto.set_rule(cell.rule);
  for (const rating::ExplanationInput& i : cell.inputs) *proto.add_inputs() = InputToProto(i);
  for (const std::string& line : cell.arithmetic) proto.add_arithmetic(line);
  for (const rating::EdgeDistance& e : cell.edges) *proto.add_edges() = EdgeToProto(e);
  return proto;
}

}  // namespace

v1::Finding ToProto(const rating::Finding& finding) {
  v1::Finding proto;
  proto.set_kind(ToProto(finding.kind));
  proto.set_ref(finding.ref);
  proto.set_period(finding.period.ToString());
  proto.set_cell(ToProto(finding.cell));
  proto.set_published(finding.published);
  proto.set_computed(finding.computed);
  proto.set_difference(finding.difference);
  proto.set_explanation(finding.explanation);
  if (finding.warning.has_value()) proto.set_warning(ToProto(*finding.warning));
  return proto;
}

v1::Warning ToProto(const rating::Warning& warning) {
  v1::Warning proto;
  proto.set_kind(ToProto(warning.kind));
  proto.set_message(warning.message);
  return proto;
}

v1::Explanation ToProto(const rating::Definition& definition, const rating::Explanation& explanation,
                        const rating::Score& score) {
  v1::Explanation proto;
  proto.set_ref(definition.ref);
  proto.set_period(score.period.ToString());
  proto.set_scheme_name(definition.scheme->name);
  for (const rating::CellExplanation& c : explanation.cells) *proto.add_cells() = CellToProto(c);
  v1::DirectionExplanation* direction = proto.mutable_direction();
  direction->set_arrow(score.arrow);
  direction->set_movement(ToProto(score.movement));
  direction->set_judgement(ToProto(score.judgement));
  direction->set_sentence(explanation.direction.sentence);
  direction->set_rule(explanation.direction.rule);
  for (const rating::ExplanationInput& i : explanation.direction.inputs) *direction->add_inputs() = InputToProto(i);
  for (const std::string& line : explanation.direction.arithmetic) direction->add_arithmetic(line);
  return proto;
}

absl::StatusOr<v1::TrendLine> ToProto(const rating::Definition& definition, const rating::Trend& trend) {
  const int places = std::min(definition.decimal_places + 2, core::Decimal::kMaxScale);
  const absl::StatusOr<core::Decimal> start = trend.start.Round(places);
  if (!start.ok()) return start.status();
  const absl::StatusOr<core::Decimal> slope = trend.slope.Round(places);
  if (!slope.ok()) return slope.status();
  v1::TrendLine proto;
  proto.set_from_period(trend.from.ToString());
  *proto.mutable_start() = ToProto(*start);
  *proto.mutable_slope() = ToProto(*slope);
  return proto;
}

}  // namespace bellwether::codec
