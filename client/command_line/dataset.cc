#include <algorithm>
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/dataset_export.h"
#include "client/command_line/dataset_import.h"
#include "client/command_line/verbs.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

constexpr int kClassNamesShown = 8;

std::string ImageSize(const v1::Dataset& dataset) {
  return absl::StrCat(dataset.channels(), "x", dataset.height(), "x", dataset.width());
}

std::string DatasetTable(const std::vector<v1::Dataset>& datasets) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"NAME"},
               {"CLASSES", kRight},
               {"EXAMPLES", kRight},
               {"IMAGE"},
               {"SIZE", kRight},
               {"SHA256"},
               {"CREATED"}});
  for (const v1::Dataset& dataset : datasets) {
    table.AddRow({dataset.name(), absl::StrCat(dataset.classes()), absl::StrCat(dataset.examples()),
                  ImageSize(dataset), FormatBytes(dataset.size_bytes()),
                  dataset.sha256().substr(0, 12),
                  dataset.built_in() ? "built in" : FormatTimestamp(dataset.created())});
  }
  return table.Render();
}

absl::StatusOr<int> List(const Session& session) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Dataset> datasets, client->ListDatasets());
  Json list = Json::array();
  for (const v1::Dataset& dataset : datasets) {
    list.push_back(MessageToJson(dataset, JsonFields::kAll));
  }
  session.Print({{"datasets", list}}, DatasetTable(datasets));
  return kSuccess;
}

std::string SomeClassNames(const v1::GetDatasetResponse& response) {
  std::string names;
  const int shown = std::min(kClassNamesShown, response.classes_size());
  for (int i = 0; i < shown; ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", response.classes(i).name());
  }
  const int more = response.classes_size() - shown;
  return more == 0 ? names : absl::StrCat(names, " and ", more, " more");
}

std::string Origins(const v1::Dataset& dataset) {
  std::string origins;
  for (const v1::Dataset::Origin& origin : dataset.origins()) {
    absl::StrAppend(&origins, origins.empty() ? "" : ", ", origin.name(), " (", origin.classes(),
                    " classes)");
  }
  return origins;
}

std::string Splits(const v1::Dataset& dataset) {
  if (!dataset.has_splits()) return "none stored";
  const v1::Dataset::StoredSplits& splits = dataset.splits();
  return absl::StrCat("train ", splits.train(), ", validation ", splits.validation(), ", test ",
                      splits.test(), " classes");
}

std::string Facts(const v1::GetDatasetResponse& response) {
  const v1::Dataset& dataset = response.dataset();
  Table facts({{"name"}, {dataset.name()}});
  facts.AddRow({"classes", absl::StrCat(dataset.classes())});
  facts.AddRow({"examples", absl::StrCat(dataset.examples(), " (", dataset.min_examples_per_class(),
                                         " to ", dataset.max_examples_per_class(), " a class)")});
  facts.AddRow({"image", absl::StrCat(ImageSize(dataset), " (channels x height x width)")});
  facts.AddRow({"size", FormatBytes(dataset.size_bytes())});
  facts.AddRow({"sha256", dataset.sha256()});
  facts.AddRow({"origins", Origins(dataset)});
  facts.AddRow({"splits", Splits(dataset)});
  facts.AddRow({"provenance", dataset.provenance()});
  facts.AddRow({"created", dataset.built_in() ? "built in" : FormatTimestamp(dataset.created())});
  facts.AddRow({"class names", SomeClassNames(response)});
  return facts.Render();
}

struct ShowOptions {
  std::string name;
  std::string contact_sheet;  // Where to write it; empty: nowhere.
};

absl::StatusOr<int> Show(const Session& session, const ShowOptions& options) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  ASSIGN_OR_RETURN(const v1::GetDatasetResponse response, client->GetDataset(options.name));
  if (!options.contact_sheet.empty()) {
    RETURN_IF_ERROR(WriteContactSheet(session, *client, options.name, options.contact_sheet));
  }
  Json json = MessageToJson(response.dataset(), JsonFields::kAll);
  json["class_list"] = MessageToJson(response, JsonFields::kAll)["classes"];
  session.Print(json, Facts(response));
  return kSuccess;
}

absl::StatusOr<int> Remove(const Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const auto client, session.Connect());
  RETURN_IF_ERROR(client->RemoveDataset(name));
  session.Print({{"removed", name}}, absl::StrCat("removed data set '", name, "'\n"));
  return kSuccess;
}

void AddShow(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("show", "Show all about a data set");
  auto options = std::make_shared<ShowOptions>();
  verb->add_option("NAME", options->name, "The data set")->required();
  verb->add_option("--contact-sheet", options->contact_sheet,
                   "Write some images of some classes to this PNG file");
  verb->callback([&session, options] {
    session.run = [&session, options] { return Show(session, *options); };
  });
}

void AddRemove(CLI::App& group, Session& session) {
  CLI::App* verb = group.add_subcommand("remove", "Remove a data set that no job needs");
  auto name = std::make_shared<std::string>();
  verb->add_option("NAME", *name, "The data set")->required();
  verb->callback(
      [&session, name] { session.run = [&session, name] { return Remove(session, *name); }; });
}

}  // namespace

void AddDataset(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("dataset", "Import, look at and remove data sets");
  group->require_subcommand(1);
  AddDatasetImport(*group, session);
  group->add_subcommand("list", "List all data sets")->callback([&session] {
    session.run = [&session] { return List(session); };
  });
  AddShow(*group, session);
  AddDatasetExport(*group, session);
  AddRemove(*group, session);
}

}  // namespace outerloop::client
