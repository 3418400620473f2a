// What a process tells Prometheus, read by a test.
#ifndef OUTERLOOP_COMMON_TEST_SCRAPE_H_
#define OUTERLOOP_COMMON_TEST_SCRAPE_H_

#include <map>
#include <string>

namespace outerloop {

// Values by series, as the text format writes them: "outerloop_jobs{state=\"QUEUED\"}".
using Scraped = std::map<std::string, double>;

// One scrape of /metrics at this machine's `port`; empty if nobody listens there. For tests only.
Scraped Scrape(int port);

// The sum over all series of the metric `name`, whatever their labels; 0 if there is none.
double Total(const Scraped& scraped, const std::string& name);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_TEST_SCRAPE_H_
