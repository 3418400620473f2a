// Tasks as messages, and back.
#ifndef OUTERLOOP_DATA_TASK_PROTO_H_
#define OUTERLOOP_DATA_TASK_PROTO_H_

#include "data/task.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::data {

void ToProto(const Task& task, v1::Task* message);
// A message of no kind gives an empty RegressionTask.
Task FromProto(const v1::Task& message);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_TASK_PROTO_H_
