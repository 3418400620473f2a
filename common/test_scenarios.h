// Cases as text files: commands, what is expected of each, and why.
#ifndef OUTERLOOP_COMMON_TEST_SCENARIOS_H_
#define OUTERLOOP_COMMON_TEST_SCENARIOS_H_

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop {

// Paths of the files in `folder`, ascending.
std::vector<std::string> ScenarioFiles(const std::string& folder);

// Runs a file: blocks of a command, "----", and the lines expected, separated by an empty line;
// lines that begin with # say why. `run` takes a command and returns what followed, each line with
// its end. The test fails unless that is what the file says. With OUTERLOOP_REWRITE=1 in the
// environment the file is written anew with what is: read the difference before keeping it.
void RunScenario(const std::string& path,
                 const std::function<std::string(const std::string& command)>& run);

// A test's name: the file's, without folder and ending.
std::string ScenarioName(const testing::TestParamInfo<std::string>& info);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_TEST_SCENARIOS_H_
