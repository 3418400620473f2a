#include "client/report/episode_section.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/job_report.h"
#include "client/report/curve_chart.h"
#include "client/report/html.h"
#include "client/report/inline_image.h"

namespace outerloop::client {
namespace {

// "A", "B", ..; numbers after "Z".
std::string ClassLabel(size_t number) {
  if (number < 26) return std::string(1, static_cast<char>('A' + number));
  return absl::StrCat(number + 1);
}

// What a class is, for those who cannot see it or point at it.
std::string Describe(size_t number, const v1::SampledClass& its_class) {
  const std::string turned =
      its_class.rotation() == 0 ? "" : absl::StrCat(", turned by ", 90 * its_class.rotation(), "°");
  return absl::StrCat("class ", ClassLabel(number), ", ", its_class.name(), turned);
}

std::string Score(const v1::EpisodeSample& sample) {
  return FormatScore(sample.metric(), sample.score(), /*ci95=*/0);
}

std::string Title(const v1::EpisodeSample& sample) {
  return absl::StrCat("<h3>Task ", sample.task() + 1, " <span class=\"note\">",
                      EscapeHtml(sample.metric()), " ", EscapeHtml(Score(sample)),
                      "</span></h3>\n");
}

// ---- Classification

std::string Query(const v1::ClassificationSample& sample, size_t way,
                  const v1::SampledQuery& query) {
  const bool right = query.predicted() == way;
  const std::string predicted = ClassLabel(query.predicted());
  const std::string alt = absl::StrCat("a query of ", Describe(way, sample.classes(way)),
                                       right ? ", recognised" : ", taken for class " + predicted);
  return absl::StrCat("<figure class=\"", right ? "right" : "wrong", "\">",
                      InlineImage(query.image(), sample, alt), "<figcaption>", right ? "✓ " : "✗ ",
                      predicted, "</figcaption></figure>");
}

std::string ClassRow(const v1::ClassificationSample& sample, int way) {
  const v1::SampledClass& its_class = sample.classes(way);
  const std::string name = Describe(way, its_class);
  std::string row = absl::StrCat("<tr><th title=\"", EscapeHtml(name), "\">", ClassLabel(way),
                                 "</th><td class=\"support\"><div>");
  for (const std::string& image : its_class.support()) {
    absl::StrAppend(&row, InlineImage(image, sample, "an example of " + name));
  }
  absl::StrAppend(&row, "</div></td><td><div>");
  for (const v1::SampledQuery& query : its_class.queries()) {
    absl::StrAppend(&row, Query(sample, way, query));
  }
  return row + "</div></td></tr>\n";
}

std::string Picture(const v1::ClassificationSample& sample) {
  std::string table =
      "<table>\n<thead><tr><th></th><th>examples</th><th>queries</th></tr></thead>\n<tbody>\n";
  int drawn = 0;
  for (int way = 0; way < sample.classes_size(); ++way) {
    if (sample.classes(way).support().empty()) continue;
    table += ClassRow(sample, way);
    ++drawn;
  }
  absl::StrAppend(&table, "</tbody>\n</table>\n");
  if (drawn == sample.classes_size()) return table;
  return absl::StrCat(table, "<p class=\"note\">", drawn, " of ", sample.classes_size(),
                      " classes are shown.</p>\n");
}

// ---- Image completion

std::string Figure(const std::string& pixels, const v1::ImageCompletionSample& sample,
                   const std::string& name) {
  return absl::StrCat("<figure>", InlineImage(pixels, sample, name), "<figcaption>", name,
                      "</figcaption></figure>");
}

// The true image where pixels were given, grey elsewhere.
std::string GivenPixels(const v1::ImageCompletionSample& sample) {
  std::string pixels(sample.image().size(), static_cast<char>(96));
  const size_t channels = sample.channels();
  for (const uint32_t pixel : sample.support()) {
    const size_t at = pixel * channels;
    if (at + channels <= pixels.size()) pixels.replace(at, channels, sample.image(), at, channels);
  }
  return pixels;
}

// The predictions, and the true image where pixels were given.
std::string CompletedPixels(const v1::ImageCompletionSample& sample) {
  std::string pixels = GivenPixels(sample);
  const size_t channels = sample.channels();
  for (int i = 0; i < sample.query_size(); ++i) {
    const size_t at = sample.query(i) * channels, from = static_cast<size_t>(i) * channels;
    if (at + channels > pixels.size() || from + channels > sample.predictions().size()) continue;
    pixels.replace(at, channels, sample.predictions(), from, channels);
  }
  return pixels;
}

std::string Picture(const v1::ImageCompletionSample& sample) {
  return absl::StrCat("<div>", Figure(GivenPixels(sample), sample, "given"),
                      Figure(CompletedPixels(sample), sample, "completed"),
                      Figure(sample.image(), sample, "true"), "</div>\n");
}

// ---- All

std::string Picture(const v1::EpisodeSample& sample) {
  switch (sample.kind_case()) {
    case v1::EpisodeSample::kClassification:
      return Picture(sample.classification());
    case v1::EpisodeSample::kRegression:
      return CurveChart(sample.regression());
    case v1::EpisodeSample::kImageCompletion:
      return Picture(sample.image_completion());
    case v1::EpisodeSample::KIND_NOT_SET:
      break;
  }
  return "";
}

std::string Legend(const v1::EpisodeSample& sample) {
  switch (sample.kind_case()) {
    case v1::EpisodeSample::kClassification:
      return " Each row is a class. <span class=\"right\">✓</span> is a query that was recognised, "
             "<span class=\"wrong\">✗</span> one that was taken for the class of the letter.";
    case v1::EpisodeSample::kRegression:
      return absl::StrCat(
          " The line joins true values, points were given, crosses are "
          "predictions",
          sample.regression().deviations().empty()
              ? ""
              : ", with two standard deviations to either side",
          ".");
    case v1::EpisodeSample::kImageCompletion:
      return " Grey pixels were not given, or not asked for.";
    case v1::EpisodeSample::KIND_NOT_SET:
      break;
  }
  return "";
}

// ", after 3 inner steps"; nothing of none.
std::string InnerSteps(uint32_t steps) {
  if (steps == 0) return "";
  return absl::StrCat(", after ", steps, steps == 1 ? " inner step" : " inner steps");
}

std::string Introduction(const v1::Evaluation& evaluation, const v1::EpisodeSample& sample) {
  const std::string split = absl::AsciiStrToLower(v1::Split_Name(evaluation.spec().split()));
  const std::string mode = absl::AsciiStrToLower(v1::PredictionMode_Name(sample.mode()));
  const std::string steps = InnerSteps(sample.inner_steps());
  return absl::StrCat("<p class=\"note\">The first ", TaskName(evaluation.spec()), " tasks of the ",
                      split, " split, ", mode, steps, ".", Legend(sample), "</p>\n");
}

}  // namespace

const char kEpisodeStyle[] = R"(
.episodes { display: grid; gap: 1em; align-items: start;
            grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); }
.episode { border: 1px solid var(--line); border-radius: 8px; padding: .8em .8em .6em;
           overflow-x: auto; break-inside: avoid; }
.episode h3 { display: flex; justify-content: space-between; margin: 0 0 .4em; }
.episode table { width: auto; }
.episode th, .episode td { border: 0; padding: .2em .55em .2em 0; vertical-align: middle; }
.episode thead th { font-size: .85em; font-weight: 400; color: var(--muted); }
.episode tbody th { min-width: 1.4em; } .episode .support { border-right: 1px solid var(--line); }
.episode th:last-child, .episode td:last-child { padding: .2em 0 .2em .55em; }
.episode div { display: flex; gap: 4px; }
.episode figure { margin: 0; text-align: center; }
.episode img { display: block; border-radius: 3px; }
.episode figcaption { font-size: .8em; line-height: 1.5; color: var(--muted); }
.right img { outline: 2px solid var(--good); outline-offset: -2px; }
.wrong img { outline: 3px dashed var(--bad); outline-offset: -3px; }
.right { color: var(--good); } .wrong, .episode .wrong figcaption { color: var(--bad); }
.wrong figcaption { font-weight: 700; } .pixels { image-rendering: pixelated; }
.truth { fill: none; stroke: var(--muted); stroke-width: 1.5; }
.band { fill: var(--own); opacity: .18; } .given { fill: var(--ink); }
.predicted { fill: none; stroke: var(--own); stroke-width: 1.6; }
)";

std::string EpisodeSection(const v1::Evaluation& evaluation,
                           std::span<const v1::EpisodeSample> samples) {
  if (samples.empty()) return "";
  std::string section =
      absl::StrCat("<h2>Test episodes</h2>\n", Introduction(evaluation, samples[0]),
                   "<div class=\"episodes\">\n");
  for (const v1::EpisodeSample& sample : samples) {
    absl::StrAppend(&section, "<section class=\"episode\">\n", Title(sample), Picture(sample),
                    "</section>\n");
  }
  return section + "</div>\n";
}

}  // namespace outerloop::client
