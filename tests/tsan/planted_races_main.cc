// Runs one of planted_races.h: `planted_races FUNCTION clean|racy`.
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "tests/tsan/planted_races.h"

int main(int argc, char** argv) {
  using namespace outerloop::tests;
  const std::map<std::string, void (*)(bool)> functions = {
      {"AddUnderAMutex", AddUnderAMutex},
      {"AwaitAResult", AwaitAResult},
      {"NotifyOfAResult", NotifyOfAResult},
      {"CountDownToResults", CountDownToResults},
      {"HandleTwoCalls", HandleTwoCalls},
      {"ReactToAMessage", ReactToAMessage},
      {"ReactWithWhatWasThere", ReactWithWhatWasThere},
  };
  const auto function = argc == 3 ? functions.find(argv[1]) : functions.end();
  if (function == functions.end()) {
    std::fprintf(stderr, "usage: planted_races FUNCTION clean|racy\n");
    return 2;
  }
  function->second(std::strcmp(argv[2], "racy") == 0);
  return 0;
}
