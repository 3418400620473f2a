#include "worker/mailbox.h"

#include <utility>

namespace outerloop::worker {

bool Supersedes(const v1::CoordinatorMessage& message, const GroupId& group) {
  if (message.has_join_group()) {
    const v1::JoinGroup& join = message.join_group();
    return join.job_id() != group.job_id || join.generation() > group.generation;
  }
  if (message.has_leave_group()) {
    const v1::LeaveGroup& leave = message.leave_group();
    return leave.job_id() == group.job_id && leave.generation() >= group.generation;
  }
  return false;
}

void Mailbox::Deliver(uint64_t connection, v1::CoordinatorMessage message) {
  absl::MutexLock lock(&mu_);
  Push({connection, std::move(message)});
}

void Mailbox::LoseConnection(uint64_t connection) {
  absl::MutexLock lock(&mu_);
  letters_.clear();
  Push({connection, std::nullopt});
}

void Mailbox::Push(Letter letter) {
  if (closed_) return;
  for (const Watch* watch : watches_) watch->Notice(letter);
  letters_.push_back(std::move(letter));
}

void Mailbox::Close() {
  absl::MutexLock lock(&mu_);
  closed_ = true;
  letters_.clear();
  for (const Watch* watch : watches_) watch->NoticeClosed();
}

bool Mailbox::closed() const {
  absl::MutexLock lock(&mu_);
  return closed_;
}

std::optional<Mailbox::Letter> Mailbox::Take() {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(this, &Mailbox::HasNews));
  if (closed_) return std::nullopt;
  Letter letter = std::move(letters_.front());
  letters_.pop_front();
  return letter;
}

Mailbox::Watch::Watch(Mailbox& mailbox, std::optional<GroupId> group, bool until_closed,
                      Cancellation& cancellation)
    : mailbox_(mailbox),
      group_(std::move(group)),
      until_closed_(until_closed),
      cancellation_(cancellation) {
  absl::MutexLock lock(&mailbox_.mu_);
  mailbox_.watches_.insert(this);
  for (const Letter& letter : mailbox_.letters_) Notice(letter);
  if (mailbox_.closed_) NoticeClosed();
}

Mailbox::Watch::~Watch() {
  absl::MutexLock lock(&mailbox_.mu_);
  mailbox_.watches_.erase(this);
}

void Mailbox::Watch::Notice(const Letter& letter) const {
  if (!letter.message || (group_ && Supersedes(*letter.message, *group_))) cancellation_.Cancel();
}

void Mailbox::Watch::NoticeClosed() const {
  if (until_closed_) cancellation_.Cancel();
}

}  // namespace outerloop::worker
