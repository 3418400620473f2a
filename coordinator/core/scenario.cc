#include "coordinator/core/scenario.h"

#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace outerloop::coordinator {
namespace {

std::string Get(const std::map<std::string, std::string>& arguments, const std::string& key,
                const std::string& otherwise) {
  const auto it = arguments.find(key);
  return it == arguments.end() ? otherwise : it->second;
}

uint64_t ToNumber(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); }

absl::Duration ToDuration(const std::string& seconds) {
  return absl::Milliseconds(std::lround(1000 * std::strtod(seconds.c_str(), nullptr)));
}

v1::Reducer ToReducer(const std::string& name) {
  v1::Reducer reducer = v1::REDUCER_UNSPECIFIED;
  v1::Reducer_Parse(name, &reducer);
  return reducer;
}

// "a/3" -> ("a", 3)
std::pair<std::string, uint64_t> Generation(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  return {parts.at(0), ToNumber(parts.at(1))};
}

v1::StepMetrics Metrics(uint64_t step) {
  v1::StepMetrics metrics;
  metrics.set_step(step);
  metrics.set_seconds(1);  // With the default window: two steps are given out ahead.
  return metrics;
}

std::string Show(const StartPoint& start) {
  switch (start.source) {
    case StartPoint::Source::kInitial:
      return "initial";
    case StartPoint::Source::kCheckpoint:
      return absl::StrCat("checkpoint ", start.checkpoint_sha256);
    case StartPoint::Source::kMember:
      return absl::StrCat("state of rank ", start.rank);
  }
  return "";
}

}  // namespace

Scenario::Scenario() : core_(std::make_unique<Core>(options_)) {}

std::string Scenario::Run(const std::string& command) {
  std::vector<std::string> words;
  Arguments arguments;
  const std::vector<std::string> parts = absl::StrSplit(command, ' ', absl::SkipEmpty());
  for (const std::string& word : parts) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      words.push_back(word);
    } else {
      arguments[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  const std::string verb = words.at(0);
  if (verb == "restart") return Restart();
  if (verb == "jobs") return Jobs();
  if (verb == "workers") return Workers();
  if (verb == "checkpoints") return Checkpoints();
  if (verb == "events") return Events(words.at(1), ToNumber(Get(arguments, "after", "0")));
  if (verb == "wait") return Wait(ToDuration(words.at(1)));
  if (verb == "freeze") now_ += ToDuration(words.at(1));
  if (verb == "mute") return beating_.erase(words.at(1)) > 0 ? "" : "was mute already\n";
  if (verb == "submit") return Serve(DecideSubmit(*core_, MakeJob(words.at(1), arguments)));
  if (verb == "checkpoint") return Checkpoint(words, arguments);
  if (verb == "pause") {
    return Serve(arguments, DecidePause(*core_, words.at(1), RequestId(arguments)));
  }
  if (verb == "release") {
    return Serve(DecideRelease(*core_, words.at(1), RequestId(arguments),
                               ToNumber(Get(arguments, "hold", "0"))));
  }
  if (verb == "delete") return Serve(DecideDeletion(*core_, words.at(1), RequestId(arguments)));
  if (verb == "priority") {
    return Serve(arguments, DecidePriority(*core_, words.at(1), RequestId(arguments),
                                           std::atoi(words.at(2).c_str())));
  }
  if (verb == "quota") {
    options_.worker_quota = static_cast<uint32_t>(ToNumber(words.at(1)));
    return Restart();
  }
  if (verb == "resume") {
    const std::string step = Get(arguments, "step", "");
    return Serve(arguments,
                 DecideResume(*core_, words.at(1), RequestId(arguments),
                              step.empty() ? std::nullopt : std::make_optional(ToNumber(step))));
  }
  return Show(core_->Apply(MakeEvent(verb, words, arguments), now_));
}

std::string Scenario::RequestId(const Arguments& arguments) {
  return Get(arguments, "request", absl::StrCat(++requests_));
}

std::string Scenario::Serve(const Arguments& arguments, absl::StatusOr<Decision> decision) {
  return Serve(AskedBy(Get(arguments, "by", ""), std::move(decision)));
}

std::string Scenario::Serve(const absl::StatusOr<Decision>& decision) {
  if (!decision.ok()) return absl::StrCat(decision.status().ToString(), "\n");
  for (const Write& write : decision->durable_first) Keep(write);
  return decision->event.has_value() ? Show(core_->Apply(*decision->event, now_)) : "";
}

std::string Scenario::Checkpoint(const std::vector<std::string>& words,
                                 const Arguments& arguments) {
  CheckpointRecord checkpoint;
  checkpoint.job_id = words.at(1);
  checkpoint.step = ToNumber(words.at(2));
  checkpoint.parameters_sha256 = Get(arguments, "digest", absl::StrCat("d", checkpoint.step));
  checkpoint.sha256 = absl::StrCat(checkpoint.job_id, "@", checkpoint.step);
  if (arguments.contains("digest")) absl::StrAppend(&checkpoint.sha256, arguments.at("digest"));
  const uint64_t present = core_->FindJob(checkpoint.job_id)->record.generation;
  return Serve(DecideCheckpoint(
      *core_, ToNumber(Get(arguments, "generation", absl::StrCat(present))), checkpoint));
}

Event Scenario::MakeEvent(const std::string& verb, const std::vector<std::string>& words,
                          const Arguments& arguments) {
  if (verb == "connect") return Connect(words.at(1), arguments);
  if (verb == "lose") {
    beating_.erase(words.at(1));
    return WorkerLost{sessions_.at(words.at(1))};
  }
  if (verb == "leave") return WorkerLeaving{sessions_.at(words.at(1))};
  if (verb == "cancel") return CancelRequested{words.at(1), Get(arguments, "by", "")};
  if (verb == "evaluate") {
    EvaluationRecord evaluation;
    evaluation.job_id = words.at(1);
    evaluation.evaluation_id = words.at(2);
    evaluation.request_id = absl::StrCat("request-", words.at(2));
    evaluation.step = ToNumber(Get(arguments, "step", "0"));
    evaluation.spec.set_tasks(static_cast<uint32_t>(ToNumber(words.at(3))));
    evaluations_[evaluation.evaluation_id] = evaluation;
    return EvaluationAdmitted{evaluation};
  }
  if (verb == "score") {
    const EvaluationRun* run = core_->FindRun(words.at(2));
    const auto shard = static_cast<uint32_t>(ToNumber(words.at(3)));
    v1::ScoreSeries series;
    series.set_metric("accuracy");
    if (run != nullptr) {
      const auto [first, last] = run->TasksOf(shard);
      for (uint32_t task = first; task < last; ++task) {
        series.add_scores(std::strtof(words.at(4).c_str(), nullptr));
      }
    }
    return ShardScored{sessions_.at(words.at(1)), {words.at(2), shard, {series}}};
  }
  if (verb == "freeze") return Tick{};
  if (verb == "beat") {
    Beating& beating = beating_[words.at(1)];
    beating.moves = Get(arguments, "progress", "moves") == "moves";
    HeartbeatReceived& heartbeat = beating.heartbeat;
    heartbeat.session = sessions_.at(words.at(1));
    heartbeat.step = ToNumber(Get(arguments, "step", "0"));
    v1::Heartbeat::Phase_Parse(words.at(2), &heartbeat.phase);
    return heartbeat;
  }

  const SessionId session = sessions_.at(words.at(1));
  const auto [job_id, generation] = Generation(words.at(2));
  if (verb == "ready") {
    const std::string held = Get(arguments, "held", "");
    return MemberReady{session, job_id, generation,
                       held.empty() ? std::nullopt : std::make_optional(ToNumber(held))};
  }
  if (verb == "fail") {
    MemberFailed failed{session, job_id, generation, "its data is broken"};
    v1::GroupFailed::Cause_Parse(Get(arguments, "cause", "JOB"), &failed.cause);
    return failed;
  }
  const uint64_t step = ToNumber(words.at(3));
  v1::StepMetrics metrics = Metrics(step);
  metrics.set_loss(std::strtod(Get(arguments, "loss", "0").c_str(), nullptr));
  metrics.set_skipped(Get(arguments, "skipped", "0") == "1");
  return StepFinished{session,
                      job_id,
                      generation,
                      Get(arguments, "digest", absl::StrCat("d", step)),
                      metrics,
                      ToNumber(Get(arguments, "tasks", "2")),
                      std::strtod(Get(arguments, "adapt", "0").c_str(), nullptr)};
}

WorkerConnected Scenario::Connect(const std::string& worker, const Arguments& arguments) {
  WorkerConnected event;
  event.session = next_session_++;
  event.worker_id = worker;
  event.host = "host";
  event.numerics.set_device(Get(arguments, "numerics", "cpu"));
  sessions_[worker] = event.session;
  workers_[event.session] = worker;
  if (const std::string held = Get(arguments, "held", ""); !held.empty()) {
    const std::vector<std::string> parts = absl::StrSplit(held, ':');
    const std::vector<std::string> in = absl::StrSplit(Get(arguments, "in", "0:0"), ':');
    event.held = Held{parts.at(0),
                      ToNumber(parts.at(1)),
                      {},
                      ToNumber(in.at(0)),
                      ToNumber(in.at(1)),
                      Get(arguments, "digest", absl::StrCat("d", parts.at(1)))};
    for (uint64_t step = 1; step <= event.held->step; ++step) {
      event.held->recent.push_back(Metrics(step));
    }
  }
  event.name = Get(arguments, "name", worker);
  for (const auto name : absl::StrSplit(Get(arguments, "reducers", ""), ',', absl::SkipEmpty())) {
    event.reducers.push_back(ToReducer(std::string(name)));
  }
  Beating& beating = beating_[worker];
  beating = {};
  beating.heartbeat.session = event.session;
  beating.heartbeat.phase = v1::Heartbeat::IDLE;
  return event;
}

JobRecord Scenario::MakeJob(const std::string& name, const Arguments& arguments) {
  JobRecord job;
  job.job_id = name;
  job.request_id = absl::StrCat("request-", name);
  job.spec.set_name(name);
  job.spec.mutable_training()->set_steps(ToNumber(Get(arguments, "steps", "10")));
  job.spec.mutable_training()->set_tasks_per_step(
      static_cast<uint32_t>(ToNumber(Get(arguments, "tasks", "4"))));
  job.spec.mutable_training()->set_tasks_per_shard(2);
  job.spec.mutable_workers()->set_min(static_cast<uint32_t>(ToNumber(Get(arguments, "min", "1"))));
  job.spec.mutable_workers()->set_max(static_cast<uint32_t>(ToNumber(Get(arguments, "max", "0"))));
  job.spec.mutable_checkpoints()->set_every_steps(ToNumber(Get(arguments, "every", "0")));
  job.spec.mutable_workers()->set_mixed_numerics(Get(arguments, "mixed", "0") == "1");
  job.spec.mutable_checkpoints()->set_keep_last(
      static_cast<uint32_t>(ToNumber(Get(arguments, "keep", "0"))));
  if (const std::string from = Get(arguments, "from", ""); !from.empty()) {
    const std::vector<std::string> parts = absl::StrSplit(from, '@');
    job.spec.mutable_start_from()->set_job(parts.at(0));
    if (parts.size() > 1) job.spec.mutable_start_from()->set_step(ToNumber(parts.at(1)));
  }
  job.spec.mutable_queue()->set_owner(Get(arguments, "owner", ""));
  job.spec.mutable_queue()->set_priority(std::atoi(Get(arguments, "priority", "0").c_str()));
  job.spec.mutable_workers()->set_reducer(ToReducer(Get(arguments, "reducer", "AUTO")));
  job.spec.mutable_checkpoints()->set_digest_every_steps(ToNumber(Get(arguments, "digests", "1")));
  if (const uint64_t tasks = ToNumber(Get(arguments, "evaluate", "0")); tasks > 0) {
    job.spec.add_evaluations()->set_tasks(static_cast<uint32_t>(tasks));
  }
  job.hold_step = ToNumber(Get(arguments, "hold", "0"));
  job.created = now_;
  return job;
}

std::string Scenario::Wait(absl::Duration duration) {
  constexpr absl::Duration kTick = absl::Milliseconds(100);
  std::string out;
  for (absl::Duration passed; passed < duration; passed += kTick) {
    now_ += kTick;
    for (auto& [worker, beating] : beating_) {
      if (beating.moves) ++beating.heartbeat.progress;
      absl::StrAppend(&out, Show(core_->Apply(beating.heartbeat, now_)));
    }
    absl::StrAppend(&out, Show(core_->Apply(Tick{}, now_)));
  }
  return out;
}

std::string Scenario::Restart() {
  Remembered remembered;
  for (const std::string& id : order_) remembered.jobs.push_back(jobs_.at(id));
  for (const auto& [key, checkpoint] : checkpoints_) remembered.checkpoints.push_back(checkpoint);
  for (const auto& [id, evaluation] : evaluations_) remembered.evaluations.push_back(evaluation);
  for (const auto& [key, loss] : losses_) remembered.losses.push_back(loss);
  for (const auto& [id, events] : events_) remembered.latest_events.push_back({id, events.back()});
  remembered.deletions = deletions_;
  core_ = std::make_unique<Core>(options_);
  sessions_.clear();
  workers_.clear();
  beating_.clear();
  return Show(core_->Restore(remembered, now_));
}

std::string Scenario::Jobs() const {
  std::string out;
  for (const std::string& id : order_) {
    const v1::Job job = core_->Describe(*core_->FindJob(id));
    absl::StrAppend(&out, id, " ", v1::JobState_Name(job.state()), " step=", job.step(),
                    " workers=", job.workers(), job.reproducible() ? "" : " not reproducible",
                    job.reason().empty() ? "" : ": ", job.reason(), "\n");
    for (const v1::Evaluation& evaluation : job.evaluations()) {
      absl::StrAppend(&out, "  ", evaluation.evaluation_id(), " ",
                      v1::EvaluationState_Name(evaluation.state()),
                      " tasks=", evaluation.tasks_done(), evaluation.reason().empty() ? "" : ": ",
                      evaluation.reason());
      for (const v1::EvaluationResult& result : evaluation.results()) {
        absl::StrAppendFormat(&out, " mean=%.3f", result.mean());
      }
      absl::StrAppend(&out, "\n");
    }
  }
  return out;
}

std::string Scenario::Checkpoints() const {
  std::string out;
  for (const std::string& id : order_) {
    const v1::Job job = core_->Describe(*core_->FindJob(id));
    for (const v1::Checkpoint& checkpoint : job.checkpoints()) {
      absl::StrAppendFormat(&out, "%s@%d loss=%g%s\n", id, checkpoint.step(), checkpoint.loss(),
                            checkpoint.best() ? " best" : "");
    }
  }
  return out;
}

std::string Scenario::Events(const std::string& job_id, uint64_t after) const {
  std::string out;
  for (const v1::JobEvent& event : events_.at(job_id)) {
    if (event.number() <= after) continue;
    absl::StrAppend(&out, event.number(), " ", event.time().seconds(), " s step ", event.step(),
                    " ", v1::JobEvent::Kind_Name(event.kind()));
    if (event.group_size() > 0) absl::StrAppend(&out, " ", event.group_size());
    for (const std::string& worker : event.workers()) absl::StrAppend(&out, " ", worker);
    if (!event.cause().empty()) absl::StrAppend(&out, " (", event.cause(), ")");
    if (!event.by().empty()) absl::StrAppend(&out, " by ", event.by());
    if (event.has_seconds()) absl::StrAppend(&out, " after ", event.seconds(), " s");
    absl::StrAppend(&out, event.text().empty() ? "" : ": ", event.text(), "\n");
  }
  return out;
}

std::string Scenario::Workers() const {
  std::string out;
  for (const v1::WorkerStatus& worker : core_->DescribeWorkers()) {
    absl::StrAppend(&out, worker.worker_id(), " ", worker.activity(),
                    worker.job_id().empty() ? "" : " ", worker.job_id(),
                    worker.set_aside().empty() ? "" : ", set aside: ", worker.set_aside(), "\n");
  }
  return out;
}

void Scenario::Keep(const Write& write) {
  if (const auto* job = std::get_if<JobRecord>(&write)) {
    if (!jobs_.contains(job->job_id)) order_.push_back(job->job_id);
    jobs_[job->job_id] = *job;
  } else if (const auto* evaluation = std::get_if<EvaluationRecord>(&write)) {
    evaluations_[evaluation->evaluation_id] = *evaluation;
  } else if (const auto* checkpoint = std::get_if<CheckpointRecord>(&write)) {
    checkpoints_[{checkpoint->job_id, checkpoint->step}] = *checkpoint;
  } else if (const auto* loss = std::get_if<LossRecord>(&write)) {
    losses_[{loss->job_id, loss->step}] = *loss;
  } else if (const auto* event = std::get_if<EventRecord>(&write)) {
    events_[event->job_id].push_back(event->event);
  } else if (const auto* dropped = std::get_if<CheckpointDropped>(&write)) {
    checkpoints_.erase({dropped->job_id, dropped->step});
  } else if (const auto* deletion = std::get_if<DeletionRecord>(&write)) {
    deletions_.push_back(*deletion);
    jobs_.erase(deletion->job_id);
    events_.erase(deletion->job_id);
    std::erase(order_, deletion->job_id);
    const auto is_of_job = [&](const auto& entry) {
      return entry.second.job_id == deletion->job_id;
    };
    std::erase_if(checkpoints_, is_of_job);
    std::erase_if(evaluations_, is_of_job);
    std::erase_if(losses_, is_of_job);
  } else if (const auto* dropped = std::get_if<StepsDropped>(&write)) {
    std::erase_if(losses_, [dropped](const auto& loss) {
      return loss.first.first == dropped->job_id && loss.first.second > dropped->step;
    });
  }
}

std::string Scenario::Show(const Effects& effects) {
  std::string out;
  for (const Write& write : effects.deferred_writes) Keep(write);
  for (const Write& write : effects.writes) Keep(write);
  for (const std::string& line : effects.log) absl::StrAppend(&out, line, "\n");
  for (const RecoveryCause counted : effects.recoveries) {
    for (const auto& [cause, name] : kRecoveryCauses) {
      if (cause == counted) absl::StrAppend(&out, "counts a recovery: ", name, "\n");
    }
  }
  if (effects.adoptions > 0) absl::StrAppend(&out, "counts an adoption\n");
  if (effects.digest_mismatches > 0) absl::StrAppend(&out, "counts a digest mismatch\n");
  for (const Message& message : effects.messages) absl::StrAppend(&out, Show(message), "\n");
  return out;
}

std::string Scenario::Show(const Message& message) const {
  const std::string to = absl::StrCat("  -> ", workers_.at(message.to), ": ");
  if (const auto* join = std::get_if<SendJoinGroup>(&message.content)) {
    return absl::StrFormat("%sjoin %s/%d as %d of %d, %s", to, join->job_id, join->generation,
                           join->rank, join->size, v1::Reducer_Name(join->reducer));
  }
  if (const auto* start = std::get_if<SendStartGroup>(&message.content)) {
    return absl::StrFormat("%sstart %s/%d as %d of %d at step %d from %s%s", to, start->job_id,
                           start->generation, start->rank, start->size, start->start.step,
                           outerloop::coordinator::Show(start->start),
                           start->checkpoint ? ", checkpoint first" : "");
  }
  if (const auto* plan = std::get_if<SendStepPlan>(&message.content)) {
    return absl::StrFormat("%splan %s/%d step %d shards %s%s%s", to, plan->job_id, plan->generation,
                           plan->step, absl::StrJoin(plan->shards, ","),
                           plan->checkpoint ? ", checkpoint" : "",
                           plan->digest ? "" : ", no digest");
  }
  if (const auto* leave = std::get_if<SendLeaveGroup>(&message.content)) {
    return absl::StrFormat("%sleave %s/%d", to, leave->job_id, leave->generation);
  }
  if (const auto* shard = std::get_if<SendEvaluateShard>(&message.content)) {
    return absl::StrFormat("%sevaluate %s shard %d", to, shard->evaluation_id, shard->shard);
  }
  return absl::StrCat(
      to, "close: ", std::string(std::get<CloseSession>(message.content).status.message()));
}

}  // namespace outerloop::coordinator
