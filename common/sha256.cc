#include "common/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop {
namespace {

// OpenSSL's digest calls fail only when memory is out or its default provider is missing: there is
// nothing that the process could still do right.
void AbortUnless(int ok) {
  if (ok != 1) std::abort();
}

}  // namespace

struct Sha256::Context {
  Context() : evp(EVP_MD_CTX_new()) { AbortUnless(evp != nullptr); }
  ~Context() { EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* const evp;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  AbortUnless(EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(std::span<const uint8_t> bytes) {
  AbortUnless(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()));
}

void Sha256::Update(std::string_view bytes) {
  AbortUnless(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()));
}

Sha256Digest Sha256::Finish() {
  Sha256Digest digest;
  AbortUnless(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr));
  return digest;
}

std::string ToHex(const Sha256Digest& digest) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool IsSha256Hex(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 2 * sizeof(Sha256Digest) && std::all_of(text.begin(), text.end(), is_digit);
}

std::string Sha256Hex(std::string_view bytes) {
  Sha256 sha256;
  sha256.Update(bytes);
  return ToHex(sha256.Finish());
}

absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path) {
  Sha256 sha256;
  RETURN_IF_ERROR(ReadFileInPieces(path, [&](std::string_view piece) { sha256.Update(piece); }));
  return ToHex(sha256.Finish());
}

}  // namespace outerloop
