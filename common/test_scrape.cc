#include "common/test_scrape.h"

#include <cstdlib>
#include <sstream>

#include "common/test_http.h"

namespace outerloop {

Scraped Scrape(int port) {
  Scraped scraped;
  std::istringstream answer(HttpGet(port, "/metrics"));
  for (std::string line; std::getline(answer, line);) {
    const size_t space = line.rfind(' ');
    if (line.rfind("outerloop_", 0) != 0 || space == std::string::npos) continue;
    scraped[line.substr(0, space)] = std::strtod(line.c_str() + space, nullptr);
  }
  return scraped;
}

double Total(const Scraped& scraped, const std::string& name) {
  double total = 0;
  for (const auto& [series, value] : scraped) {
    if (series == name || series.rfind(name + "{", 0) == 0) total += value;
  }
  return total;
}

}  // namespace outerloop
