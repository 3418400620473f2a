// How pages look.
#ifndef OUTERLOOP_CLIENT_REPORT_PAGE_STYLE_H_
#define OUTERLOOP_CLIENT_REPORT_PAGE_STYLE_H_

namespace outerloop::client {

// CSS: colours as variables, light or dark as the reader has it, and on paper; type, tables and
// charts. Takes no font, picture or rule from elsewhere.
extern const char kPageStyle[];

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_PAGE_STYLE_H_
