#include "client/command_line/dataset_import.h"

#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command_line/byte_progress.h"
#include "client/temporary_file.h"
#include "common/mapped_file.h"
#include "common/status_macros.h"
#include "data/dataset_file.h"
#include "data/omniglot_importer.h"

namespace outerloop::client {
namespace {

struct ImportOptions {
  std::string format;
  std::string path;
  std::string name;
  uint32_t size = 28;
};

// The archives at `options.path` as a data set file.
absl::StatusOr<std::unique_ptr<TemporaryFile>> ConvertOmniglot(const ImportOptions& options,
                                                               StatusDisplay& display) {
  data::OmniglotOptions importer;
  importer.size = options.size;
  importer.progress = [&display](uint64_t done, uint64_t total) {
    display.Show({.label = "decoding",
                  .done = done,
                  .total = total,
                  .count = absl::StrCat(done, "/", total, " drawings"),
                  .fields = {}},
                 "", absl::Now());
  };
  ASSIGN_OR_RETURN(const data::DatasetBuilder builder,
                   data::ImportOmniglot(options.path, importer));
  ASSIGN_OR_RETURN(auto file, TemporaryFile::Create("outerloop-import"));
  const std::string provenance = absl::StrCat(
      "Omniglot (Lake, Salakhutdinov & Tenenbaum 2015), official archives; shrunk from "
      "105x105 to ",
      options.size, "x", options.size, " by averaging areas, ink is 255");
  RETURN_IF_ERROR(
      builder.Write(provenance, [&file](std::string_view bytes) { return file->Append(bytes); }));
  return file;
}

// Whether the file is a data set: known here before it is sent.
absl::Status CheckDatasetFile(const std::string& path) {
  ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  const auto dataset = data::ParseDataset(file->bytes());
  if (dataset.ok()) return absl::OkStatus();
  return absl::Status(dataset.status().code(),
                      absl::StrCat(path, ": ", dataset.status().message()));
}

absl::StatusOr<int> Upload(const Session& session, const ImportOptions& options,
                           const std::string& path, StatusDisplay& display) {
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  const auto show = [&display](uint64_t done, uint64_t total) {
    display.Show(ByteProgress("sending", done, total), "", absl::Now());
  };
  ASSIGN_OR_RETURN(const v1::Dataset dataset, client->ImportDataset(options.name, path, show));
  display.Finish();
  session.Print(
      MessageToJson(dataset, JsonFields::kAll),
      absl::StrCat("imported data set '", dataset.name(), "': ", dataset.classes(), " classes, ",
                   dataset.examples(), " examples\nsha256 ", dataset.sha256(), "\n"));
  return kSuccess;
}

absl::StatusOr<int> Import(const Session& session, const ImportOptions& options) {
  StatusDisplay display = session.MakeDisplay();
  if (options.format == "omniglot") {
    ASSIGN_OR_RETURN(const auto file, ConvertOmniglot(options, display));
    return Upload(session, options, file->path(), display);
  }
  RETURN_IF_ERROR(CheckDatasetFile(options.path));
  return Upload(session, options, options.path, display);
}

}  // namespace

void AddDatasetImport(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("import", "Send a data set to the coordinator");
  auto options = std::make_shared<ImportOptions>();
  verb->add_option("--format", options->format,
                   "omniglot: folder with the official archives; safetensors: a data set file")
      ->required()
      ->check(CLI::IsMember({"omniglot", "safetensors"}));
  verb->add_option("PATH", options->path, "What to import")->required();
  verb->add_option("--name", options->name, "Name of the data set")->required();
  verb->add_option("--size", options->size, "Pixels that Omniglot's drawings are shrunk to")
      ->check(CLI::Range(8, 105))
      ->capture_default_str();
  verb->callback([&session, options] {
    session.run = [&session, options] { return Import(session, *options); };
  });
}

}  // namespace outerloop::client
