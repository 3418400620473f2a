#include "coordinator/core/dispute.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using testing::HasSubstr;

TEST(Verdict, NamesTheMinorityAndGivesAllDigests) {
  EXPECT_EQ(Verdict({17, {{"aa", {"w1", "w2", "w4"}}, {"bb", {"w3"}}}}),
            "the workers report different parameters after step 17: the machine or the build of w3 "
            "computes differently. Digests: aa from w1, w2, w4; bb from w3");
}

TEST(Verdict, BlamesNobodyWithoutAMajority) {
  const std::string verdict = Verdict({1, {{"aa", {"w1"}}, {"bb", {"w2"}}}});
  EXPECT_THAT(verdict, HasSubstr("no majority"));
  EXPECT_THAT(verdict, HasSubstr("aa from w1; bb from w2"));
  EXPECT_THAT(Verdict({1, {{"aa", {"w1", "w2"}}, {"bb", {"w3"}}, {"cc", {"w4"}}}}),
              HasSubstr("no majority"))
      << "half is no majority";
}

TEST(Verdict, StaysShortHoweverManyWorkersThereAre) {
  Dispute dispute{1, {{"bb", {"odd"}}}};
  for (int i = 0; i < 4000; ++i) dispute.workers["aa"].push_back("w");
  const std::string verdict = Verdict(dispute);
  EXPECT_LT(verdict.size(), 500u);
  EXPECT_THAT(verdict, HasSubstr("and 3990 others"));
  EXPECT_THAT(verdict, HasSubstr("of odd computes"));
}

}  // namespace
}  // namespace outerloop::coordinator
