#include "client/command_line/dataset_export.h"

#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command_line/byte_progress.h"
#include "client/temporary_file.h"
#include "common/atomic_file.h"
#include "common/mapped_file.h"
#include "common/status_macros.h"
#include "data/contact_sheet.h"
#include "data/png_decoder.h"

namespace outerloop::client {
namespace {

absl::StatusOr<v1::Dataset> Fetch(const Session& session, Client& client, const std::string& name,
                                  const std::string& path) {
  StatusDisplay display = session.MakeDisplay();
  const auto show = [&display](uint64_t done, uint64_t total) {
    display.Show(ByteProgress("receiving", done, total), "", absl::Now());
  };
  return client.ExportDataset(name, path, show);
}

absl::StatusOr<int> Export(const Session& session, const std::string& name,
                           const std::string& path) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Dataset dataset, Fetch(session, *client, name, path));
  Json json = MessageToJson(dataset, JsonFields::kAll);
  json["path"] = path;
  session.Print(
      json, absl::StrCat("wrote ", path, ": data set '", dataset.name(), "', ",
                         FormatBytes(dataset.size_bytes()), "\nsha256 ", dataset.sha256(), "\n"));
  return kSuccess;
}

}  // namespace

absl::Status WriteContactSheet(const Session& session, Client& client, const std::string& name,
                               const std::string& path) {
  ASSIGN_OR_RETURN(const auto place, TemporaryFile::Create("outerloop-show"));
  RETURN_IF_ERROR(Fetch(session, client, name, place->path()).status());
  ASSIGN_OR_RETURN(const auto file, MappedFile::Open(place->path()));
  ASSIGN_OR_RETURN(const data::DatasetView dataset, data::ParseDataset(file->bytes()));
  ASSIGN_OR_RETURN(const std::string png, data::EncodePngFile(data::MakeContactSheet(dataset, {})));
  return WriteFileAtomically(path, png);
}

void AddDatasetExport(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("export", "Fetch a data set as a safetensors file");
  auto name = std::make_shared<std::string>();
  auto path = std::make_shared<std::string>();
  verb->add_option("NAME", *name, "The data set")->required();
  verb->add_option("-o,--file", *path, "Where to write it; replaced if it exists")->required();
  verb->callback([&session, name, path] {
    session.run = [&session, name, path] { return Export(session, *name, *path); };
  });
}

}  // namespace outerloop::client
