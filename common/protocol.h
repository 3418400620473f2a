// Constants that both ends of the wire must share.
#ifndef OUTERLOOP_COMMON_PROTOCOL_H_
#define OUTERLOOP_COMMON_PROTOCOL_H_

#include <cstddef>
#include <cstdint>

namespace outerloop {

// Bytes of a chunk at most; also the most that a receiver takes in one.
inline constexpr size_t kBlobChunkBytes = 1 << 20;

// The protocol that coordinator and workers must share; see Hello in worker_service.proto.
inline constexpr unsigned kWorkerProtocolVersion = 2;

// A step plan of the largest meta-batch that is allowed takes about 40 MiB; all else is far
// smaller.
inline constexpr int kMaxMessageBytes = 64 << 20;

// So many tasks of an evaluation are kept to be looked at, in messages of so many bytes at most.
inline constexpr uint32_t kSampledTasks = 3;
inline constexpr size_t kMaxSampleBytes = 1 << 20;

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_PROTOCOL_H_
