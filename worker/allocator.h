// How this process asks the system for memory.
#ifndef OUTERLOOP_WORKER_ALLOCATOR_H_
#define OUTERLOOP_WORKER_ALLOCATOR_H_

namespace outerloop::worker {

// Lets the C library keep what is freed for the next allocation. By default it maps every tensor of
// more than 128 KiB anew, and a step spends most of its time on the page faults: two thirds of it,
// measured for the four-block network with 25 query images. The process stays as large as its
// largest step. Call first thing in main.
void KeepFreedMemory();

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_ALLOCATOR_H_
