// Work on a GPU as a recording, which is repeated at the cost of one launch.
#ifndef OUTERLOOP_META_CUDA_GRAPH_RECORDER_H_
#define OUTERLOOP_META_CUDA_GRAPH_RECORDER_H_

#include <functional>
#include <memory>

namespace outerloop::meta::cuda {

// Operations in the memory in which they were recorded. Used by one thread at a time.
class Recording {
 public:
  virtual ~Recording() = default;
  // Queues all of them, behind what the calling thread's current stream has and before what it gets
  // later. Does not wait.
  virtual void Replay() = 0;
};

// The seam between who decides what is recorded and the library that records. Used by one thread at
// a time.
class GraphRecorder {
 public:
  virtual ~GraphRecorder() = default;

  // Does `work` where recordings are made and played, in the order of the current stream as Replay
  // is. What `work` does for the first time, such as making a library's handles, cannot be
  // recorded: warm up before Record.
  virtual void WarmUp(const std::function<void()>& work) = 0;

  // Records what `work` queues, which is not done. Throws what `work` throws, and a c10::Error if
  // it did something that cannot be recorded, such as waiting for a value; the GPU stays fit for
  // use.
  virtual std::unique_ptr<Recording> Record(const std::function<void()>& work) = 0;
};

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_GRAPH_RECORDER_H_
