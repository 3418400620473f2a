// Deliberate mistakes, each of which the simulator must find.
#ifndef OUTERLOOP_TESTS_SIMULATION_MUTATION_H_
#define OUTERLOOP_TESTS_SIMULATION_MUTATION_H_

#include <array>

namespace outerloop::simulation {

// Each stands for a mistake that somebody could make in the service. They are made in what the
// simulator puts around the real code, so the real code has no switch for them.
enum class Mutation {
  kNone,
  kCommitsInMemory,        // A commit returns before what it wrote is durable.
  kIgnoresDiskErrors,      // A commit that the disk refuses counts as done.
  kReordersWrites,         // The writes of a commit are made last first.
  kLosesLateReports,       // A step that is finished while its group ends is not recorded.
  kSyncsRecordsOnly,       // A checkpoint's record is durable before its file is.
  kForgetsGeneration,      // A restarted coordinator counts generations from one less.
  kIgnoresRequestIds,      // A repeated submit makes another job.
  kIgnoresLostWorkers,     // The coordinator notices neither the end of a stream nor silence.
  kTakesOldGenerations,    // The coordinator takes what is said of an older generation.
  kShardTwice,             // Two members of a group of three or more get the same shard.
  kForgetsShards,          // A generation after the first leaves out a shard.
  kTasksByGeneration,      // Tasks depend on the generator's state, not on the step alone.
  kMixesGenerations,       // The reducer takes a member's words for those of its next generation.
  kInexactSum,             // A sum depends on how many members add up.
  kKeepsOwnState,          // A member that holds a state does not take over the group's.
  kClaimsAStepMore,        // A member says that its state is one step further than it is.
  kForgetsPauses,          // A restarted coordinator does not know that a job is to pause.
  kResumesPausedJobs,      // A restarted coordinator goes on with jobs that are paused.
  kLosesExtraCheckpoints,  // Checkpoints that no specification asks for are not kept.
  kTakesPausesTwice,       // A repeated pause pauses again.
  kForgetsHolds,           // A restarted coordinator does not know where jobs are to be held.
  kForgetsPriorities,      // A restarted coordinator has the priorities that jobs began with.
  kIgnoresQuota,           // Owners get as many workers as there are.
  kKeepsDeletedJobs,       // A deletion is not made durable.
  kWatchRepeats,           // A watch that is taken up again begins one step too early.
};

struct MutationName {
  Mutation mutation;
  const char* name;
};

// All but kNone.
inline constexpr std::array<MutationName, 25> kMutations = {{
    {Mutation::kCommitsInMemory, "commits-in-memory"},
    {Mutation::kIgnoresDiskErrors, "ignores-disk-errors"},
    {Mutation::kReordersWrites, "reorders-writes"},
    {Mutation::kLosesLateReports, "loses-late-reports"},
    {Mutation::kSyncsRecordsOnly, "syncs-records-only"},
    {Mutation::kForgetsGeneration, "forgets-generation"},
    {Mutation::kIgnoresRequestIds, "ignores-request-ids"},
    {Mutation::kIgnoresLostWorkers, "ignores-lost-workers"},
    {Mutation::kTakesOldGenerations, "takes-old-generations"},
    {Mutation::kShardTwice, "shard-twice"},
    {Mutation::kForgetsShards, "forgets-shards"},
    {Mutation::kTasksByGeneration, "tasks-by-generation"},
    {Mutation::kMixesGenerations, "mixes-generations"},
    {Mutation::kInexactSum, "inexact-sum"},
    {Mutation::kKeepsOwnState, "keeps-own-state"},
    {Mutation::kClaimsAStepMore, "claims-a-step-more"},
    {Mutation::kForgetsPauses, "forgets-pauses"},
    {Mutation::kResumesPausedJobs, "resumes-paused-jobs"},
    {Mutation::kLosesExtraCheckpoints, "loses-extra-checkpoints"},
    {Mutation::kTakesPausesTwice, "takes-pauses-twice"},
    {Mutation::kForgetsHolds, "forgets-holds"},
    {Mutation::kForgetsPriorities, "forgets-priorities"},
    {Mutation::kIgnoresQuota, "ignores-quota"},
    {Mutation::kKeepsDeletedJobs, "keeps-deleted-jobs"},
    {Mutation::kWatchRepeats, "watch-repeats"},
}};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_MUTATION_H_
