// What the command line asks a running service over its admin port: a container has no other tool inside.
#ifndef BELLWETHER_SERVICE_ADMIN_CLIENT_H_
#define BELLWETHER_SERVICE_ADMIN_CLIENT_H_

#include <ostream>
#include <string>

namespace bellwether::service {

// Exit code 0: the service at `admin_address` is ready (`live`: it lives); 1: not, or nobody answers; 2: no such port.
int AskHealth(const std::string& admin_address, bool live, std::ostream& out, std::ostream& err);

// Sets the log level, or tells it where `level` is empty. Exit code 0: done; 1: refused, or nobody answers.
int ChangeLogLevel(const std::string& admin_address, const std::string& level, std::ostream& out, std::ostream& err);

}  // namespace bellwether::service

#endif  // BELLWETHER_SERVICE_ADMIN_CLIENT_H_
