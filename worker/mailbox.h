// What the coordinator said, on its way from the session to the compute thread.
#ifndef OUTERLOOP_WORKER_MAILBOX_H_
#define OUTERLOOP_WORKER_MAILBOX_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/cancellation.h"

namespace outerloop::worker {

// A group between two membership changes.
struct GroupId {
  std::string job_id;
  uint64_t generation = 0;

  bool operator==(const GroupId&) const = default;
};

// Whether `message` ends a worker's membership in `group`: a JoinGroup of another group, unless it
// is of an older generation of the same job, or a LeaveGroup of this generation or a newer one.
bool Supersedes(const v1::CoordinatorMessage& message, const GroupId& group);

// A queue of letters that also looks ahead: what makes the compute thread's present work pointless
// cancels it the moment it arrives, however many letters wait before it. Thread-safe.
class Mailbox {
 public:
  struct Letter {
    uint64_t connection =
        0;  // Which of the session's connections it is about; the reply goes there.
    // Absent: the connection is lost, and all groups joined over it.
    std::optional<v1::CoordinatorMessage> message;
  };

  // ---- From the session

  void Deliver(uint64_t connection, v1::CoordinatorMessage message) ABSL_LOCKS_EXCLUDED(mu_);
  // Drops what waits, cancels all that is watched, and delivers the news.
  void LoseConnection(uint64_t connection) ABSL_LOCKS_EXCLUDED(mu_);

  // ---- From anywhere

  // Take gives nothing more. Letters that wait are dropped.
  void Close() ABSL_LOCKS_EXCLUDED(mu_);
  bool closed() const ABSL_LOCKS_EXCLUDED(mu_);

  // ---- From the compute thread

  // Blocks until there is a letter; nothing once closed.
  std::optional<Letter> Take() ABSL_LOCKS_EXCLUDED(mu_);

  // As long as it lives, `cancellation` is cancelled when a letter arrives (or already waits) that
  // supersedes `group`, when the connection is lost, and, if `until_closed`, when the mailbox
  // closes. Without `group` no letter matters, only the connection's loss.
  class Watch {
   public:
    Watch(Mailbox& mailbox, std::optional<GroupId> group, bool until_closed,
          Cancellation& cancellation);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    friend class Mailbox;
    void Notice(const Letter& letter) const;
    void NoticeClosed() const;

    Mailbox& mailbox_;
    const std::optional<GroupId> group_;
    const bool until_closed_;
    Cancellation& cancellation_;
  };

 private:
  void Push(Letter letter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasNews() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return closed_ || !letters_.empty(); }

  mutable absl::Mutex mu_;
  std::deque<Letter> letters_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::set<const Watch*> watches_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MAILBOX_H_
