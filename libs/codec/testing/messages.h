// Messages for tests, as text.
#ifndef BELLWETHER_CODEC_TESTING_MESSAGES_H_
#define BELLWETHER_CODEC_TESTING_MESSAGES_H_

#include <string>
#include <vector>

#include "bellwether/codec/violation.h"
#include "bellwether/v1/definition.pb.h"
#include "bellwether/v1/record.pb.h"
#include "google/protobuf/message.h"

namespace bellwether::codec::testing {

// Reads protobuf's text format into `message`, on top of what is there. Stops the test program if it cannot be read.
void Merge(const std::string& text, google::protobuf::Message& message);

template <typename M>
M Read(const std::string& text) {
  M message;
  Merge(text, message);
  return message;
}

// A reading of E06000061/T1 for 2022-02 with which nothing is wrong, and `more` merged into it.
v1::Reading ReadingMessage(const std::string& more = "");

// A catalogue of council E06000061 with the scheme "council" and the indicators T1 and T2 (monthly, per cent, 0 to 100,
// higher is better), and `more` merged into it.
v1::Catalogue CatalogueMessage(const std::string& more = "");

// "field REASON" of each, in order.
std::vector<std::string> Told(const Violations& violations);

}  // namespace bellwether::codec::testing

#endif  // BELLWETHER_CODEC_TESTING_MESSAGES_H_
