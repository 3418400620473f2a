#include "client/report/html.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace outerloop::client {
namespace {

std::string Row(const std::vector<std::string>& cells, const char* element, size_t first_number) {
  std::string row = "<tr>";
  for (size_t i = 0; i < cells.size(); ++i) {
    const char* const open = i < first_number ? ">" : " class=\"number\">";
    absl::StrAppend(&row, "<", element, open, cells[i], "</", element, ">");
  }
  return row + "</tr>\n";
}

}  // namespace

std::string EscapeHtml(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string HtmlTable(const std::vector<std::string>& titles,
                      const std::vector<std::vector<std::string>>& rows, size_t first_number) {
  std::string table = "<div class=\"scroll\">\n<table>\n<thead>";
  absl::StrAppend(&table, Row(titles, "th", first_number), "</thead>\n<tbody>\n");
  for (const std::vector<std::string>& cells : rows) {
    absl::StrAppend(&table, Row(cells, "td", first_number));
  }
  return table + "</tbody>\n</table>\n</div>\n";
}

}  // namespace outerloop::client
