#include "meta/parameters.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace outerloop::meta {

ParameterLayout::ParameterLayout(const std::map<std::string, std::vector<int64_t>>& shapes) {
  for (const auto& [name, shape] : shapes) {
    const int64_t size =
        std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<int64_t>());
    entries_.push_back({name, shape, size_, size});
    size_ += size;
  }
}

const ParameterLayout::Entry& ParameterLayout::at(const std::string& name) const {
  const auto entry = std::lower_bound(
      entries_.begin(), entries_.end(), name,
      [](const Entry& candidate, const std::string& wanted) { return candidate.name < wanted; });
  TORCH_CHECK(entry != entries_.end() && entry->name == name, "no parameter is named ", name);
  return *entry;
}

torch::Tensor View(const torch::Tensor& flat, const ParameterLayout::Entry& entry) {
  std::vector<int64_t> sizes = flat.sizes().vec();
  sizes.pop_back();
  sizes.insert(sizes.end(), entry.shape.begin(), entry.shape.end());
  return flat.narrow(-1, entry.offset, entry.size).view(sizes);
}

}  // namespace outerloop::meta
