#include "worker/member/held_record.h"

namespace outerloop::worker {

void HeldRecord::Set(const std::string& job_id, uint64_t step, uint64_t resumed_generation) {
  if (!StepOf(job_id) || held_->resumed_generation() != resumed_generation) held_.emplace();
  held_->set_job_id(job_id);
  held_->set_resumed_generation(resumed_generation);
  if (held_->step() != step) held_->clear_parameters_sha256();
  held_->set_step(step);
  DropRecentAfter(step);
}

void HeldRecord::Advance(const v1::StepMetrics& metrics, const std::string& parameters_sha256) {
  if (!held_) return;
  auto& recent = *held_->mutable_recent();
  if (recent.size() == kMaxRecent) recent.DeleteSubrange(0, kMaxRecent / 2);
  *recent.Add() = metrics;
  held_->set_step(metrics.step());
  held_->set_parameters_sha256(parameters_sha256);
}

std::optional<uint64_t> HeldRecord::StepOf(const std::string& job_id) const {
  if (!held_ || held_->job_id() != job_id) return std::nullopt;
  return held_->step();
}

void HeldRecord::DropRecentAfter(uint64_t step) {
  auto& recent = *held_->mutable_recent();
  while (!recent.empty() && recent.rbegin()->step() > step) recent.RemoveLast();
}

}  // namespace outerloop::worker
