// What a server says, before it is put into words for people.
#ifndef BELLWETHER_SERVICES_CLI_VISIBLE_MESSAGE_H_
#define BELLWETHER_SERVICES_CLI_VISIBLE_MESSAGE_H_

#include <google/protobuf/message.h>

namespace bellwether::cli {

// Makes every text of the message, and of the messages in it, Visible (core/visible.h), line feeds kept: then what is
// made of them steers no terminal, and has the width that it seems to have. Bytes stay as they are. Not for what
// programs read. `spelled`: then its arrows and shapes are spelled too (terminal.h).
void MakeVisible(google::protobuf::Message* message, bool spelled = false);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_VISIBLE_MESSAGE_H_
