// Sheets of workbooks, as programs and people leave them: the bytes are the sheet, in an archive that is sound.
#include <minizip/zip.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bellwether/core/memory_file.h"
#include "bellwether/report/workbook_reader.h"

namespace {

void Add(zipFile zip, const char* name, std::string_view content) {
  zipOpenNewFileInZip(zip, name, nullptr, nullptr, 0, nullptr, 0, nullptr, /*method=*/0, /*level=*/0);
  zipWriteInFileInZip(zip, content.data(), static_cast<unsigned>(content.size()));
  zipCloseFileInZip(zip);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)bellwether::report::ReadWorkbook(text);
  const bellwether::core::MemoryFile file;
  zipFile zip = zipOpen(file.Path().c_str(), APPEND_STATUS_CREATE);
  Add(zip, "_rels/.rels", R"(<w><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.xml"/></w>)");
  Add(zip, "xl/workbook.xml", R"(<w xmlns:r="r"><sheets><sheet name="A" r:id="1"/></sheets></w>)");
  Add(zip, "xl/_rels/workbook.xml.rels",
      R"(<w><Relationship Id="1" Type="x/worksheet" Target="sheet.xml"/>)"
      R"(<Relationship Id="2" Type="x/sharedStrings" Target="sharedStrings.xml"/>)"
      R"(<Relationship Id="3" Type="x/styles" Target="styles.xml"/></w>)");
  Add(zip, "xl/sharedStrings.xml", "<sst><si><t>one</t></si><si><r><t>t</t></r><r><t>wo</t></r></si></sst>");
  Add(zip, "xl/styles.xml", R"(<s><cellXfs><xf numFmtId="0"/><xf numFmtId="10"/><xf numFmtId="17"/></cellXfs></s>)");
  Add(zip, "xl/sheet.xml", text);
  zipClose(zip, nullptr);
  const auto tables = bellwether::report::ReadWorkbook(*file.Content());
  if (!tables.ok()) return 0;
  int line = 0;
  for (const bellwether::report::CsvRow& row : tables->front().rows) {
    if (row.fields.empty() || row.fields.size() > bellwether::report::kMostWorkbookColumns || row.fields.back().empty())
      std::abort();
    if (row.line <= line) std::abort();
    line = row.line;
  }
  return 0;
}
