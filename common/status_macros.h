// Early return on a status that is not OK.
#ifndef OUTERLOOP_COMMON_STATUS_MACROS_H_
#define OUTERLOOP_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// RETURN_IF_ERROR(DoIt());
#define RETURN_IF_ERROR(expr)                              \
  do {                                                     \
    absl::Status outerloop_status_ = (expr);               \
    if (!outerloop_status_.ok()) return outerloop_status_; \
  } while (false)

// ASSIGN_OR_RETURN(Thing thing, MakeThing());
#define ASSIGN_OR_RETURN(lhs, expr) \
  OUTERLOOP_ASSIGN_OR_RETURN_(OUTERLOOP_CONCAT_(outerloop_statusor_, __LINE__), lhs, expr)

#define OUTERLOOP_CONCAT_INNER_(a, b) a##b
#define OUTERLOOP_CONCAT_(a, b) OUTERLOOP_CONCAT_INNER_(a, b)
#define OUTERLOOP_ASSIGN_OR_RETURN_(var, lhs, expr) \
  auto var = (expr);                                \
  if (!var.ok()) return var.status();               \
  lhs = *std::move(var)

#endif  // OUTERLOOP_COMMON_STATUS_MACROS_H_
