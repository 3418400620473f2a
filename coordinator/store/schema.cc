#include "coordinator/store/schema.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace outerloop::coordinator {
namespace {

// Upgrades[v] takes a database of version v to v + 1. Released ones never change: add another.
//
// Times are nanoseconds since 1970, UTC; NULL: not yet. States are the numbers of their protobuf
// enum. Blobs are protobuf messages. Digests are hexadecimal. References are checked at the end of
// a transaction, so the order of writes in a batch is free.
constexpr const char* kUpgrades[] = {
    R"sql(
CREATE TABLE jobs (
  number            INTEGER PRIMARY KEY,   -- In the order of submission.
  job_id            TEXT NOT NULL UNIQUE,
  request_id        TEXT NOT NULL UNIQUE,
  spec              BLOB NOT NULL,         -- v1.JobSpec, complete
  dataset_sha256    TEXT NOT NULL,         -- Empty for the sinusoid.
  state             INTEGER NOT NULL,      -- v1.JobState
  reason            TEXT NOT NULL,
  step              INTEGER NOT NULL,      -- Outer steps done.
  parameters_sha256 TEXT NOT NULL,         -- After `step`.
  generation        INTEGER NOT NULL,
  members           TEXT NOT NULL,         -- Worker ids of the latest group, a JSON list.
  numerics          BLOB NOT NULL,         -- v1.Numerics of its first group.
  created           INTEGER,
  started           INTEGER,
  finished          INTEGER
) STRICT;

CREATE TABLE steps (
  job_id  TEXT NOT NULL REFERENCES jobs (job_id) DEFERRABLE INITIALLY DEFERRED,
  step    INTEGER NOT NULL,
  metrics BLOB NOT NULL,                   -- v1.StepMetrics
  PRIMARY KEY (job_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  job_id            TEXT NOT NULL REFERENCES jobs (job_id) DEFERRABLE INITIALLY DEFERRED,
  step              INTEGER NOT NULL,
  sha256            TEXT NOT NULL,         -- Names the blob.
  size_bytes        INTEGER NOT NULL,
  parameters_sha256 TEXT NOT NULL,
  created           INTEGER,
  PRIMARY KEY (job_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluations (
  number            INTEGER PRIMARY KEY,   -- In the order they were asked for.
  evaluation_id     TEXT NOT NULL UNIQUE,
  request_id        TEXT NOT NULL UNIQUE,
  job_id            TEXT NOT NULL REFERENCES jobs (job_id) DEFERRABLE INITIALLY DEFERRED,
  step              INTEGER NOT NULL,      -- Of the checkpoint.
  checkpoint_sha256 TEXT NOT NULL,
  parameters_sha256 TEXT NOT NULL,
  spec              BLOB NOT NULL,         -- v1.EvaluationSpec, complete
  state             INTEGER NOT NULL,      -- v1.EvaluationState
  reason            TEXT NOT NULL,
  results           BLOB NOT NULL,         -- v1.Evaluation with nothing but `results`
  created           INTEGER
) STRICT;

CREATE TABLE scores (
  evaluation_id TEXT NOT NULL
      REFERENCES evaluations (evaluation_id) DEFERRABLE INITIALLY DEFERRED,
  shard         INTEGER NOT NULL,
  series        BLOB NOT NULL,             -- v1.EvaluationShardDone with nothing but `series`
  PRIMARY KEY (evaluation_id, shard)
) STRICT, WITHOUT ROWID;

CREATE TABLE datasets (
  name    TEXT PRIMARY KEY,
  dataset BLOB NOT NULL                    -- v1.Dataset; its file is the blob `sha256`
) STRICT;
)sql",
    R"sql(
ALTER TABLE jobs ADD COLUMN resumed_generation INTEGER NOT NULL DEFAULT 0;  -- 0: never resumed.
ALTER TABLE jobs ADD COLUMN resume_requests TEXT NOT NULL DEFAULT '[]';     -- Ids, a JSON list.
ALTER TABLE jobs ADD COLUMN loss_sum REAL NOT NULL DEFAULT 0;     -- Since the last step with a
ALTER TABLE jobs ADD COLUMN loss_steps INTEGER NOT NULL DEFAULT 0;  -- checkpoint.

CREATE TABLE losses (
  job_id TEXT NOT NULL REFERENCES jobs (job_id) DEFERRABLE INITIALLY DEFERRED,
  step   INTEGER NOT NULL,                 -- After which a checkpoint is due.
  loss   REAL NOT NULL,                    -- Mean over the steps since the one before.
  PRIMARY KEY (job_id, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX checkpoints_by_file ON checkpoints (sha256);
)sql",
    // Jobs that took workers of mixed numerics are not reproducible.
    R"sql(
ALTER TABLE jobs ADD COLUMN reproducible INTEGER NOT NULL DEFAULT 1;  -- 0 or 1
)sql",
    // Jobs can be paused, after any step.
    R"sql(
ALTER TABLE jobs RENAME COLUMN resume_requests TO requests;       -- Of pauses, too.
ALTER TABLE jobs ADD COLUMN pausing INTEGER NOT NULL DEFAULT 0;   -- 0 or 1
ALTER TABLE checkpoints ADD COLUMN loss_sum REAL NOT NULL DEFAULT 0;  -- Since the last step with
ALTER TABLE checkpoints ADD COLUMN loss_steps INTEGER NOT NULL DEFAULT 0;  -- one that is due.
)sql",
    // Priorities; jobs can be deleted.
    R"sql(
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
CREATE TABLE deletions (
  request_id        TEXT PRIMARY KEY,
  job_id            TEXT NOT NULL,         -- Of a job that is no more.
  submit_request_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
    // Sweeps, whose trials are jobs that can be held at a step.
    R"sql(
ALTER TABLE jobs ADD COLUMN hold_step INTEGER NOT NULL DEFAULT 0;  -- 0: never held.
CREATE TABLE sweeps (
  number     INTEGER PRIMARY KEY,          -- In the order of submission.
  sweep_id   TEXT NOT NULL UNIQUE,
  request_id TEXT NOT NULL UNIQUE,
  sweep      BLOB NOT NULL                 -- v1.Sweep
) STRICT;
)sql",
    // Some tasks of evaluations, to be looked at.
    R"sql(
CREATE TABLE samples (
  evaluation_id TEXT NOT NULL
      REFERENCES evaluations (evaluation_id) DEFERRABLE INITIALLY DEFERRED,
  task          INTEGER NOT NULL,
  sample        BLOB NOT NULL,             -- v1.EpisodeSample
  PRIMARY KEY (evaluation_id, task)
) STRICT;
)sql",
    // What happened to jobs.
    R"sql(
CREATE TABLE events (
  job_id TEXT NOT NULL REFERENCES jobs (job_id) DEFERRABLE INITIALLY DEFERRED,
  number INTEGER NOT NULL,                 -- Counted from 1; the latest are kept.
  event  BLOB NOT NULL,                    -- v1.JobEvent
  PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;
)sql",
};

}  // namespace

int SchemaVersion() { return static_cast<int>(std::size(kUpgrades)); }

absl::Status UpgradeSchema(SqliteDatabase& database) {
  ASSIGN_OR_RETURN(const int64_t found, database.QueryInteger("PRAGMA user_version"));
  if (found == SchemaVersion()) return absl::OkStatus();
  if (found < 0 || found > SchemaVersion()) {
    return absl::FailedPreconditionError(absl::StrCat(
        database.path(), ": schema version ", found, " is not known; this coordinator ",
        "knows up to ", SchemaVersion(), ": run the newer one that wrote the file"));
  }
  return database.Transaction([&]() -> absl::Status {
    for (int64_t version = found; version < SchemaVersion(); ++version) {
      RETURN_IF_ERROR(database.Execute(kUpgrades[version]));
    }
    return database.Execute(absl::StrCat("PRAGMA user_version = ", SchemaVersion()));
  });
}

}  // namespace outerloop::coordinator
