#include "worker/member/failure.h"

#include <string>

namespace outerloop::worker {
namespace {

v1::GroupFailed::Cause CauseOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kDataLoss:
      return v1::GroupFailed::JOB;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
      return v1::GroupFailed::PEERS;
    default:
      return v1::GroupFailed::WORKER;
  }
}

v1::GroupFailed::Cause CauseOfConnect(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
      return v1::GroupFailed::PEERS;
    case absl::StatusCode::kResourceExhausted:
      return v1::GroupFailed::WORKER;
    default:
      return v1::GroupFailed::UNREACHABLE;
  }
}

}  // namespace

Failure ToFailure(const absl::Status& status) {
  return {CauseOf(status.code()), std::string(status.message())};
}

Failure ToConnectFailure(const absl::Status& status) {
  return {CauseOfConnect(status.code()), std::string(status.message())};
}

}  // namespace outerloop::worker
