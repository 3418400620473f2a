// Runs scenarios/*.txt, as common/test_scenarios.h says.
#include "common/test_scenarios.h"
#include "coordinator/core/scenario.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

class CoreScenario : public testing::TestWithParam<std::string> {};

TEST_P(CoreScenario, AnswersAsWritten) {
  Scenario scenario;
  RunScenario(GetParam(),
              [&scenario](const std::string& command) { return scenario.Run(command); });
}

INSTANTIATE_TEST_SUITE_P(Text, CoreScenario, testing::ValuesIn(ScenarioFiles(OUTERLOOP_SCENARIOS)),
                         ScenarioName);

}  // namespace
}  // namespace outerloop::coordinator
