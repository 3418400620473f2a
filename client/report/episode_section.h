// What a job answers to a few tasks, as a part of its page.
#ifndef OUTERLOOP_CLIENT_REPORT_EPISODE_SECTION_H_
#define OUTERLOOP_CLIENT_REPORT_EPISODE_SECTION_H_

#include <span>
#include <string>

#include "outerloop/v1/episode_sample.pb.h"
#include "outerloop/v1/evaluation.pb.h"

namespace outerloop::client {

// <h2> and a picture of each of `samples`, tasks of `evaluation`: of classification, the images of
// every class and what some queries were taken for; of regression, the curve and its prediction; of
// image completion, what was given and what was made of it. Right and wrong differ by sign, colour
// and frame. "" if there are no samples. Whatever samples hold, the result is well-formed HTML.
std::string EpisodeSection(const v1::Evaluation& evaluation,
                           std::span<const v1::EpisodeSample> samples);

// The rules of style that it takes, with the colours of page_style.h.
extern const char kEpisodeStyle[];

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_EPISODE_SECTION_H_
