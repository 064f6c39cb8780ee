#include "bellwether/codec/scheme.h"

#include <algorithm>
#include <set>

#include "bellwether/codec/values.h"
#include "bellwether/core/limits.h"
#include "check.h"
#include "tolerance.h"

namespace bellwether::codec {
namespace {

namespace limits = core::limits;
using Limit = v1::ToleranceLimit;

// Texts of a scheme that no other message has.

v1::ToleranceLimit LimitToProto(const rating::ToleranceLimit& limit) {
  v1::ToleranceLimit proto;
  switch (limit.kind) {
    case rating::ToleranceLimit::Kind::kRelativePercent:
      *proto.mutable_relative_percent() = ToProto(limit.amount);
      break;
    case rating::ToleranceLimit::Kind::kPoints:
      *proto.mutable_points() = ToProto(limit.amount);
      break;
    case rating::ToleranceLimit::Kind::kAbsolute:
      *proto.mutable_absolute() = ToProto(limit.amount);
      break;
    case rating::ToleranceLimit::Kind::kEdge:
      *proto.mutable_edge() = ToProto(limit.amount);
      break;
  }
  return proto;
}

rating::ToleranceLimit ReadLimit(const Limit& proto, const std::string& path, bool edge_allowed, Checker& check) {
  using Kind = rating::ToleranceLimit::Kind;
  switch (proto.limit_case()) {
    case Limit::kRelativePercent:
      return {Kind::kRelativePercent, check.NotNegative(Join(path, "relative_percent"), proto.relative_percent())};
    case Limit::kPoints:
      return {Kind::kPoints, check.NotNegative(Join(path, "points"), proto.points())};
    case Limit::kAbsolute:
      return {Kind::kAbsolute, check.NotNegative(Join(path, "absolute"), proto.absolute())};
    case Limit::kEdge:
      if (!edge_allowed) {
        check.Add(Join(path, "edge"), Reason::kContradiction,
                  "a shortfall has no edge: state it as low or high, or the shortfall as a number");
      }
      return {Kind::kEdge, check.Number(Join(path, "edge"), proto.edge())};
    case Limit::LIMIT_NOT_SET:
      check.Required(path, "state relative_percent, points, absolute or edge");
      return {};
  }
  return {};
}

v1::ShortfallBound BoundToProto(const rating::ShortfallBound& bound) {
  v1::ShortfallBound proto;
  switch (bound.kind) {
    case rating::ShortfallBound::Kind::kTarget:
      proto.set_target(true);
      break;
    case rating::ShortfallBound::Kind::kTolerance:
      proto.set_tolerance(true);
      break;
    case rating::ShortfallBound::Kind::kRelativePercent:
      *proto.mutable_relative_percent() = ToProto(bound.amount);
      break;
    case rating::ShortfallBound::Kind::kAbsolute:
      *proto.mutable_absolute() = ToProto(bound.amount);
      break;
  }
  proto.set_exclusive(bound.exclusive);
  return proto;
}

rating::ShortfallBound ReadBound(const v1::ShortfallBound& proto, const std::string& path, Checker& check) {
  using Kind = rating::ShortfallBound::Kind;
  rating::ShortfallBound bound;
  bound.exclusive = proto.exclusive();
  switch (proto.limit_case()) {
    case v1::ShortfallBound::kTarget:
      check.AlwaysTrue(Join(path, "target"), proto.target());
      bound.kind = Kind::kTarget;
      break;
    case v1::ShortfallBound::kTolerance:
      check.AlwaysTrue(Join(path, "tolerance"), proto.tolerance());
      if (proto.exclusive()) {
        check.Add(Join(path, "exclusive"), Reason::kContradiction,
                  "the tolerance's own edge decides: set exclusive in the tolerance");
      }
      bound.kind = Kind::kTolerance;
      break;
    case v1::ShortfallBound::kRelativePercent:
      bound.kind = Kind::kRelativePercent;
      bound.amount = check.Number(Join(path, "relative_percent"), proto.relative_percent());
      break;
    case v1::ShortfallBound::kAbsolute:
      bound.kind = Kind::kAbsolute;
      bound.amount = check.Number(Join(path, "absolute"), proto.absolute());
      break;
    case v1::ShortfallBound::LIMIT_NOT_SET:
      check.Required(path, "state target, tolerance, relative_percent or absolute");
      break;
  }
  return bound;
}

v1::StatusCondition ConditionToProto(const rating::StatusCondition& condition) {
  v1::StatusCondition proto;
  if (const auto* state = std::get_if<rating::CellState>(&condition)) {
    proto.set_state(ToProto(*state));
  } else if (const auto* bound = std::get_if<rating::ShortfallBound>(&condition)) {
    *proto.mutable_shortfall_within() = BoundToProto(*bound);
  } else {
    proto.set_otherwise(true);
  }
  return proto;
}

rating::StatusCondition ReadCondition(const v1::StatusCondition& proto, const std::string& path, Checker& check) {
  switch (proto.condition_case()) {
    case v1::StatusCondition::kState: {
      const rating::CellState state = check.Code(Join(path, "state"), proto.state());
      if (state == rating::CellState::kNotShown || proto.state() == v1::CELL_STATE_RATED) {
        check.Add(Join(path, "state"), Reason::kContradiction,
                  absl::StrCat(v1::CellState_Name(proto.state()),
                               " has no status by state: use shortfall_within or otherwise for what can be rated"));
      }
      return state;
    }
    case v1::StatusCondition::kShortfallWithin:
      return ReadBound(proto.shortfall_within(), Join(path, "shortfall_within"), check);
    case v1::StatusCondition::kOtherwise:
      check.AlwaysTrue(Join(path, "otherwise"), proto.otherwise());
      return rating::Otherwise{};
    case v1::StatusCondition::CONDITION_NOT_SET:
      check.Required(path, "state one of state, shortfall_within, otherwise");
      return rating::Otherwise{};
  }
  return rating::Otherwise{};
}

bool IsColour(const std::string& text) {
  return text.size() == 7 && text[0] == '#' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return std::isxdigit(static_cast<unsigned char>(c)); });
}

// Words of publishers for a line of a key.
std::vector<std::string> ReadSynonyms(const google::protobuf::RepeatedPtrField<std::string>& words,
                                      const std::string& path, int characters, Checker& check) {
  std::vector<std::string> synonyms;
  const int count = check.Size(Join(path, "synonyms"), words.size(), limits::kSynonyms);
  for (int i = 0; i < count; ++i) {
    check.Text(At(Join(path, "synonyms"), i), words.Get(i), characters, 1);
    synonyms.push_back(words.Get(i));
  }
  return synonyms;
}

rating::Status ReadStatus(const v1::Status& proto, const std::string& path, Checker& check) {
  check.Slug(Join(path, "id"), proto.id(), limits::kStatusIdCharacters);
  check.Text(Join(path, "label"), proto.label(), limits::kStatusLabelCharacters, 1);
  check.Text(Join(path, "shape"), proto.shape(), limits::kShapeCharacters, 1);
  check.Text(Join(path, "meaning"), proto.meaning(), limits::kStatusMeaningCharacters);
  if (!IsColour(proto.colour())) {
    check.Add(Join(path, "colour"), Reason::kUnknownCode,
              absl::StrCat(Quoted(proto.colour()), " is not a colour: write #RRGGBB, like #00703C"));
  }
  rating::Status status{proto.id(), proto.label(), proto.colour(), proto.shape(), proto.meaning(), {}, {}};
  status.synonyms = ReadSynonyms(proto.synonyms(), path, limits::kPublishedStatusCharacters, check);
  const int condition_count = check.Size(Join(path, "any_of"), proto.any_of_size(), limits::kStatuses);
  if (proto.any_of().empty()) check.Required(Join(path, "any_of"), "say when the status is given");
  for (int i = 0; i < condition_count; ++i) {
    status.any_of.push_back(ReadCondition(proto.any_of(i), At(Join(path, "any_of"), i), check));
  }
  return status;
}

v1::Status StatusToProto(const rating::Status& status) {
  v1::Status proto;
  proto.set_id(status.id);
  proto.set_label(status.label);
  proto.set_colour(status.colour);
  proto.set_shape(status.shape);
  proto.set_meaning(status.meaning);
  for (const rating::StatusCondition& c : status.any_of) *proto.add_any_of() = ConditionToProto(c);
  for (const std::string& s : status.synonyms) proto.add_synonyms(s);
  return proto;
}

v1::Allowance AllowanceToProto(const rating::Allowance& allowance) {
  v1::Allowance proto;
  if (allowance.kind == rating::Allowance::Kind::kOnTarget) {
    proto.set_on_target(true);
  } else {
    *proto.mutable_change_within_percent() = ToProto(allowance.percent);
  }
  proto.set_exclusive(allowance.exclusive);
  return proto;
}

rating::Allowance ReadAllowance(const v1::Allowance& proto, const std::string& path, Checker& check) {
  rating::Allowance allowance;
  allowance.exclusive = proto.exclusive();
  switch (proto.allowance_case()) {
    case v1::Allowance::kOnTarget:
      check.AlwaysTrue(Join(path, "on_target"), proto.on_target());
      if (proto.exclusive()) {
        check.Add(Join(path, "exclusive"), Reason::kContradiction, "on_target has no limit that could be exclusive");
      }
      break;
    case v1::Allowance::kChangeWithinPercent:
      allowance.kind = rating::Allowance::Kind::kChangeWithinPercent;
      allowance.percent = check.NotNegative(Join(path, "change_within_percent"), proto.change_within_percent());
      break;
    case v1::Allowance::ALLOWANCE_NOT_SET:
      check.Required(path, "state on_target or change_within_percent");
      break;
  }
  return allowance;
}

v1::DirectionRule DirectionToProto(const rating::DirectionRule& rule) {
  v1::DirectionRule proto;
  for (const rating::Movement m : rule.movements) proto.add_movements(ToProto(m));
  for (const rating::Performance p : rule.performances) proto.add_performances(ToProto(p));
  for (const rating::Polarity p : rule.polarities) proto.add_polarities(ToProto(p));
  for (const rating::Allowance& a : rule.any_of) *proto.add_any_of() = AllowanceToProto(a);
  proto.set_judgement(ToProto(rule.judgement));
  proto.set_arrow(rule.arrow);
  for (const std::string& s : rule.synonyms) proto.add_synonyms(s);
  return proto;
}

// A repeated enumeration of a direction rule: stated, and none twice.
template <typename Domain, typename P>
std::vector<Domain> ReadCodes(const google::protobuf::RepeatedField<int>& values, const std::string& path,
                              Checker& check) {
  std::vector<Domain> codes;
  std::set<int> seen;
  const int count = check.Size(path, values.size(), limits::kStatuses);  // More than there are codes.
  for (int i = 0; i < count; ++i) {
    const std::string place = At(path, i);
    if (values.Get(i) == 0) {
      check.Required(place, "leave the list empty for every one");
      continue;
    }
    if (!seen.insert(values.Get(i)).second)
      check.Add(place, Reason::kDuplicate, "stands in the list twice: remove one");
    codes.push_back(check.Code(place, static_cast<P>(values.Get(i))));
  }
  return codes;
}

rating::DirectionRule ReadDirection(const v1::DirectionRule& proto, const std::string& path, Checker& check) {
  rating::DirectionRule rule;
  rule.movements = ReadCodes<rating::Movement, v1::Movement>(proto.movements(), Join(path, "movements"), check);
  rule.performances =
      ReadCodes<rating::Performance, v1::Performance>(proto.performances(), Join(path, "performances"), check);
  rule.polarities = ReadCodes<rating::Polarity, v1::Polarity>(proto.polarities(), Join(path, "polarities"), check);
  const int condition_count = check.Size(Join(path, "any_of"), proto.any_of_size(), limits::kStatuses);
  for (int i = 0; i < condition_count; ++i) {
    rule.any_of.push_back(ReadAllowance(proto.any_of(i), At(Join(path, "any_of"), i), check));
  }
  rule.judgement = check.Code(Join(path, "judgement"), proto.judgement());
  check.Text(Join(path, "arrow"), proto.arrow(), limits::kSchemeArrowCharacters);
  rule.arrow = proto.arrow();
  rule.synonyms = ReadSynonyms(proto.synonyms(), path, limits::kArrowCharacters, check);
  return rule;
}

}  // namespace

rating::Tolerance ReadTolerance(const v1::Tolerance& proto, const std::string& path, Checker& check) {
  rating::Tolerance tolerance;
  tolerance.exclusive = proto.exclusive();
  if (proto.has_shortfall()) {
    tolerance.shortfall = ReadLimit(proto.shortfall(), Join(path, "shortfall"), /*edge_allowed=*/false, check);
  }
  if (proto.has_low()) tolerance.low = ReadLimit(proto.low(), Join(path, "low"), /*edge_allowed=*/true, check);
  if (proto.has_high()) tolerance.high = ReadLimit(proto.high(), Join(path, "high"), /*edge_allowed=*/true, check);
  if (!proto.has_shortfall() && !proto.has_low() && !proto.has_high()) {
    check.Required(path, "state shortfall, or low and high or one of them");
  }
  if (proto.has_shortfall() && (proto.has_low() || proto.has_high())) {
    check.Add(path, Reason::kContradiction, "has both shortfall and low or high: state either");
  }
  return tolerance;
}

v1::Tolerance ToProto(const rating::Tolerance& tolerance) {
  v1::Tolerance proto;
  if (tolerance.shortfall.has_value()) *proto.mutable_shortfall() = LimitToProto(*tolerance.shortfall);
  if (tolerance.low.has_value()) *proto.mutable_low() = LimitToProto(*tolerance.low);
  if (tolerance.high.has_value()) *proto.mutable_high() = LimitToProto(*tolerance.high);
  proto.set_exclusive(tolerance.exclusive);
  return proto;
}

v1::Scheme ToProto(const rating::Scheme& scheme) {
  v1::Scheme proto;
  proto.set_id(scheme.id);
  proto.set_name(scheme.name);
  proto.set_precision(ToProto(scheme.precision));
  if (scheme.default_tolerance.has_value()) *proto.mutable_default_tolerance() = ToProto(*scheme.default_tolerance);
  for (const rating::Status& s : scheme.statuses) *proto.add_statuses() = StatusToProto(s);
  for (const rating::DirectionRule& d : scheme.directions) *proto.add_directions() = DirectionToProto(d);
  return proto;
}

Parsed<rating::Scheme> FromProto(const v1::Scheme& proto) {
  Checker check;
  rating::Scheme scheme;
  check.Slug("id", proto.id(), limits::kSchemeIdCharacters);
  check.Text("name", proto.name(), limits::kNameCharacters, 1);
  scheme.id = proto.id();
  scheme.name = proto.name();
  // Unspecified is displayed, as the message says.
  scheme.precision = proto.precision() == v1::PRECISION_UNSPECIFIED ? rating::Precision::kDisplayed
                                                                    : check.Code("precision", proto.precision());
  if (proto.has_default_tolerance()) {
    scheme.default_tolerance = ReadTolerance(proto.default_tolerance(), "default_tolerance", check);
  }
  const int status_count = check.Size("statuses", proto.statuses_size(), limits::kStatuses);
  std::set<std::string> ids;
  for (int i = 0; i < status_count; ++i) {
    const std::string path = At("statuses", i);
    scheme.statuses.push_back(ReadStatus(proto.statuses(i), path, check));
    if (!ids.insert(proto.statuses(i).id()).second) {
      check.Add(Join(path, "id"), Reason::kDuplicate,
                absl::StrCat(Quoted(proto.statuses(i).id()), " is the id of an earlier status: ids are unique"));
    }
  }
  const int direction_count = check.Size("directions", proto.directions_size(), limits::kDirectionRules);
  for (int i = 0; i < direction_count; ++i) {
    scheme.directions.push_back(ReadDirection(proto.directions(i), At("directions", i), check));
  }
  if (check.ok()) {
    for (const rating::SchemeFault& fault : rating::FaultsOf(scheme)) {
      check.Add(fault.path, Reason::kSchemeFault, fault.message);
    }
  }
  return {std::move(scheme), check.Take()};
}

}  // namespace bellwether::codec
