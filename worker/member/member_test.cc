// Runs scenarios/*.txt, as common/test_scenarios.h says.
#include "worker/member/member.h"

#include "common/test_scenarios.h"
#include "gtest/gtest.h"
#include "worker/member/scenario.h"

namespace outerloop::worker {
namespace {

class MemberScenario : public testing::TestWithParam<std::string> {};

TEST_P(MemberScenario, ActsAsWritten) {
  Scenario scenario;
  RunScenario(GetParam(),
              [&scenario](const std::string& command) { return scenario.Run(command); });
}

INSTANTIATE_TEST_SUITE_P(Text, MemberScenario,
                         testing::ValuesIn(ScenarioFiles(OUTERLOOP_SCENARIOS)), ScenarioName);

}  // namespace
}  // namespace outerloop::worker
