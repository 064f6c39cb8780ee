// Bytes from callers, before and where they cannot be read: what a message will take once it is read, and what is wrong
// with one that protobuf does not take, of which it says no more than that.
#ifndef BELLWETHER_CODEC_WIRE_H_
#define BELLWETHER_CODEC_WIRE_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "bellwether/codec/violation.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace bellwether::codec {

// About how many bytes of memory a message of `type` takes once it is read: two bytes on the wire can become a hundred.
// No more is counted once that is more than `enough`.
size_t Footprint(const google::protobuf::Descriptor& type, std::string_view bytes, size_t enough);

// Reads a message whose texts may be other than UTF-8. Empty: as it was sent. Else what is wrong, by field, of which no
// more than limits::kViolationsTold are named: of a text that is not UTF-8 TEXT_NOT_ALLOWED, and the message holds "?"
// in the place of each wrong byte; of bytes that are no such message NOT_A_MESSAGE, with the byte, and the message is
// empty.
Violations ReadLeniently(std::string_view bytes, google::protobuf::Message* message);

// An element of a list that is not as it was sent.
struct WrongItem {
  int place = 0;
  Violations violations;  // As ReadLeniently says.
};
// The same for each element of the list `field` of `batch`, a repeated message: wrong ones do no harm to the others.
// What is wrong with the batch beside them.
Violations ReadItemsLeniently(std::string_view bytes, int field, google::protobuf::Message* batch,
                              std::vector<WrongItem>* wrong);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_WIRE_H_
