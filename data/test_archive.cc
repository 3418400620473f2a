#include "data/test_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <locale.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace outerloop::data {

namespace {

// A writer of the kind, whose file is not open yet.
struct archive* NewWriter(ArchiveKind kind) {
  struct archive* writer = archive_write_new();
  if (kind == ArchiveKind::kZip) {
    archive_write_set_format_zip(writer);
    archive_write_zip_set_compression_store(writer);
    return writer;
  }
  archive_write_set_format_ustar(writer);  // Names as they are, whatever their encoding.
  if (kind == ArchiveKind::kTarGz) archive_write_add_filter_gzip(writer);
  return writer;
}

void WriteEntry(struct archive* writer, struct archive_entry* entry, const std::string& name,
                const std::string& content) {
  archive_entry_set_pathname(entry, name.c_str());
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
  ASSERT_EQ(archive_write_header(writer, entry), ARCHIVE_OK) << name;
  ASSERT_EQ(archive_write_data(writer, content.data(), content.size()),
            static_cast<la_ssize_t>(content.size()));
}

}  // namespace

void WriteArchive(ArchiveKind kind, const std::string& path, const std::vector<TestEntry>& entries,
                  const std::vector<TestEntry>& links) {
  // In the "C" locale, libarchive does not know how to write names that are not ASCII.
  const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t previous = uselocale(utf8);
  struct archive* writer = NewWriter(kind);
  ASSERT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK) << path;
  struct archive_entry* entry = archive_entry_new();
  for (const auto& [name, content] : entries) {
    archive_entry_clear(entry);
    archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    WriteEntry(writer, entry, name, content);
  }
  for (const auto& [name, target] : links) {
    archive_entry_clear(entry);
    archive_entry_set_filetype(entry, AE_IFLNK);
    archive_entry_set_symlink(entry, target.c_str());
    WriteEntry(writer, entry, name, "");
  }
  archive_entry_free(entry);
  EXPECT_EQ(archive_write_free(writer), ARCHIVE_OK);
  uselocale(previous);
  freelocale(utf8);
}

void WriteZip(const std::string& path, const std::vector<TestEntry>& entries) {
  WriteArchive(ArchiveKind::kZip, path, entries);
}

void WriteFolder(const std::string& path, const std::vector<TestEntry>& entries) {
  for (const auto& [name, content] : entries) {
    const std::filesystem::path place = std::filesystem::path(path) / name;
    std::filesystem::create_directories(place.parent_path());
    if (!name.ends_with('/')) WriteBytes(place.string(), content);
  }
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace outerloop::data
