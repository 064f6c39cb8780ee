// Pages to PDF, by WeasyPrint, which is a program of its own.
#ifndef BELLWETHER_SERVICES_CLI_PRINTER_H_
#define BELLWETHER_SERVICES_CLI_PRINTER_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace bellwether::cli {

// So much may one page take, before its printing is ended: a report of 67 indicators takes 10 seconds of a processor
// and 150 MB.
struct PrinterLimits {
  unsigned processor_seconds = 900;
  unsigned seconds = 1'800;
  size_t memory_bytes = size_t{4} << 30;
  size_t file_bytes = size_t{64} << 20;
};

// The page as a tagged PDF (PDF/UA-1). The process sees the page and of this one's environment no more than where
// programs, fonts and temporary files are; it ends with this one. `tick` is called a few times a second meanwhile, with
// the seconds that went by. Errors: NotFound, with what to install; ResourceExhausted, a limit; Internal, what
// WeasyPrint says.
absl::StatusOr<std::string> PrintToPdf(const std::string& page, const PrinterLimits& limits,
                                       const std::function<void(int seconds)>& tick);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_PRINTER_H_
