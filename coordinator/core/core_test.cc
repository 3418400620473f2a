// Runs scenarios/*.txt: blocks of a command, "----", and the lines expected, separated by an empty
// line; lines that begin with # say why. With OUTERLOOP_REWRITE=1 in the environment the files are
// written anew with what is: read the difference before keeping it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "coordinator/core/scenario.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(OUTERLOOP_SCENARIOS)) {
    files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class CoreScenario : public testing::TestWithParam<std::string> {};

TEST_P(CoreScenario, AnswersAsWritten) {
  const std::string path = std::string(OUTERLOOP_SCENARIOS) + "/" + GetParam();
  std::ifstream file(path);
  Scenario scenario;
  std::ostringstream actual, expected;
  std::string line;
  while (std::getline(file, line)) {
    expected << line << "\n";
    if (line.empty() || line[0] == '#') {
      actual << line << "\n";
      continue;
    }
    // A command; what is expected of it ends at an empty line.
    actual << line << "\n----\n" << scenario.Run(line) << "\n";
    while (std::getline(file, line) && !line.empty()) expected << line << "\n";
    expected << "\n";
  }
  if (std::getenv("OUTERLOOP_REWRITE") != nullptr) {
    std::ofstream(path) << actual.str();
    GTEST_SKIP() << "rewritten";
  }
  EXPECT_EQ(actual.str(), expected.str());
}

std::string NameOf(const testing::TestParamInfo<std::string>& info) {
  return info.param.substr(0, info.param.find('.'));
}

INSTANTIATE_TEST_SUITE_P(Text, CoreScenario, testing::ValuesIn(Files()), NameOf);

}  // namespace
}  // namespace outerloop::coordinator
