#include "libs/rating/testing/fixtures.h"

#include <cstdio>
#include <cstdlib>

namespace bellwether::rating::testing {
namespace {

template <typename T>
T OrStop(const absl::StatusOr<T>& parsed, std::string_view text) {
  if (!parsed.ok()) {
    std::fprintf(stderr, "fixture \"%.*s\": %s\n", static_cast<int>(text.size()), text.data(),
                 std::string(parsed.status().message()).c_str());
    std::abort();
  }
  return *parsed;
}

Status StatusOf(std::string id, std::string label, std::string meaning, std::vector<StatusCondition> any_of) {
  Status status;
  status.id = std::move(id);
  status.label = std::move(label);
  status.colour = "#808080";
  status.shape = "●";
  status.meaning = std::move(meaning);
  status.any_of = std::move(any_of);
  return status;
}

DirectionRule Line(Movement movement, Performance performance, std::vector<Polarity> polarities, Judgement judgement,
                   std::string arrow) {
  DirectionRule rule;
  rule.movements = {movement};
  rule.performances = {performance};
  rule.polarities = std::move(polarities);
  rule.judgement = judgement;
  rule.arrow = std::move(arrow);
  return rule;
}

std::vector<Allowance> OnTargetOrWithinFivePercent() {
  Allowance on_target;
  Allowance within;
  within.kind = Allowance::Kind::kChangeWithinPercent;
  within.percent = D("5");
  return {on_target, within};
}

Tolerance ShortfallOf(ToleranceLimit limit) {
  Tolerance tolerance;
  tolerance.shortfall = std::move(limit);
  return tolerance;
}

}  // namespace

core::Decimal D(std::string_view text) { return OrStop(core::Decimal::Parse(text), text); }
core::Month M(std::string_view text) { return OrStop(core::Month::Parse(text), text); }
core::Period P(std::string_view text) { return OrStop(core::Period::Parse(text), text); }

ToleranceLimit Percent(std::string_view amount) { return {ToleranceLimit::Kind::kRelativePercent, D(amount)}; }
ToleranceLimit Absolute(std::string_view amount) { return {ToleranceLimit::Kind::kAbsolute, D(amount)}; }
ToleranceLimit EdgeAt(std::string_view at) { return {ToleranceLimit::Kind::kEdge, D(at)}; }
ShortfallBound OnTarget() { return {}; }
ShortfallBound WithinTolerance() { return {ShortfallBound::Kind::kTolerance, {}, false}; }

Scheme CouncilScheme() {
  Scheme scheme;
  scheme.id = "council";
  scheme.name = "Council progress status key";
  scheme.default_tolerance = ShortfallOf(Percent("5"));
  scheme.statuses = {
      StatusOf("green", "Green", "on target or over-performing against target", {OnTarget()}),
      StatusOf("amber", "Amber", "under-performing against target but within 5% corporate tolerance",
               {WithinTolerance()}),
      StatusOf("red", "Red", "under-performing against target by more than 5%", {Otherwise{}}),
      StatusOf("missing", "Dark Grey", "data missing", {CellState::kMissing}),
      StatusOf("under-review", "Grey", "target under review", {CellState::kUnderReview}),
      StatusOf("tracking", "Turquoise", "tracking indicator only", {CellState::kTracking}),
  };
  const std::vector<Polarity> judged = {Polarity::kHigher, Polarity::kLower};
  DirectionRule tolerated_rise =
      Line(Movement::kUp, Performance::kDeclined, {Polarity::kLower}, Judgement::kWorseWithinTolerance, "↑");
  tolerated_rise.any_of = OnTargetOrWithinFivePercent();
  DirectionRule tolerated_fall =
      Line(Movement::kDown, Performance::kDeclined, {Polarity::kHigher}, Judgement::kWorseWithinTolerance, "↓");
  tolerated_fall.any_of = OnTargetOrWithinFivePercent();
  scheme.directions = {
      Line(Movement::kUp, Performance::kImproved, judged, Judgement::kImproved, "↑G"),
      Line(Movement::kDown, Performance::kImproved, judged, Judgement::kImproved, "↓G"),
      tolerated_rise,
      tolerated_fall,
      Line(Movement::kUp, Performance::kDeclined, judged, Judgement::kWorse, "↑R"),
      Line(Movement::kDown, Performance::kDeclined, judged, Judgement::kWorse, "↓R"),
      Line(Movement::kSame, Performance::kSame, judged, Judgement::kSame, "→"),
      Line(Movement::kUp, Performance::kChanged, {Polarity::kNone}, Judgement::kChanged, "⇧"),
      Line(Movement::kSame, Performance::kSame, {Polarity::kNone}, Judgement::kSame, "⇨"),
      Line(Movement::kDown, Performance::kChanged, {Polarity::kNone}, Judgement::kChanged, "⇩"),
  };
  return scheme;
}

Scheme TrustScheme() {
  Scheme scheme;
  scheme.id = "trust";
  scheme.name = "Children's Trust key";
  scheme.statuses = {
      StatusOf("green", "Green", "at target or better", {OnTarget()}),
      StatusOf("amber", "Amber", "below target within tolerance", {WithinTolerance()}),
      StatusOf("red", "Red", "below target outside tolerance", {Otherwise{}}),
      StatusOf("no-rag", "Grey", "no RAG", {CellState::kTracking, CellState::kUnderReview, CellState::kNotRated}),
  };
  DirectionRule improved;
  improved.performances = {Performance::kImproved};
  improved.judgement = Judgement::kImproved;
  improved.arrow = "↑G";
  DirectionRule same = improved;
  same.performances = {Performance::kSame};
  same.judgement = Judgement::kSame;
  same.arrow = "→";
  DirectionRule declined = improved;
  declined.performances = {Performance::kDeclined};
  declined.judgement = Judgement::kWorse;
  declined.arrow = "↓A";
  scheme.directions = {improved, same, declined};
  return scheme;
}

Scheme StarScheme() {
  ShortfallBound better;
  better.kind = ShortfallBound::Kind::kRelativePercent;
  better.amount = D("-10");
  Scheme scheme = TrustScheme();
  scheme.id = "stars";
  scheme.name = "Stars and squares";
  scheme.precision = Precision::kExact;
  scheme.default_tolerance = ShortfallOf(Percent("20"));
  scheme.default_tolerance->exclusive = true;
  scheme.statuses = {
      StatusOf("star", "Star", "at least 10% better than target", {better}),
      StatusOf("circle", "Circle", "on target", {OnTarget()}),
      StatusOf("triangle", "Triangle", "less than 20% off target", {WithinTolerance()}),
      StatusOf("square", "Square", "20% off target or more", {Otherwise{}}),
  };
  return scheme;
}

Definition IndicatorOf(Polarity polarity, Scheme scheme) {
  Definition definition;
  definition.council = "E06000061";
  definition.ref = "X1";
  definition.description = "an indicator";
  definition.unit = "percent";
  definition.decimal_places = 2;
  definition.ratio_multiplier = D("100");
  definition.polarity = polarity;
  definition.quarter_rule = RollUpRule::kLatest;
  definition.year_to_date_rule = RollUpRule::kLatest;
  definition.scheme = std::make_shared<const Scheme>(std::move(scheme));
  return definition;
}

Target ValueTarget(std::string_view value) {
  Target target;
  target.kind = D(value);
  return target;
}

Target RangeTarget(std::string_view low, std::string_view high) {
  Target target;
  target.kind = Range{D(low), D(high)};
  return target;
}

Measurement Figures(std::string_view text) {
  if (text == "?") return NotAvailable{"no data from the supplier"};
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    return Ratio{D(text.substr(0, slash)), D(text.substr(slash + 1)), std::nullopt};
  }
  if (const size_t star = text.find('*'); star != std::string_view::npos) {
    return WeightedMean{D(text.substr(0, star)), D(text.substr(star + 1))};
  }
  return D(text);
}

Slot SlotOf(std::string_view period, Measurement measurement, int64_t offset) {
  Reading reading;
  reading.period = P(period);
  reading.reading_id = std::string(period) + "-id";
  reading.measurement = std::move(measurement);
  reading.source = "tests";
  Slot slot;
  slot.reading.reset(new KeptReading(std::move(reading)));
  slot.recorded.offset = offset;
  return slot;
}

void Put(Slots& slots, std::string_view period, std::string_view figures, int64_t offset) {
  slots[P(period)] = SlotOf(period, Figures(figures), offset);
}

Reading& Change(Slots& slots, std::string_view period) {
  Slot& slot = slots[P(period)];
  auto* const copy = new KeptReading(*slot.reading);
  slot.reading.reset(copy);
  return *copy;
}

void Withdraw(Slots& slots, std::string_view period, int64_t offset) {
  Slot& slot = slots[P(period)];
  slot.reading.reset();
  slot.recorded.offset = offset;
}

Evaluation EvaluateAt(const Definition& definition, const Slots& slots, std::string_view period) {
  RecordedAt recorded;
  recorded.offset = 0;
  return Evaluate(definition, recorded, slots, P(period));
}

Score ScoreAt(const Definition& definition, const Slots& slots, std::string_view period) {
  return ScoreOf(EvaluateAt(definition, slots, period));
}

}  // namespace bellwether::rating::testing
