#include "client/score_table.h"

#include <array>
#include <charconv>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace outerloop::client {
namespace {

std::string Shortest(float number) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.begin(), text.end(), number).ptr};
}

}  // namespace

std::string ScoresToCsv(const std::string& evaluation_id, std::span<const v1::ScoreSeries> series) {
  std::string csv;
  for (const v1::ScoreSeries& way : series) {
    const std::string mode = absl::AsciiStrToLower(v1::PredictionMode_Name(way.mode()));
    for (int task = 0; task < way.scores_size(); ++task) {
      absl::StrAppend(&csv, evaluation_id, ",", mode, ",", way.inner_steps(), ",", task, ",",
                      Shortest(way.scores(task)), "\n");
    }
  }
  return csv;
}

Json ScoresToJson(const std::string& evaluation_id, std::span<const v1::ScoreSeries> series) {
  Json list = Json::array();
  for (const v1::ScoreSeries& way : series) {
    list.push_back({{"mode", v1::PredictionMode_Name(way.mode())},
                    {"inner_steps", way.inner_steps()},
                    {"metric", way.metric()},
                    {"scores", std::vector<float>(way.scores().begin(), way.scores().end())}});
  }
  return {{"evaluation_id", evaluation_id}, {"series", std::move(list)}};
}

}  // namespace outerloop::client
