// Text as HTML.
#ifndef OUTERLOOP_CLIENT_REPORT_HTML_H_
#define OUTERLOOP_CLIENT_REPORT_HTML_H_

#include <string>
#include <vector>

namespace outerloop::client {

// `text` to stand in an element or a quoted attribute.
std::string EscapeHtml(const std::string& text);

// <table> with a line of titles, in a part of the page that scrolls where it is narrow. Cells are
// HTML; those of columns from `first_number` on are aligned as numbers.
std::string HtmlTable(const std::vector<std::string>& titles,
                      const std::vector<std::vector<std::string>>& rows, size_t first_number);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_HTML_H_
