// Tells ThreadSanitizer of the synchronisation inside Debian's Abseil, which is not instrumented.
//
// Linked into every program of the preset `tsan`, and into nothing else. The functions below have
// the names of Abseil's own. The dynamic linker therefore takes these instead, for calls by our
// code, by gRPC and by Abseil itself. Each tells ThreadSanitizer what happens, in the places where
// mutex.cc does when Abseil is built for it, and calls the real function. Nothing else is changed.
//
// Not covered, because not used here: spin locks, and call_once outside of its inline part.
#include <sanitizer/tsan_interface.h>

#include <string>

#include "absl/base/config.h"
#include "absl/base/dynamic_annotations.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/internal/kernel_timeout.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "tests/tsan/real_function.h"

#if ABSL_LTS_RELEASE_VERSION != 20220623
#error "compare this file with mutex.cc of this Abseil, and name the release here"
#endif

namespace {

using absl::synchronization_internal::KernelTimeout;

// Bit of Mutex::mu_ while a writer holds it: kMuWriter of mutex.cc.
constexpr intptr_t kHeldByAWriter = 0x0008;

// Abseil's own function. `name` is its mangled name after that of the inline namespace.
template <typename Signature>
Signature* Real(const char* prefix, const char* name) {
  const std::string space = ABSL_INTERNAL_TOKEN_STR(ABSL_OPTION_INLINE_NAMESPACE_NAME);
  const std::string symbol = prefix + std::to_string(space.size()) + space + name;
  return outerloop::tests::RealFunction<Signature>(symbol.c_str());
}

template <typename Signature>
Signature* Real(const char* name) {
  return Real<Signature>("_ZN4absl", name);
}

template <typename Signature>
Signature* RealConst(const char* name) {
  return Real<Signature>("_ZNK4absl", name);
}

// The mutex whose operation this thread is inside of. ThreadSanitizer ignores all that happens
// between `pre` and `post` of an operation.
thread_local void* operating = nullptr;

// Between construction and destruction, this thread is inside of an operation on a mutex.
class Operation {
 public:
  explicit Operation(void* mutex) : outer_(operating) { operating = mutex; }
  ~Operation() { operating = outer_; }

 private:
  void* const outer_;
};

class LockOperation {
 public:
  LockOperation(void* mutex, unsigned flags) : mutex_(mutex), flags_(flags), operation_(mutex) {
    __tsan_mutex_pre_lock(mutex, flags);
  }
  ~LockOperation() { __tsan_mutex_post_lock(mutex_, flags_, 0); }
  // Says that the lock was not had. Returns `locked`.
  bool Tried(bool locked) {
    if (!locked) flags_ |= __tsan_mutex_try_lock_failed;
    return locked;
  }

 private:
  void* const mutex_;
  unsigned flags_;
  const Operation operation_;
};

class UnlockOperation {
 public:
  UnlockOperation(void* mutex, unsigned flags) : mutex_(mutex), flags_(flags), operation_(mutex) {
    __tsan_mutex_pre_unlock(mutex, flags);
  }
  ~UnlockOperation() { __tsan_mutex_post_unlock(mutex_, flags_); }

 private:
  void* const mutex_;
  const unsigned flags_;
  const Operation operation_;
};

// A wait is an unlock, then a lock. `state` is Mutex::mu_.
class WaitOperation {
 public:
  WaitOperation(void* mutex, intptr_t state) : lock_(Unlocked(mutex, state), Flags(state)) {}

 private:
  static unsigned Flags(intptr_t state) {
    return (state & kHeldByAWriter) != 0 ? 0 : __tsan_mutex_read_lock;
  }
  static void* Unlocked(void* mutex, intptr_t state) {
    const UnlockOperation unlock(mutex, Flags(state));
    return mutex;
  }

  const LockOperation lock_;
};

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

// ---- Mutex

Mutex::~Mutex() {
  static const auto real = Real<void(Mutex*)>("5MutexD1Ev");
  ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_BEGIN();  // Of the graph for deadlock detection.
  real(this);
  ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_END();
  __tsan_mutex_destroy(this, __tsan_mutex_not_static);
}

void Mutex::Lock() {
  static const auto real = Real<void(Mutex*)>("5Mutex4LockEv");
  const LockOperation operation(this, 0);
  real(this);
}

void Mutex::Unlock() {
  static const auto real = Real<void(Mutex*)>("5Mutex6UnlockEv");
  const UnlockOperation operation(this, 0);
  real(this);
}

bool Mutex::TryLock() {
  static const auto real = Real<bool(Mutex*)>("5Mutex7TryLockEv");
  LockOperation operation(this, __tsan_mutex_try_lock);
  return operation.Tried(real(this));
}

void Mutex::ReaderLock() {
  static const auto real = Real<void(Mutex*)>("5Mutex10ReaderLockEv");
  const LockOperation operation(this, __tsan_mutex_read_lock);
  real(this);
}

void Mutex::ReaderUnlock() {
  static const auto real = Real<void(Mutex*)>("5Mutex12ReaderUnlockEv");
  const UnlockOperation operation(this, __tsan_mutex_read_lock);
  real(this);
}

bool Mutex::ReaderTryLock() {
  static const auto real = Real<bool(Mutex*)>("5Mutex13ReaderTryLockEv");
  LockOperation operation(this, __tsan_mutex_try_read_lock);
  return operation.Tried(real(this));
}

void Mutex::LockWhen(const Condition& condition) {
  static const auto real =
      Real<void(Mutex*, const Condition&)>("5Mutex8LockWhenERKNS0_9ConditionE");
  const LockOperation operation(this, 0);
  real(this, condition);
}

void Mutex::ReaderLockWhen(const Condition& condition) {
  static const auto real =
      Real<void(Mutex*, const Condition&)>("5Mutex14ReaderLockWhenERKNS0_9ConditionE");
  const LockOperation operation(this, __tsan_mutex_read_lock);
  real(this, condition);
}

// LockWhenWithTimeout calls this, and so for readers.
bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  static const auto real = Real<bool(Mutex*, const Condition&, Time)>(
      "5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  const LockOperation operation(this, 0);
  return real(this, condition, deadline);
}

bool Mutex::ReaderLockWhenWithDeadline(const Condition& condition, Time deadline) {
  static const auto real = Real<bool(Mutex*, const Condition&, Time)>(
      "5Mutex26ReaderLockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  const LockOperation operation(this, __tsan_mutex_read_lock);
  return real(this, condition, deadline);
}

// Every Await calls this, if its condition does not hold at first.
bool Mutex::AwaitCommon(const Condition& condition, KernelTimeout timeout) {
  static const auto real = Real<bool(Mutex*, const Condition&, KernelTimeout)>(
      "5Mutex11AwaitCommonERKNS0_9ConditionENS0_24synchronization_internal13KernelTimeoutE");
  const WaitOperation operation(this, mu_.load(std::memory_order_relaxed));
  return real(this, condition, timeout);
}

// An operation on a mutex evaluates the conditions of threads that wait for it. What these lock and
// unlock counts. What they read does not: another thread's condition may have come into the queue
// without any synchronisation that ThreadSanitizer could see. Conditions are checked where Await
// evaluates them first.
bool Condition::Eval() const {
  static const auto real = RealConst<bool(const Condition*)>("9Condition4EvalEv");
  void* const mutex = operating;
  if (mutex == nullptr) return real(this);
  __tsan_mutex_pre_divert(mutex, 0);
  ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_BEGIN();
  const Operation none(nullptr);
  const bool holds = real(this);
  ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_END();
  __tsan_mutex_post_divert(mutex, 0);
  return holds;
}

// ---- CondVar: every Wait calls this. Waking another thread is no synchronisation: the mutex is.

bool CondVar::WaitCommon(Mutex* mutex, KernelTimeout timeout) {
  static const auto real = Real<bool(CondVar*, Mutex*, KernelTimeout)>(
      "7CondVar10WaitCommonEPNS0_5MutexENS0_24synchronization_internal13KernelTimeoutE");
  const WaitOperation operation(mutex, mutex->mu_.load(std::memory_order_relaxed));
  return real(this, mutex, timeout);
}

// ---- Notification and BlockingCounter: atomics beside a mutex.

// Inline HasBeenNotified reads the flag with acquire order, and so sees what is released on it
// here.
void Notification::Notify() {
  static const auto real = Real<void(Notification*)>("12Notification6NotifyEv");
  __tsan_release(&notified_yet_);
  real(this);
}

void Notification::WaitForNotification() const {
  static const auto real =
      RealConst<void(const Notification*)>("12Notification19WaitForNotificationEv");
  real(this);
  static_cast<void>(HasBeenNotified());
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static const auto real = RealConst<bool(const Notification*, Duration)>(
      "12Notification30WaitForNotificationWithTimeoutENS0_8DurationE");
  return real(this, timeout) && HasBeenNotified();
}

bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  static const auto real = RealConst<bool(const Notification*, Time)>(
      "12Notification31WaitForNotificationWithDeadlineENS0_4TimeE");
  return real(this, deadline) && HasBeenNotified();
}

bool BlockingCounter::DecrementCount() {
  static const auto real = Real<bool(BlockingCounter*)>("15BlockingCounter14DecrementCountEv");
  __tsan_release(this);
  return real(this);
}

void BlockingCounter::Wait() {
  static const auto real = Real<void(BlockingCounter*)>("15BlockingCounter4WaitEv");
  real(this);
  __tsan_acquire(this);
}

ABSL_NAMESPACE_END
}  // namespace absl
