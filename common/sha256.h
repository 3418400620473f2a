// SHA-256 (FIPS 180-4), by OpenSSL.
#ifndef OUTERLOOP_COMMON_SHA256_H_
#define OUTERLOOP_COMMON_SHA256_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace outerloop {

using Sha256Digest = std::array<uint8_t, 32>;

// A digest taken piece by piece. Thread-compatible.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(std::span<const uint8_t> bytes);
  void Update(std::string_view bytes);
  // The digest of everything so far. Call once, last.
  Sha256Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// 64 lower-case hexadecimal digits.
std::string ToHex(const Sha256Digest& digest);

// Whether `text` is what ToHex gives: the form in which digests name files, so nothing else may
// reach a path.
bool IsSha256Hex(std::string_view text);

std::string Sha256Hex(std::string_view bytes);

// Of a file's content. NOT_FOUND or another status if it cannot be read.
absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_SHA256_H_
