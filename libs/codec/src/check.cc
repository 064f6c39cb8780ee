#include "check.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "bellwether/codec/enum_name.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/text.h"
#include "google/protobuf/descriptor.h"

namespace bellwether::codec {

std::string Join(const std::string& path, std::string_view field) {
  if (path.empty()) return std::string(field);
  return field.empty() ? path : absl::StrCat(path, ".", core::ToAbsl(field));
}

std::string Quoted(std::string_view text) {
  constexpr int kShown = 60;
  return core::Quoted(text, kShown);
}

void Checker::Add(const Path& path, Reason reason, std::string message) {
  violations_.push_back({path.ToString(), reason, std::move(message)});
}

void Checker::AddAll(Violations violations) {
  for (Violation& v : violations) violations_.push_back(std::move(v));
}

void Checker::Text(const Path& path, std::string_view text, int max, int min, Lines lines) {
  const int characters = core::CharacterCount(text);
  if (characters < 0) {
    Add(path, Reason::kTextNotAllowed, absl::StrCat(Quoted(text), " is not UTF-8: send the text as UTF-8"));
  } else if (core::HasControlCharacters(text, lines == Lines::kMany)) {
    Add(path, Reason::kTextNotAllowed, absl::StrCat(Quoted(text), " holds control characters: remove them"));
  } else if (characters > max) {
    Add(path, Reason::kTextTooLong,
        absl::StrCat("has ", characters, " characters, and may have ", max, ": shorten it"));
  } else if (characters < min) {
    Add(path, Reason::kRequired, "is empty: it must be stated");
  }
}

void Checker::Council(const Path& path, std::string_view text) {
  if (const absl::Status s = core::CheckCouncil(text); !s.ok()) {
    Add(path, text.empty() ? Reason::kRequired : Reason::kInvalidId, std::string(s.message()));
  }
}

void Checker::Ref(const Path& path, std::string_view text) {
  if (const absl::Status s = core::CheckRef(text); !s.ok()) {
    Add(path, text.empty() ? Reason::kRequired : Reason::kInvalidId, std::string(s.message()));
  }
}

void Checker::RecordId(const Path& path, std::string_view text) {
  if (const absl::Status s = core::CheckRecordId(text); !s.ok()) {
    Add(path, text.empty() ? Reason::kRequired : Reason::kInvalidId, std::string(s.message()));
  }
}

void Checker::Slug(const Path& path, std::string_view text, int max) {
  if (const absl::Status s = core::CheckSlug(text, max); !s.ok()) {
    Add(path, text.empty() ? Reason::kRequired : Reason::kInvalidId, std::string(s.message()));
  }
}

int Checker::Size(const Path& path, int size, int max) {
  if (size > max) Add(path, Reason::kTooMany, absl::StrCat("has ", size, " entries, and may have ", max));
  return std::min(size, max);
}

void Checker::Within(const Path& path, uint32_t value, uint32_t low, uint32_t high) {
  if (value < low || value > high) {
    Add(path, Reason::kOutOfRange, absl::StrCat(value, " is not between ", low, " and ", high));
  }
}

void Checker::AlwaysTrue(const Path& path, bool value) {
  if (!value) Add(path, Reason::kContradiction, "is false: set it to true, or leave it out");
}

void Checker::Required(const Path& path, std::string_view remedy) {
  Add(path, Reason::kRequired, absl::StrCat("is not set: ", core::ToAbsl(remedy)));
}

core::Decimal Checker::Number(const Path& path, std::string_view text) {
  const absl::StatusOr<core::Decimal> number = core::Decimal::Parse(text);
  if (number.ok()) return *number;
  Add(path, absl::IsOutOfRange(number.status()) ? Reason::kTooManyDigits : Reason::kNotANumber,
      std::string(number.status().message()));
  return {};
}

core::Decimal Checker::NotNegative(const Path& path, std::string_view text) {
  const core::Decimal number = Number(path, text);
  if (number.IsNegative()) {
    Add(path, Reason::kNegative, absl::StrCat(number.ToString(), " is negative: it must be zero or more"));
  }
  return number;
}

std::optional<core::Month> Checker::Month(const Path& path, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const absl::StatusOr<core::Month> month = core::Month::Parse(text);
  if (month.ok()) return *month;
  Add(path, Reason::kNotAPeriod, std::string(month.status().message()));
  return std::nullopt;
}

core::Period Checker::Period(const Path& path, std::string_view text) {
  return PeriodOr(path, text, core::Period::Parse(text));
}

core::Period Checker::DerivedPeriod(const Path& path, std::string_view text) {
  return PeriodOr(path, text, core::Period::ParseAnyYear(text));
}

core::Period Checker::PeriodOr(const Path& path, std::string_view text, const absl::StatusOr<core::Period>& period) {
  if (period.ok()) return *period;
  Add(path, text.empty() ? Reason::kRequired : Reason::kNotAPeriod, std::string(period.status().message()));
  return {};
}

void Checker::UnknownCode(const Path& path, const google::protobuf::EnumDescriptor* type, int value) {
  std::vector<std::string> names;
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0) names.push_back(ShortEnumName(*type->value(i)));  // As files write them.
  }
  const std::string choice = absl::StrCat("say one of ", absl::StrJoin(names, ", "));
  if (value == 0) {
    Add(path, Reason::kRequired, absl::StrCat("is not stated: ", choice));
  } else {
    const auto* named = type->FindValueByNumber(value);
    Add(path, Reason::kUnknownCode,
        absl::StrCat(named != nullptr ? ShortEnumName(*named) : absl::StrCat(value),
                     " is not one that the field takes: ", choice));
  }
}

Violations Under(const std::string& prefix, Violations violations) {
  for (Violation& v : violations) v.field = Join(prefix, v.field);
  return violations;
}

absl::Status ToStatus(const Violations& violations) {
  if (violations.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(violations, "; ", [](std::string* out, const Violation& v) {
    absl::StrAppend(out, v.field, v.field.empty() ? "" : ": ", v.message);
  }));
}

}  // namespace bellwether::codec
