#include "worker/allocator.h"

#include <malloc.h>

#include <climits>

namespace outerloop::worker {

void KeepFreedMemory() {
  // One heap: those of further threads are cut into pieces of 64 MiB, and each is given back as
  // soon as it is empty, whatever the trim threshold is.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace outerloop::worker
