// Any bytes as an archive of images: its walk, its entries, and the decoders on what they hold.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "data/archive_source.h"
#include "data/image_decoder.h"

namespace outerloop::data {
namespace {

constexpr uint64_t kMaxFileBytes = 1 << 16;
constexpr int kMaxEntries = 64;

bool LeadsOut(std::string_view path) {
  return path.starts_with('/') || path.starts_with("../") || path.find("/../") != path.npos ||
         path.ends_with("/..") || path == "..";
}

void Walk(std::string_view archive) {
  const auto source = ArchiveSource::OpenBytes("fuzz", archive);
  if (!source.ok()) return;
  for (int i = 0; i < kMaxEntries; ++i) {
    const auto entry = (*source)->Next();
    if (!entry.ok() || !*entry) return;
    if (!(*entry)->problem.empty()) continue;
    if (LeadsOut((*entry)->path)) std::abort();
    const auto bytes = (*source)->Read(kMaxFileBytes);
    if (!bytes.ok()) continue;
    if (bytes->size() > kMaxFileBytes) std::abort();
    const auto image = DecodeImage({reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()},
                                   {.max_pixels = 1 << 14});
    if (image.ok() && image->pixels.size() != size_t{image->height} * image->width * 3) {
      std::abort();
    }
  }
}

}  // namespace
}  // namespace outerloop::data

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  outerloop::data::Walk({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
