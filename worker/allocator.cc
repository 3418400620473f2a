#include "worker/allocator.h"

#include <malloc.h>

#include <climits>

namespace outerloop::worker {

void KeepFreedMemory() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace outerloop::worker
