// Data races that are there on purpose, each with a correct twin, in the ways in which this
// project's threads meet.
#ifndef OUTERLOOP_TESTS_TSAN_PLANTED_RACES_H_
#define OUTERLOOP_TESTS_TSAN_PLANTED_RACES_H_

namespace outerloop::tests {

// Each function runs the correct code, or with `racy` the code with a data race. Each returns after
// all its threads have ended. What the threads do does not depend on which is faster, so that a
// detector of happens-before races always sees the race.

// Two threads add to one number. Racy: each under a mutex of its own.
void AddUnderAMutex(bool racy);
// One thread writes a result and sets a flag that the other awaits. Racy: the result comes after.
void AwaitAResult(bool racy);
// The same with a Notification.
void NotifyOfAResult(bool racy);
// The same with a BlockingCounter and two writers.
void CountDownToResults(bool racy);

// Two handlers of a server, at the same time, add to one number. Racy: under no mutex.
void HandleTwoCalls(bool racy);
// The reaction to a message changes what another thread reads. Racy: under no mutex.
void ReactToAMessage(bool racy);
// The reaction to a message reads what the thread that started the call wrote. Racy: after
// starting.
void ReactWithWhatWasThere(bool racy);

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_TSAN_PLANTED_RACES_H_
