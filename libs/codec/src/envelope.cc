// Headers: CloudEvents 1.0 in binary mode, and the trace context.
#include <cctype>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/text.h"

namespace bellwether::codec {
namespace {

// Appends a name as a path segment: what is not plain becomes %XX.
void AddSegment(std::string_view name, std::string* path) {
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      path->push_back(c);
    } else {
      absl::StrAppend(path, "%", absl::Hex(u, absl::kZeroPad2));
    }
  }
}

struct Named {
  std::string_view id;
  std::string_view type;
  std::string_view source;
};

Named NamesOf(const rating::Record& record) {
  if (const auto* applied = std::get_if<rating::AppliedDefinition>(&record)) {
    return {applied->apply_id, "uk.bellwether.definition.v1", "catalogue"};
  }
  if (const auto* reading = std::get_if<rating::Reading>(&record)) {
    return {reading->reading_id, "uk.bellwether.reading.v1", reading->source};
  }
  if (const auto* withdrawal = std::get_if<rating::Withdrawal>(&record)) {
    return {withdrawal->withdrawal_id, "uk.bellwether.withdrawal.v1", withdrawal->source};
  }
  const auto& comment = std::get<rating::Comment>(record);
  return {comment.comment_id, "uk.bellwether.comment.v1", comment.source};
}

}  // namespace

core::Headers HeadersOf(Envelope envelope) {
  core::Headers headers;
  headers.reserve(8);
  headers.push_back({"ce_specversion", "1.0"});
  headers.push_back({"ce_id", std::move(envelope.id)});
  headers.push_back({"ce_source", std::move(envelope.source)});
  headers.push_back({"ce_type", std::move(envelope.type)});
  headers.push_back({"ce_subject", envelope.subject});
  headers.push_back({"ce_partitionkey", std::move(envelope.subject)});
  headers.push_back({"content-type", "application/protobuf"});
  if (core::IsTraceparent(envelope.traceparent)) headers.push_back({"traceparent", std::move(envelope.traceparent)});
  return headers;
}

Envelope EnvelopeOf(const KeyedRecord& record, std::string_view traceparent) {
  const Named named = NamesOf(record.value);
  Envelope envelope;
  envelope.id = named.id;
  envelope.type = named.type;
  envelope.source = absl::StrCat("/councils/", record.key.council, "/feeds/");
  AddSegment(named.source.empty() ? "unnamed" : named.source, &envelope.source);
  if (const core::Interned& principal = SubmittedByOf(record).principal; !principal.empty()) {
    envelope.source.append("/submitted-by/");
    AddSegment(principal.name(), &envelope.source);
  }
  envelope.subject = record.key.ToString();
  envelope.traceparent = traceparent;
  return envelope;
}

core::Headers UpdateHeaders(std::string_view traceparent) {
  if (!core::IsTraceparent(traceparent)) return {};
  return {{"traceparent", std::string(traceparent)}};
}

}  // namespace bellwether::codec
