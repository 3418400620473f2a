// Where LibTorch's exceptions end.
#ifndef OUTERLOOP_WORKER_TORCH_BOUNDARY_H_
#define OUTERLOOP_WORKER_TORCH_BOUNDARY_H_

#include <exception>
#include <new>
#include <utility>

#include "absl/status/status.h"
#include "c10/util/Exception.h"

namespace outerloop::worker {

// What `body` returns, a Status or StatusOr; if it throws instead, the reason with the code
// RESOURCE_EXHAUSTED (no memory), INVALID_ARGUMENT (TORCH_CHECK_VALUE) or INTERNAL.
template <typename Body>
auto WithinTorch(Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const c10::OutOfMemoryError& error) {
    return absl::ResourceExhaustedError(error.what_without_backtrace());
  } catch (const c10::ValueError& error) {
    return absl::InvalidArgumentError(error.what_without_backtrace());
  } catch (const c10::Error& error) {
    return absl::InternalError(error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TORCH_BOUNDARY_H_
