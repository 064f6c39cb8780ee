// The words that explanations share. Pure.
#ifndef BELLWETHER_RATING_SRC_WORDS_H_
#define BELLWETHER_RATING_SRC_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "bellwether/rating/evaluate.h"
#include "bellwether/rating/explain.h"

namespace bellwether::rating {

// "85.71%", "20.55 days", "34,008": a figure as people read it.
std::string WithUnit(std::string_view number, const Definition& definition);
// A difference of two figures: "2.22 percentage points", "0.45 days".
std::string DifferenceWithUnit(const core::Rational& difference, const Definition& definition);
// Exactly, where some places suffice, else cut off after four more than the indicator's: "98.8958...".
std::string NumberText(const core::Rational& number, const Definition& definition);
// What was compared, as text without unit.
std::string ComparedText(const CellEvaluation& cell, const Definition& definition);
// "higher is better".
std::string_view PolarityWords(Polarity polarity);
// "worse within tolerance".
std::string_view JudgementWords(Judgement judgement);
// Begins with a capital letter.
std::string Capitalised(std::string text);

// The figures of a slot's reading as inputs; nothing without a reading.
void AppendInputs(const Slot* slot, std::vector<ExplanationInput>* inputs);
// The target's own, from the definition.
void AppendTargetInputs(const CellEvaluation& cell, std::vector<ExplanationInput>* inputs);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_SRC_WORDS_H_
