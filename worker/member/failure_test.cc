#include "worker/member/failure.h"

#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

using Code = absl::StatusCode;

v1::GroupFailed::Cause Cause(Code code) { return ToFailure(absl::Status(code, "why")).cause; }
v1::GroupFailed::Cause ConnectCause(Code code) {
  return ToConnectFailure(absl::Status(code, "why")).cause;
}

TEST(FailureTest, KeepsTheReason) {
  EXPECT_EQ(ToFailure(absl::InternalError("why")).reason, "why");
  EXPECT_EQ(ToConnectFailure(absl::InternalError("why")).reason, "why");
}

TEST(FailureTest, BlamesTheJobForBadInput) {
  for (Code code : {Code::kInvalidArgument, Code::kOutOfRange, Code::kFailedPrecondition,
                    Code::kNotFound, Code::kDataLoss}) {
    EXPECT_EQ(Cause(code), v1::GroupFailed::JOB) << absl::StatusCodeToString(code);
  }
}

TEST(FailureTest, BlamesPeersForALostConnection) {
  for (Code code :
       {Code::kUnavailable, Code::kDeadlineExceeded, Code::kAborted, Code::kCancelled}) {
    EXPECT_EQ(Cause(code), v1::GroupFailed::PEERS) << absl::StatusCodeToString(code);
  }
}

TEST(FailureTest, BlamesTheWorkerForAllElse) {
  for (Code code : {Code::kResourceExhausted, Code::kInternal, Code::kUnknown, Code::kUnimplemented,
                    Code::kPermissionDenied}) {
    EXPECT_EQ(Cause(code), v1::GroupFailed::WORKER) << absl::StatusCodeToString(code);
  }
}

TEST(FailureTest, TakesTheReducerForUnfitWhenConnectingFailsThoughThePeersAreThere) {
  for (Code code : {Code::kDeadlineExceeded, Code::kInternal, Code::kInvalidArgument}) {
    EXPECT_EQ(ConnectCause(code), v1::GroupFailed::UNREACHABLE) << absl::StatusCodeToString(code);
  }
  for (Code code : {Code::kUnavailable, Code::kAborted, Code::kCancelled}) {
    EXPECT_EQ(ConnectCause(code), v1::GroupFailed::PEERS) << absl::StatusCodeToString(code);
  }
  EXPECT_EQ(ConnectCause(Code::kResourceExhausted), v1::GroupFailed::WORKER);
}

}  // namespace
}  // namespace outerloop::worker
