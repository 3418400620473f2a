#include "data/omniglot_drawings.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "data/zip_archive.h"

namespace outerloop::data {
namespace {

namespace fs = std::filesystem;

template <typename... Parts>
absl::Status Bad(const OmniglotDrawing& drawing, const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(drawing.file, ": ", parts...));
}

absl::StatusOr<std::vector<fs::path>> FindArchives(const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_regular_file(folder, ignored)) return std::vector<fs::path>{folder};
  std::vector<fs::path> archives;
  for (const char* name : {"images_background.zip", "images_evaluation.zip"}) {
    if (fs::is_regular_file(folder / name, ignored)) archives.push_back(folder / name);
  }
  if (!archives.empty()) return archives;
  return absl::NotFoundError(absl::StrCat(
      folder.string(),
      ": neither images_background.zip nor images_evaluation.zip is there; give "
      "the folder that holds the official archives (github.com/brendenlake/omniglot), or one of "
      "them"));
}

absl::Status AppendDrawings(const fs::path& archive, std::vector<OmniglotDrawing>& drawings) {
  const std::string root = archive.stem().string();
  ASSIGN_OR_RETURN(std::vector<ArchiveEntry> entries, ReadZip(archive.string(), ArchiveLimits()));
  for (ArchiveEntry& entry : entries) {
    if (IsMacOsMetadata(entry.path)) continue;
    const std::string file = absl::StrCat(archive.string(), ": ", entry.path);
    std::optional<OmniglotPath> path = ParseOmniglotPath(entry.path);
    if (!path || path->root != root) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": outside the layout ", root,
                                                     "/ALPHABET/characterNN/ID_DRAWING.png"));
    }
    drawings.push_back({file, *std::move(path), std::move(entry.bytes)});
  }
  return absl::OkStatus();
}

// By official character id, then by drawing.
void Sort(std::vector<OmniglotDrawing>& drawings) {
  std::stable_sort(drawings.begin(), drawings.end(),
                   [](const OmniglotDrawing& a, const OmniglotDrawing& b) {
                     return std::tie(a.path.character_id, a.path.drawing) <
                            std::tie(b.path.character_id, b.path.drawing);
                   });
}

// An id is one character, a character one id, and a drawing stands once. `drawings` are sorted.
absl::Status CheckCharacters(std::span<const OmniglotDrawing> drawings) {
  absl::flat_hash_set<absl::string_view> characters;
  for (size_t i = 0; i < drawings.size(); ++i) {
    const OmniglotPath& path = drawings[i].path;
    if (StartsCharacter(drawings, i)) {
      if (characters.insert(path.character).second) continue;
      return Bad(drawings[i], "character ", path.character, " has a second id, ",
                 path.character_id);
    }
    const OmniglotPath& before = drawings[i - 1].path;
    if (path.character != before.character || path.root != before.root) {
      return Bad(drawings[i], "id ", path.character_id, " is that of ", before.root, "/",
                 before.character, " already");
    }
    if (path.drawing == before.drawing) return Bad(drawings[i], "this drawing stands twice");
  }
  return absl::OkStatus();
}

}  // namespace

bool StartsCharacter(std::span<const OmniglotDrawing> drawings, size_t i) {
  return i == 0 || drawings[i].path.character_id != drawings[i - 1].path.character_id;
}

absl::StatusOr<std::vector<OmniglotDrawing>> ReadOmniglotDrawings(const std::string& folder) {
  ASSIGN_OR_RETURN(const std::vector<fs::path> archives, FindArchives(folder));
  std::vector<OmniglotDrawing> drawings;
  for (const fs::path& archive : archives) RETURN_IF_ERROR(AppendDrawings(archive, drawings));
  if (drawings.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(archives.front().string(), ": holds no drawings"));
  }
  Sort(drawings);
  RETURN_IF_ERROR(CheckCharacters(drawings));
  return drawings;
}

}  // namespace outerloop::data
