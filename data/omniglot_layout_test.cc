#include "data/omniglot_layout.h"

#include <gtest/gtest.h>

namespace outerloop::data {
namespace {

TEST(OmniglotPath, TakesAnOfficialPathApart) {
  const OmniglotPath expected{.root = "images_background",
                              .character = "Malay_(Jawi_-_Arabic)/character40",
                              .character_id = 108,
                              .drawing = 3};
  EXPECT_EQ(ParseOmniglotPath("images_background/Malay_(Jawi_-_Arabic)/character40/0108_03.png"),
            expected);
}

TEST(OmniglotPath, RefusesEveryOtherForm) {
  for (const char* path :
       {"", "0108_03.png", "Balinese/character01/0108_03.png", "a/b/c/character01/0108_03.png",
        "root//character01/0108_03.png", "root/Balinese/letter01/0108_03.png",
        "root/Balinese/character/0108_03.png", "root/Balinese/character0x/0108_03.png",
        "root/Balinese/character01/0108_03.gif", "root/Balinese/character01/0108.png",
        "root/Balinese/character01/0108_03_04.png", "root/Balinese/character01/-108_03.png",
        "root/Balinese/character01/ 108_03.png", "root/Balinese/character01/_.png",
        "root/Balinese/character01/99999999999_01.png"}) {
    EXPECT_FALSE(ParseOmniglotPath(path).has_value()) << path;
  }
}

TEST(OmniglotPath, KnowsWhatMacOsAdds) {
  EXPECT_TRUE(IsMacOsMetadata("__MACOSX/images_background/._Balinese"));
  EXPECT_TRUE(IsMacOsMetadata("images_background/.DS_Store"));
  EXPECT_FALSE(IsMacOsMetadata("images_background/Balinese/character01/0108_03.png"));
}

}  // namespace
}  // namespace outerloop::data
