#include "coordinator/service/sweep_board.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SweepBoardTest : public testing::Test {
 protected:
  // The first trial's steps; none: there is no such sweep.
  SweepBoard::View Look(const std::string& id) {
    ++looks_;
    if (!steps_.contains(id)) return nullptr;
    v1::Sweep sweep;
    sweep.set_sweep_id(id);
    sweep.add_trials()->set_step(steps_[id]);
    return std::make_shared<const v1::Sweep>(sweep);
  }
  void Watch(std::vector<uint64_t>& seen, const std::string& id) {
    board_.Watch(&seen, id, [&seen](const SweepBoard::View& sweep) {
      seen.push_back(sweep->trials(0).step());
    });
  }

  std::map<std::string, uint64_t> steps_ = {{"a", 1}, {"b", 7}};
  int looks_ = 0;
  SweepBoard board_{[this](const std::string& id) { return Look(id); }};
};

TEST_F(SweepBoardTest, ShowsAWatcherThePresentAndThenWhatHasChanged) {
  std::vector<uint64_t> seen;
  Watch(seen, "a");
  EXPECT_THAT(seen, ElementsAre(1));
  board_.Refresh();
  EXPECT_THAT(seen, ElementsAre(1)) << "nothing has changed";
  steps_ = {{"a", 2}, {"b", 8}};
  board_.Refresh();
  board_.Refresh();
  EXPECT_THAT(seen, ElementsAre(1, 2));
  board_.Unwatch(&seen);
  steps_["a"] = 3;
  board_.Refresh();
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST_F(SweepBoardTest, LooksOnceAtASweepThatManyWatchAndAtNoOther) {
  std::vector<uint64_t> one;
  std::vector<uint64_t> two;
  Watch(one, "a");
  Watch(two, "a");
  looks_ = 0;
  steps_["a"] = 5;
  board_.Refresh();
  EXPECT_EQ(looks_, 1);
  EXPECT_EQ(one.back(), 5u);
  EXPECT_EQ(two.back(), 5u);
  board_.Unwatch(&one);
  board_.Unwatch(&two);
  board_.Refresh();
  EXPECT_EQ(looks_, 1);
}

TEST_F(SweepBoardTest, SaysNothingOfASweepThatIsGone) {
  std::vector<uint64_t> seen;
  Watch(seen, "c");
  board_.Refresh();
  EXPECT_THAT(seen, IsEmpty());
}

}  // namespace
}  // namespace outerloop::coordinator
