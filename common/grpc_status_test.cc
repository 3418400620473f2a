#include "common/grpc_status.h"

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

struct CodePair {
  absl::StatusCode ours;
  grpc::StatusCode theirs;
};

const std::vector<CodePair> kCodes = {
    {absl::StatusCode::kOk, grpc::StatusCode::OK},
    {absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED},
    {absl::StatusCode::kUnknown, grpc::StatusCode::UNKNOWN},
    {absl::StatusCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
    {absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    {absl::StatusCode::kNotFound, grpc::StatusCode::NOT_FOUND},
    {absl::StatusCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
    {absl::StatusCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
    {absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {absl::StatusCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
    {absl::StatusCode::kAborted, grpc::StatusCode::ABORTED},
    {absl::StatusCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE},
    {absl::StatusCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED},
    {absl::StatusCode::kInternal, grpc::StatusCode::INTERNAL},
    {absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
    {absl::StatusCode::kDataLoss, grpc::StatusCode::DATA_LOSS},
    {absl::StatusCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
};

TEST(GrpcStatus, CodesMapOneToOneAndMessagesStay) {
  ASSERT_EQ(kCodes.size(), 17u);
  for (const auto& [ours, theirs] : kCodes) {
    const std::string message = ours == absl::StatusCode::kOk ? "" : "ways: must be >= 2";
    const absl::Status status(ours, message);
    const grpc::Status converted = ToGrpcStatus(status);
    EXPECT_EQ(converted.error_code(), theirs);
    EXPECT_EQ(converted.error_message(), message);
    EXPECT_EQ(FromGrpcStatus(converted), status);
  }
}

TEST(SetTimeout, SetsTheDeadlineSoFarAhead) {
  grpc::ClientContext context;
  const absl::Time before = absl::Now();
  SetTimeout(context, absl::Seconds(10));
  const absl::Time deadline = absl::FromChrono(context.deadline());
  EXPECT_GE(deadline, before + absl::Seconds(10) - absl::Milliseconds(1));
  EXPECT_LE(deadline, absl::Now() + absl::Seconds(10) + absl::Milliseconds(1));
}

TEST(SetTimeout, AnInfiniteOneIsNoDeadline) {
  grpc::ClientContext context;
  SetTimeout(context, absl::InfiniteDuration());
  EXPECT_EQ(context.deadline(), std::chrono::system_clock::time_point::max());
}

}  // namespace
}  // namespace outerloop
