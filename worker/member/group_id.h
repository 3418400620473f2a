// Which group.
#ifndef OUTERLOOP_WORKER_MEMBER_GROUP_ID_H_
#define OUTERLOOP_WORKER_MEMBER_GROUP_ID_H_

#include <cstdint>
#include <string>

namespace outerloop::worker {

// The workers of a job between two membership changes. Generations of a job only ever go up.
struct GroupId {
  std::string job_id;
  uint64_t generation = 0;

  bool operator==(const GroupId&) const = default;

  // What is said of this group is news to whoever knows of `other`: another job's, or a later
  // generation of the same.
  bool IsNewerThan(const GroupId& other) const {
    return job_id != other.job_id || generation > other.generation;
  }
};

// Of any message about a group.
template <typename Message>
GroupId GroupOf(const Message& message) {
  return {message.job_id(), message.generation()};
}

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MEMBER_GROUP_ID_H_
