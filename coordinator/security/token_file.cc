#include "coordinator/security/token_file.h"

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace outerloop::coordinator {
namespace {

bool IsSameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenFile>> TokenFile::Open(const std::string& path) {
  auto file = std::unique_ptr<TokenFile>(new TokenFile(path));
  absl::MutexLock lock(&file->mu_);
  // What comes between the look and the reading is found by the next look.
  stat(path.c_str(), &file->seen_);
  RETURN_IF_ERROR(file->Reload());
  return file;
}

absl::Status TokenFile::Reload() {
  absl::StatusOr<std::string> text = ReadFile(path_);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--tokens-file: ", text.status().message()));
  }
  absl::StatusOr<TokenTable> table = TokenTable::Parse(*text);
  if (!table.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tokens-file: ", path_, ", ", table.status().message()));
  }
  table_ = std::make_shared<const TokenTable>(*std::move(table));
  return absl::OkStatus();
}

std::shared_ptr<const TokenTable> TokenFile::Table() {
  absl::MutexLock lock(&mu_);
  struct stat now = {};
  stat(path_.c_str(), &now);
  if (IsSameFile(now, seen_)) return table_;
  seen_ = now;
  const absl::Status status = Reload();
  if (status.ok()) {
    spdlog::info("read {} tokens from {}", table_->size(), path_);
  } else {
    spdlog::error("{}; the tokens read before still count", std::string(status.message()));
  }
  return table_;
}

}  // namespace outerloop::coordinator
