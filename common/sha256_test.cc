#include "common/sha256.h"

#include <vector>

#include "common/atomic_file.h"
#include "common/test_folder.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// Examples of FIPS 180-4 (NIST, "Secure Hash Standard examples") and the long message of RFC 6234.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), kOfAbc);
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheBytesAreCut) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) bytes += static_cast<char>(i);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    Sha256 sha256;
    sha256.Update(std::string_view(bytes).substr(0, cut));
    const std::vector<uint8_t> rest(bytes.begin() + static_cast<ptrdiff_t>(cut), bytes.end());
    sha256.Update(rest);
    EXPECT_EQ(ToHex(sha256.Finish()), Sha256Hex(bytes));
  }
}

TEST(Sha256, GoesOnAfterAMove) {
  Sha256 first;
  first.Update("a");
  Sha256 second = std::move(first);
  second.Update("bc");
  EXPECT_EQ(ToHex(second.Finish()), kOfAbc);
}

TEST(Sha256, OfAFileIsThatOfItsContent) {
  const TestFolder folder;
  const std::string content(3'000'000, 'x');
  ASSERT_TRUE(WriteFileAtomically(folder / "file", content).ok());
  EXPECT_EQ(Sha256HexOfFile(folder / "file").value(), Sha256Hex(content));
  EXPECT_EQ(Sha256HexOfFile(folder / "none").status().code(), absl::StatusCode::kNotFound);
}

TEST(IsSha256Hex, TakesDigestsOnly) {
  EXPECT_TRUE(IsSha256Hex(kOfAbc));
  EXPECT_FALSE(IsSha256Hex(""));
  EXPECT_FALSE(IsSha256Hex(std::string(63, 'a')));
  EXPECT_FALSE(IsSha256Hex(std::string(65, 'a')));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'A')));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'g')));
  EXPECT_FALSE(IsSha256Hex("../" + std::string(61, 'a')));
  EXPECT_FALSE(IsSha256Hex(std::string(63, 'a') + '\0'));
}

}  // namespace
}  // namespace outerloop
