// A parameter set: one flat buffer with named views.
//
// Reducing, hashing, checkpointing and the meta-optimizer are then one loop each over the buffer.
#ifndef OUTERLOOP_META_PARAMETERS_H_
#define OUTERLOOP_META_PARAMETERS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "torch/torch.h"

namespace outerloop::meta {

// Names, shapes and places, in name order, without gaps. Immutable, so safe to share.
class ParameterLayout {
 public:
  struct Entry {
    std::string name;
    std::vector<int64_t> shape;
    int64_t offset = 0;  // In elements.
    int64_t size = 0;    // Product of `shape`.
  };

  // Entries sorted by name; offsets given. Names are distinct.
  explicit ParameterLayout(const std::map<std::string, std::vector<int64_t>>& shapes);

  const std::vector<Entry>& entries() const { return entries_; }
  int64_t size() const { return size_; }
  // The entry of that name, which must exist.
  const Entry& at(const std::string& name) const;

 private:
  std::vector<Entry> entries_;
  int64_t size_ = 0;
};

// The view of `entry` in a flat buffer [..., P]: [..., shape].
torch::Tensor View(const torch::Tensor& flat, const ParameterLayout::Entry& entry);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_PARAMETERS_H_
