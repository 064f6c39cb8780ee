#include "libs/codec/testing/messages.h"

#include <cstdio>
#include <cstdlib>

#include "google/protobuf/text_format.h"

namespace bellwether::codec::testing {
namespace {

constexpr char kScheme[] = R"pb(
  id: "council"
  name: "Council progress status"
  precision: PRECISION_DISPLAYED
  default_tolerance { shortfall { relative_percent { value: "5" } } }
  statuses {
    id: "green"
    label: "Green"
    colour: "#2E7D32"
    shape: "●"
    meaning: "On target"
    any_of { shortfall_within { target: true } }
  }
  statuses {
    id: "amber"
    label: "Amber"
    colour: "#FFB300"
    shape: "▲"
    meaning: "Within 5%"
    any_of { shortfall_within { tolerance: true } }
  }
  statuses {
    id: "red"
    label: "Red"
    colour: "#C62828"
    shape: "■"
    meaning: "Beyond"
    any_of { otherwise: true }
  }
  directions { performances: PERFORMANCE_IMPROVED judgement: JUDGEMENT_IMPROVED arrow: "↑" }
  directions { performances: PERFORMANCE_SAME judgement: JUDGEMENT_SAME arrow: "→" }
  directions { performances: PERFORMANCE_DECLINED judgement: JUDGEMENT_WORSE arrow: "↓" }
  directions { performances: PERFORMANCE_CHANGED judgement: JUDGEMENT_CHANGED arrow: "⇨" }
)pb";

constexpr char kIndicator[] = R"pb(
  description: "Calls answered"
  directorate: "Customers"
  unit: "percent"
  decimal_places: 2
  polarity: POLARITY_HIGHER
  quarter_rule: ROLL_UP_RULE_RATIO
  year_to_date_rule: ROLL_UP_RULE_RATIO
  allowed_values {
    low { value: "0" }
    high { value: "100" }
  }
  targets {
    effective_from: "2021-04"
    value { value: "90" }
  }
)pb";

}  // namespace

void Merge(const std::string& text, google::protobuf::Message& message) {
  google::protobuf::TextFormat::Parser parser;
  if (!parser.MergeFromString(text, &message)) {
    std::fprintf(stderr, "a test's message cannot be read: %s\n", text.c_str());
    std::abort();
  }
}

v1::Reading ReadingMessage(const std::string& more) {
  auto reading = Read<v1::Reading>(R"pb(
    council: "E06000061"
    ref: "T1"
    period: "2022-02"
    reading_id: "feed/T1/2022-02"
    measurement {
      ratio {
        numerator { value: "45" }
        denominator { value: "60" }
        value { value: "75.0" }
      }
    }
    source: "feed"
  )pb");
  Merge(more, reading);
  return reading;
}

v1::Catalogue CatalogueMessage(const std::string& more) {
  auto catalogue = Read<v1::Catalogue>("council: 'E06000061' defaults { scheme_id: 'council' }");
  Merge(kScheme, *catalogue.add_schemes());
  for (const char* ref : {"T1", "T2"}) {
    v1::IndicatorDefinition* indicator = catalogue.add_indicators();
    Merge(kIndicator, *indicator);
    indicator->set_ref(ref);
  }
  Merge(more, catalogue);
  return catalogue;
}

std::vector<std::string> Told(const Violations& violations) {
  std::vector<std::string> told;
  for (const Violation& v : violations) told.push_back(v.field + " " + NameOf(v.reason));
  return told;
}

}  // namespace bellwether::codec::testing
