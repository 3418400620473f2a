// Archives and folders for tests of importers.
#ifndef OUTERLOOP_DATA_TEST_ARCHIVE_H_
#define OUTERLOOP_DATA_TEST_ARCHIVE_H_

#include <string>
#include <utility>
#include <vector>

namespace outerloop::data {

// Path and content; a path that ends with '/' is a folder.
using TestEntry = std::pair<std::string, std::string>;

// Writes an archive of a kind: a zip archive has uncompressed entries. The calling test fails if
// that is not possible. `links` are symbolic ones: where they are and what they name.
enum class ArchiveKind { kZip, kTar, kTarGz };
void WriteArchive(ArchiveKind kind, const std::string& path, const std::vector<TestEntry>& entries,
                  const std::vector<TestEntry>& links = {});
void WriteZip(const std::string& path, const std::vector<TestEntry>& entries);
// The same files as a folder, those above them made.
void WriteFolder(const std::string& path, const std::vector<TestEntry>& entries);

void WriteBytes(const std::string& path, const std::string& bytes);
std::string ReadBytes(const std::string& path);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_TEST_ARCHIVE_H_
