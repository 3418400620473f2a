// Tells ThreadSanitizer what it has to know of Debian's gRPC, which is not instrumented. As in
// abseil_annotations.cc, the functions below come before gRPC's own, for our code and for gRPC's
// C++ layer (libgrpc++), which is built on them.
//
// 1. What a thread did before it started an operation comes before what is done after the tag of
//    that operation is taken out of its completion queue. Inside, gRPC passes tags between threads
//    by atomics that ThreadSanitizer does not see.
// 2. A message is written before it is read. (Through sockets that needs no word, but an in-process
//    channel passes the sender's memory on to the receiver.)
// 3. What gRPC's core (libgrpc) does with its own memory is not judged: neither on its own threads,
//    nor inside of its functions that run its machinery. Locking counts there as everywhere. Our
//    code is never called there: it runs where the C++ layer takes tags out of queues, which is
//    judged. (But for grpc::Alarm's callbacks, which are not used here.)
#include <dlfcn.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <grpc/slice_buffer.h>
#include <sanitizer/tsan_interface.h>

#include <cstring>

#include "absl/base/dynamic_annotations.h"
#include "tests/tsan/real_function.h"

namespace {

#define REAL(function)                                                                      \
  ([] {                                                                                     \
    static const auto real = outerloop::tests::RealFunction<decltype(function)>(#function); \
    return real;                                                                            \
  }())

// Between construction and destruction, this thread is inside of gRPC's core.
class Inside {
 public:
  Inside() { ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_BEGIN(); }
  ~Inside() { ABSL_ANNOTATE_IGNORE_READS_AND_WRITES_END(); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

template <typename Function, typename... Arguments>
auto Call(Function* function, Arguments... arguments) {
  const Inside inside;
  return function(arguments...);
}

// The same for a function that starts the operation `tag`.
template <typename Function, typename... Arguments>
auto Start(void* tag, Function* function, Arguments... arguments) {
  __tsan_release(tag);
  return Call(function, arguments...);
}

}  // namespace

// ---- Operations. Every call, of a client and of a server, is a series of batches.

namespace {

void ReleaseMessage(grpc_byte_buffer* message) {
  if (message == nullptr) return;
  grpc_slice_buffer& slices = message->data.raw.slice_buffer;
  for (size_t i = 0; i < slices.count; ++i) __tsan_release(GRPC_SLICE_START_PTR(slices.slices[i]));
}

}  // namespace

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t nops, void* tag,
                                      void* reserved) {
  for (const grpc_op* op = ops; op != ops + nops; ++op) {
    if (op->op == GRPC_OP_SEND_MESSAGE) ReleaseMessage(op->data.send_message.send_message);
  }
  return Start(tag, REAL(grpc_call_start_batch), call, ops, nops, tag, reserved);
}

grpc_call_error grpc_server_request_call(grpc_server* server, grpc_call** call,
                                         grpc_call_details* details,
                                         grpc_metadata_array* request_metadata,
                                         grpc_completion_queue* bound_to,
                                         grpc_completion_queue* notify, void* tag) {
  return Start(tag, REAL(grpc_server_request_call), server, call, details, request_metadata,
               bound_to, notify, tag);
}

grpc_call_error grpc_server_request_registered_call(grpc_server* server, void* method,
                                                    grpc_call** call, gpr_timespec* deadline,
                                                    grpc_metadata_array* request_metadata,
                                                    grpc_byte_buffer** payload,
                                                    grpc_completion_queue* bound_to,
                                                    grpc_completion_queue* notify, void* tag) {
  return Start(tag, REAL(grpc_server_request_registered_call), server, method, call, deadline,
               request_metadata, payload, bound_to, notify, tag);
}

void grpc_channel_watch_connectivity_state(grpc_channel* channel, grpc_connectivity_state last,
                                           gpr_timespec deadline, grpc_completion_queue* queue,
                                           void* tag) {
  Start(tag, REAL(grpc_channel_watch_connectivity_state), channel, last, deadline, queue, tag);
}

void grpc_server_shutdown_and_notify(grpc_server* server, grpc_completion_queue* queue, void* tag) {
  Start(tag, REAL(grpc_server_shutdown_and_notify), server, queue, tag);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  const grpc_event event = Call(REAL(grpc_completion_queue_next), queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  const grpc_event event = Call(REAL(grpc_completion_queue_pluck), queue, tag, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(tag);
  return event;
}

// Everything that is parsed passes here.
int grpc_byte_buffer_reader_peek(grpc_byte_buffer_reader* reader, grpc_slice** slice) {
  const int found = REAL(grpc_byte_buffer_reader_peek)(reader, slice);
  if (found != 0) __tsan_acquire(GRPC_SLICE_START_PTR(**slice));
  return found;
}

// ---- The memory of messages. Slices of one block are counted by atomics that ThreadSanitizer does
// not see: whoever lets go of the last one frees what other threads have read.

void grpc_byte_buffer_destroy(grpc_byte_buffer* message) {
  Call(REAL(grpc_byte_buffer_destroy), message);
}

void grpc_byte_buffer_reader_destroy(grpc_byte_buffer_reader* reader) {
  Call(REAL(grpc_byte_buffer_reader_destroy), reader);
}

void grpc_slice_unref(grpc_slice slice) { Call(REAL(grpc_slice_unref), slice); }

void grpc_slice_buffer_reset_and_unref(grpc_slice_buffer* slices) {
  Call(REAL(grpc_slice_buffer_reset_and_unref), slices);
}

// ---- Other functions that run the machinery.

void grpc_completion_queue_shutdown(grpc_completion_queue* queue) {
  Call(REAL(grpc_completion_queue_shutdown), queue);
}

void grpc_completion_queue_destroy(grpc_completion_queue* queue) {
  Call(REAL(grpc_completion_queue_destroy), queue);
}

grpc_channel* grpc_channel_create(const char* target, grpc_channel_credentials* credentials,
                                  const grpc_channel_args* args) {
  return Call(REAL(grpc_channel_create), target, credentials, args);
}

void grpc_channel_destroy(grpc_channel* channel) { Call(REAL(grpc_channel_destroy), channel); }

grpc_connectivity_state grpc_channel_check_connectivity_state(grpc_channel* channel, int connect) {
  return Call(REAL(grpc_channel_check_connectivity_state), channel, connect);
}

grpc_call* grpc_channel_create_call(grpc_channel* channel, grpc_call* parent, uint32_t mask,
                                    grpc_completion_queue* queue, grpc_slice method,
                                    const grpc_slice* host, gpr_timespec deadline, void* reserved) {
  return Call(REAL(grpc_channel_create_call), channel, parent, mask, queue, method, host, deadline,
              reserved);
}

grpc_call* grpc_channel_create_registered_call(grpc_channel* channel, grpc_call* parent,
                                               uint32_t mask, grpc_completion_queue* queue,
                                               void* method, gpr_timespec deadline,
                                               void* reserved) {
  return Call(REAL(grpc_channel_create_registered_call), channel, parent, mask, queue, method,
              deadline, reserved);
}

grpc_call_error grpc_call_cancel(grpc_call* call, void* reserved) {
  return Call(REAL(grpc_call_cancel), call, reserved);
}

grpc_call_error grpc_call_cancel_with_status(grpc_call* call, grpc_status_code status,
                                             const char* description, void* reserved) {
  return Call(REAL(grpc_call_cancel_with_status), call, status, description, reserved);
}

void grpc_call_unref(grpc_call* call) { Call(REAL(grpc_call_unref), call); }

int grpc_server_add_http2_port(grpc_server* server, const char* address,
                               grpc_server_credentials* credentials) {
  return Call(REAL(grpc_server_add_http2_port), server, address, credentials);
}

void grpc_server_start(grpc_server* server) { Call(REAL(grpc_server_start), server); }

void grpc_server_cancel_all_calls(grpc_server* server) {
  Call(REAL(grpc_server_cancel_all_calls), server);
}

void grpc_server_destroy(grpc_server* server) { Call(REAL(grpc_server_destroy), server); }

// ---- Threads

namespace {

struct ThreadBody {
  void (*function)(void*);
  void* argument;
};

void RunInside(void* body) {
  const ThreadBody copy = *static_cast<ThreadBody*>(body);
  delete static_cast<ThreadBody*>(body);
  Call(copy.function, copy.argument);
}

bool IsInCore(void* function) {
  Dl_info info;
  return dladdr(function, &info) != 0 && std::strstr(info.dli_fname, "libgrpc.so") != nullptr;
}

}  // namespace

// grpc_core::Thread::Thread(const char* name, void (*body)(void*), void* argument, bool* success,
// const Options&), whose header is not installed. Every thread of gRPC starts here.
#define THREAD_CONSTRUCTOR "_ZN9grpc_core6ThreadC1EPKcPFvPvES3_PbRKNS0_7OptionsE"
extern "C" void ConstructThread(void* self, const char* name, void (*body)(void*), void* argument,
                                bool* success, const void* options) asm(THREAD_CONSTRUCTOR);

void ConstructThread(void* self, const char* name, void (*body)(void*), void* argument,
                     bool* success, const void* options) {
  static const auto real =
      outerloop::tests::RealFunction<decltype(ConstructThread)>(THREAD_CONSTRUCTOR);
  if (!IsInCore(reinterpret_cast<void*>(body))) {
    return real(self, name, body, argument, success, options);
  }
  real(self, name, RunInside, new ThreadBody{body, argument}, success, options);
}
