#include "worker/mailbox.h"

#include <thread>

#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

v1::CoordinatorMessage Join(const std::string& job, uint64_t generation) {
  v1::CoordinatorMessage message;
  message.mutable_join_group()->set_job_id(job);
  message.mutable_join_group()->set_generation(generation);
  return message;
}

v1::CoordinatorMessage Leave(const std::string& job, uint64_t generation) {
  v1::CoordinatorMessage message;
  message.mutable_leave_group()->set_job_id(job);
  message.mutable_leave_group()->set_generation(generation);
  return message;
}

v1::CoordinatorMessage Plan(uint64_t step) {
  v1::CoordinatorMessage message;
  message.mutable_step_plan()->set_step(step);
  return message;
}

TEST(SupersedesTest, SaysWhatEndsAMembership) {
  const GroupId group = {"job", 5};
  EXPECT_TRUE(Supersedes(Join("job", 6), group));
  EXPECT_TRUE(Supersedes(Join("other", 1), group));
  EXPECT_TRUE(Supersedes(Leave("job", 5), group));
  EXPECT_TRUE(Supersedes(Leave("job", 6), group));

  EXPECT_FALSE(Supersedes(Join("job", 5), group)) << "the group itself";
  EXPECT_FALSE(Supersedes(Join("job", 4), group)) << "an older generation";
  EXPECT_FALSE(Supersedes(Leave("job", 4), group)) << "an older generation";
  EXPECT_FALSE(Supersedes(Leave("other", 9), group));
  EXPECT_FALSE(Supersedes(Plan(1), group));
}

TEST(MailboxTest, GivesLettersInOrderWithTheirConnections) {
  Mailbox mailbox;
  mailbox.Deliver(1, Plan(1));
  mailbox.Deliver(2, Plan(2));
  for (uint64_t i : {1, 2}) {
    const auto letter = mailbox.Take();
    ASSERT_TRUE(letter && letter->message);
    EXPECT_EQ(letter->connection, i);
    EXPECT_EQ(letter->message->step_plan().step(), i);
  }
}

TEST(MailboxTest, DropsWhatWaitsWhenTheConnectionIsLost) {
  Mailbox mailbox;
  mailbox.Deliver(1, Plan(1));
  mailbox.LoseConnection(1);
  const auto letter = mailbox.Take();
  ASSERT_TRUE(letter);
  EXPECT_FALSE(letter->message);
}

TEST(MailboxTest, EndsAWaitingTakeWhenClosed) {
  Mailbox mailbox;
  std::thread closer([&mailbox] { mailbox.Close(); });
  EXPECT_FALSE(mailbox.Take());
  closer.join();
  mailbox.Deliver(1, Plan(1));
  EXPECT_FALSE(mailbox.Take());
}

TEST(MailboxTest, CancelsWhatALetterSupersedesBeforeItIsTaken) {
  Mailbox mailbox;
  Cancellation cancellation;
  const Mailbox::Watch watch(mailbox, GroupId{"job", 5}, /*until_closed=*/false, cancellation);
  mailbox.Deliver(1, Plan(1));
  mailbox.Deliver(1, Leave("job", 4));
  EXPECT_FALSE(cancellation.cancelled());
  mailbox.Deliver(1, Join("job", 6));
  EXPECT_TRUE(cancellation.cancelled());
}

TEST(MailboxTest, CancelsAtOnceWhenSuchALetterAlreadyWaits) {
  Mailbox mailbox;
  mailbox.Deliver(1, Plan(1));
  mailbox.Deliver(1, Leave("job", 5));
  Cancellation cancellation;
  const Mailbox::Watch watch(mailbox, GroupId{"job", 5}, /*until_closed=*/false, cancellation);
  EXPECT_TRUE(cancellation.cancelled());
}

TEST(MailboxTest, CancelsEverythingWhenTheConnectionIsLost) {
  Mailbox mailbox;
  Cancellation of_group, of_evaluation;
  const Mailbox::Watch group(mailbox, GroupId{"job", 5}, /*until_closed=*/false, of_group);
  const Mailbox::Watch evaluation(mailbox, std::nullopt, /*until_closed=*/false, of_evaluation);
  mailbox.Deliver(1, Join("job", 6));
  EXPECT_FALSE(of_evaluation.cancelled());
  mailbox.LoseConnection(1);
  EXPECT_TRUE(of_group.cancelled());
  EXPECT_TRUE(of_evaluation.cancelled());
}

TEST(MailboxTest, LetsAStepBeFinishedWhenItClosesButNoMore) {
  Mailbox mailbox;
  Cancellation of_step, of_download;
  const Mailbox::Watch step(mailbox, GroupId{"job", 5}, /*until_closed=*/false, of_step);
  const Mailbox::Watch download(mailbox, GroupId{"job", 5}, /*until_closed=*/true, of_download);
  mailbox.Close();
  EXPECT_FALSE(of_step.cancelled());
  EXPECT_TRUE(of_download.cancelled());
}

}  // namespace
}  // namespace outerloop::worker
