#include "coordinator/core/identifier.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace outerloop::coordinator {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
static_assert(kAlphabet.size() == 32);  // Divides 256, so that every character is as likely.
constexpr size_t kRandomCharacters = 12;
constexpr size_t kLongestName = 63;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

}  // namespace

std::string NewIdentifier(std::string_view prefix) {
  std::array<uint8_t, kRandomCharacters> random;
  // Fails only on a kernel without random numbers.
  if (getentropy(random.data(), random.size()) != 0) std::abort();
  std::string identifier(prefix);
  for (const uint8_t byte : random) identifier += kAlphabet[byte % kAlphabet.size()];
  return identifier;
}

bool IsJobName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), IsNameCharacter);
}

}  // namespace outerloop::coordinator
