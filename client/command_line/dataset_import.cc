#include "client/command_line/dataset_import.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command_line/byte_progress.h"
#include "client/command_line/image_options.h"
#include "client/temporary_file.h"
#include "common/mapped_file.h"
#include "common/status_macros.h"
#include "data/dataset_file.h"
#include "data/image_importer.h"
#include "data/omniglot_importer.h"

namespace outerloop::client {
namespace {

constexpr size_t kLeftOutShown = 10;

struct ImportOptions {
  std::string format;
  std::vector<std::string> paths;
  std::string name;
  ImageOptions images;
};

// A data set file that is ready to be sent.
struct Converted {
  std::unique_ptr<TemporaryFile> file;
  std::vector<data::LeftOut> left_out;
};

// Shows how many things of a kind are decoded.
auto DecodingProgress(const std::string& things, StatusDisplay& display) {
  return [things, &display](uint64_t done, uint64_t total) {
    display.Show({.label = "decoding",
                  .done = done,
                  .total = total,
                  .count = absl::StrCat(done, "/", total, " ", things),
                  .fields = {}},
                 "", absl::Now());
  };
}

// The archives at the path as a data set file.
absl::StatusOr<Converted> ConvertOmniglot(const ImportOptions& options, StatusDisplay& display) {
  data::OmniglotOptions importer;
  importer.progress = DecodingProgress("drawings", display);
  if (!options.images.size.empty() && !absl::SimpleAtoi(options.images.size, &importer.size)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--size: '", options.images.size, "' is not allowed; give 8 to 105"));
  }
  ASSIGN_OR_RETURN(const data::DatasetBuilder builder,
                   data::ImportOmniglot(options.paths[0], importer));
  Converted converted;
  ASSIGN_OR_RETURN(converted.file, TemporaryFile::Create("outerloop-import"));
  const std::string provenance = absl::StrCat(
      "Omniglot (Lake, Salakhutdinov & Tenenbaum 2015), official archives; shrunk from "
      "105x105 to ",
      importer.size, "x", importer.size, " by averaging areas, ink is 255");
  RETURN_IF_ERROR(builder.Write(
      provenance, [&converted](std::string_view bytes) { return converted.file->Append(bytes); }));
  return converted;
}

// The images at the paths as a data set file.
absl::StatusOr<Converted> ConvertImages(const ImportOptions& options, StatusDisplay& display) {
  ASSIGN_OR_RETURN(data::ImageImportOptions importer,
                   ToImportOptions(options.images, options.paths));
  importer.progress = DecodingProgress("images", display);
  Converted converted;
  ASSIGN_OR_RETURN(converted.file, TemporaryFile::Create("outerloop-import"));
  ASSIGN_OR_RETURN(data::ImageImport import, data::ImportImages(importer, converted.file->path()));
  converted.left_out = std::move(import.left_out);
  return converted;
}

// Whether the file is a data set: known here before it is sent.
absl::Status CheckDatasetFile(const std::string& path) {
  ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  const auto dataset = data::ParseDataset(file->bytes());
  if (dataset.ok()) return absl::OkStatus();
  return absl::Status(dataset.status().code(),
                      absl::StrCat(path, ": ", dataset.status().message()));
}

std::string LeftOutText(const std::vector<data::LeftOut>& left_out) {
  if (left_out.empty()) return "";
  std::string text = absl::StrCat("left out ", left_out.size(), ":\n");
  const size_t shown = std::min(left_out.size(), kLeftOutShown);
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&text, "  ", left_out[i].name, ": ", left_out[i].reason, "\n");
  }
  if (shown == left_out.size()) return text;
  return absl::StrCat(text, "  and ", left_out.size() - shown, " more\n");
}

Json LeftOutJson(const std::vector<data::LeftOut>& left_out) {
  Json list = Json::array();
  for (const auto& [name, reason] : left_out) list.push_back({{"name", name}, {"reason", reason}});
  return list;
}

absl::StatusOr<int> Upload(const Session& session, const ImportOptions& options,
                           const std::string& path, const std::vector<data::LeftOut>& left_out,
                           StatusDisplay& display) {
  ASSIGN_OR_RETURN(const auto client,
                   session.Connect([&display](const std::string& text) { display.Note(text); }));
  const auto show = [&display](uint64_t done, uint64_t total) {
    display.Show(ByteProgress("sending", done, total), "", absl::Now());
  };
  ASSIGN_OR_RETURN(const UploadedDataset upload, client->ImportDataset(options.name, path, show));
  display.Finish();
  const v1::Dataset& dataset = upload.dataset;
  Json json = MessageToJson(dataset, JsonFields::kAll);
  json["left_out"] = LeftOutJson(left_out);
  json["sent_bytes"] = upload.sent_bytes;
  session.Print(json, absl::StrCat("imported data set '", dataset.name(), "': ", dataset.classes(),
                                   " classes, ", dataset.examples(), " examples\n",
                                   LeftOutText(left_out), "sha256 ", dataset.sha256(), "\n"));
  return kSuccess;
}

absl::StatusOr<int> Import(const Session& session, const ImportOptions& options) {
  StatusDisplay display = session.MakeDisplay();
  if (options.format != "folder" && options.paths.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("--format ", options.format, " takes one path; ",
                                                   options.paths.size(), " were given"));
  }
  if (options.format == "safetensors") {
    RETURN_IF_ERROR(CheckDatasetFile(options.paths[0]));
    return Upload(session, options, options.paths[0], {}, display);
  }
  ASSIGN_OR_RETURN(const Converted converted, options.format == "omniglot"
                                                  ? ConvertOmniglot(options, display)
                                                  : ConvertImages(options, display));
  return Upload(session, options, converted.file->path(), converted.left_out, display);
}

}  // namespace

void AddDatasetImport(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("import", "Send a data set to the coordinator");
  auto options = std::make_shared<ImportOptions>();
  verb->add_option(
          "--format", options->format,
          "folder: folders or archives (zip, tar, tar.gz) of PNG and JPEG images, a folder "
          "for each class; safetensors: a data set file; omniglot: folder with the "
          "official archives")
      ->required()
      ->check(CLI::IsMember({"folder", "safetensors", "omniglot"}));
  verb->add_option("PATH", options->paths, "What to import; several for --format folder")
      ->required();
  verb->add_option("--name", options->name, "Name of the data set")->required();
  verb->add_option("--size", options->images.size,
                   "Pixels, N or WxH: folder: resized so (default: as they are); omniglot: shrunk "
                   "so, 8 to 105 (default: 28)");
  AddImageOptions(*verb, options->images);
  verb->callback([&session, options] {
    session.run = [&session, options] { return Import(session, *options); };
  });
}

}  // namespace outerloop::client
