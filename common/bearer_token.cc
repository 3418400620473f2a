#include "common/bearer_token.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/grpc_status.h"

namespace outerloop {
namespace {

constexpr size_t kLongestToken = 512;

class TokenPlugin final : public grpc::MetadataCredentialsPlugin {
 public:
  explicit TokenPlugin(std::string path) : path_(std::move(path)) {}

  grpc::Status GetMetadata(grpc::string_ref, grpc::string_ref, const grpc::AuthContext&,
                           std::multimap<grpc::string, grpc::string>* metadata) override {
    const absl::StatusOr<std::string> token = ReadToken(path_);
    if (token.ok()) metadata->emplace(kAuthorization, absl::StrCat(std::string(kBearer), *token));
    return ToGrpcStatus(token.status());
  }

  const char* GetType() const override { return "outerloop-token"; }
  grpc::string DebugString() override { return absl::StrCat("the token in ", path_); }

 private:
  const std::string path_;
};

}  // namespace

bool IsToken(std::string_view text) {
  return text.size() >= kShortestToken && text.size() <= kLongestToken &&
         std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--token-file: ", text.status().message()));
  }
  absl::StripAsciiWhitespace(&*text);
  if (IsToken(*text)) return text;
  return absl::InvalidArgumentError(absl::StrCat("--token-file: ", path,
                                                 " holds no token: ", kShortestToken, " to ",
                                                 kLongestToken, " characters, without spaces"));
}

std::shared_ptr<grpc::CallCredentials> TokenCredentials(const std::string& path) {
  // No lowest level of security: whoever makes the channel answers for it.
  return grpc::experimental::MetadataCredentialsFromPlugin(std::make_unique<TokenPlugin>(path),
                                                           GRPC_SECURITY_NONE);
}

}  // namespace outerloop
