#include "common/test_scenarios.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace outerloop {

std::vector<std::string> ScenarioFiles(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void RunScenario(const std::string& path,
                 const std::function<std::string(const std::string& command)>& run) {
  std::ifstream file(path);
  std::ostringstream actual, expected;
  std::string line;
  while (std::getline(file, line)) {
    expected << line << "\n";
    if (line.empty() || line[0] == '#') {
      actual << line << "\n";
      continue;
    }
    // A command; what is expected of it ends at an empty line.
    actual << line << "\n----\n" << run(line) << "\n";
    while (std::getline(file, line) && !line.empty()) expected << line << "\n";
    expected << "\n";
  }
  if (std::getenv("OUTERLOOP_REWRITE") != nullptr) {
    std::ofstream(path) << actual.str();
    GTEST_SKIP() << "rewritten";
  }
  EXPECT_EQ(actual.str(), expected.str());
}

std::string ScenarioName(const testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}

}  // namespace outerloop
