// Whether the elements of a page are nested as they should be.
#ifndef OUTERLOOP_CLIENT_TESTING_WELL_FORMED_H_
#define OUTERLOOP_CLIENT_TESTING_WELL_FORMED_H_

#include <regex>
#include <set>
#include <string>
#include <vector>

namespace outerloop::client {

// "" if every element of `page` that needs an end has it, and ends before the one around it does;
// else the first that does not.
inline std::string WellFormednessError(const std::string& page) {
  static const std::regex kTag(R"(<(/?)([a-z0-9]+)[^>]*?(/?)>)");
  static const std::set<std::string> kEmpty = {"meta", "br", "img"};
  std::vector<std::string> open;
  for (std::sregex_iterator tag(page.begin(), page.end(), kTag), end; tag != end; ++tag) {
    const std::string name = (*tag)[2];
    if (kEmpty.contains(name) || (*tag)[3] == "/") continue;
    if ((*tag)[1] != "/") {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> after <" + (open.empty() ? "" : open.back()) + ">";
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> without its end";
}

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_TESTING_WELL_FORMED_H_
