// The job that faults are tried on.
#ifndef OUTERLOOP_TESTS_FAULTS_SUBJECT_H_
#define OUTERLOOP_TESTS_FAULTS_SUBJECT_H_

#include <string>

#include "outerloop/v1/job.pb.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {

// Where OUTERLOOP_OMNIGLOT names a folder with the official archives: MAML on Omniglot, 300 steps
// of 96 tasks, a minute or two a run. Else the same on a small scale: strokes and 8 filters,
// seconds.
bool OnOmniglot();

// A job of that kind for at least `workers`, checkpoints every 50 steps and no evaluation.
v1::JobSpec Subject(const std::string& name, uint32_t workers, v1::Reducer reducer);

// Makes the subject's data set known to the cluster, if it is not built in.
void ProvideData(Cluster& cluster);

// Digest of the subject's parameters after its last step, from a run on one worker that nothing
// happens to. Computed once.
const std::string& ExpectedDigest();

// Fails the test unless the job has succeeded with the expected digest.
void ExpectUndisturbedResult(const v1::Job& job);

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_FAULTS_SUBJECT_H_
