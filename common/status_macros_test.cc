#include "common/status_macros.h"

#include <memory>

#include "gtest/gtest.h"

namespace outerloop {
namespace {

absl::Status Twice(const absl::Status& first, int& calls) {
  RETURN_IF_ERROR((++calls, first));
  RETURN_IF_ERROR((++calls, absl::OkStatus()));
  return absl::OkStatus();
}

absl::StatusOr<int> Sum(absl::StatusOr<int> a, absl::StatusOr<int> b) {
  ASSIGN_OR_RETURN(const int first, a);
  ASSIGN_OR_RETURN(const int second, b);
  return first + second;
}

absl::StatusOr<int> Unwrap(absl::StatusOr<std::unique_ptr<int>> value) {
  ASSIGN_OR_RETURN(const std::unique_ptr<int> owned, std::move(value));
  return *owned;
}

TEST(StatusMacros, ReturnsTheFirstErrorAndStopsThere) {
  int calls = 0;
  EXPECT_EQ(Twice(absl::NotFoundError("gone"), calls), absl::NotFoundError("gone"));
  EXPECT_EQ(calls, 1);
}

TEST(StatusMacros, GoesOnAfterOk) {
  int calls = 0;
  EXPECT_EQ(Twice(absl::OkStatus(), calls), absl::OkStatus());
  EXPECT_EQ(calls, 2);
}

TEST(StatusMacros, AssignsValuesOrReturnsTheError) {
  EXPECT_EQ(Sum(1, 2).value(), 3);
  EXPECT_EQ(Sum(absl::AbortedError("a"), 2).status(), absl::AbortedError("a"));
  EXPECT_EQ(Sum(1, absl::AbortedError("b")).status(), absl::AbortedError("b"));
}

TEST(StatusMacros, MovesOutWhatCannotBeCopied) {
  EXPECT_EQ(Unwrap(std::make_unique<int>(7)).value(), 7);
}

}  // namespace
}  // namespace outerloop
