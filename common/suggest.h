// "did you mean": the known name nearest to one that is not known.
#ifndef OUTERLOOP_COMMON_SUGGEST_H_
#define OUTERLOOP_COMMON_SUGGEST_H_

#include <span>
#include <string>
#include <string_view>

namespace outerloop {

// Of `candidates`, the one with the least edit distance to `name` (insertions, deletions,
// substitutions and swaps of neighbours; case counts nothing), the first of equals; "" if none is
// within a third of the longer length.
std::string NearestName(std::string_view name, std::span<const std::string> candidates);

// "; did you mean 'x'?" or "; known: a, b, c" (at most eight), or "" if there are no candidates: to
// end an error message with.
std::string SuggestName(std::string_view name, std::span<const std::string> candidates);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_SUGGEST_H_
