// A member in a process of its own, for tests that kill it.
//
// usage: reducer_member COORDINATOR KIND GENERATION RANK SIZE ENDPOINTS
//
// Prints "endpoint HEX" and reads the endpoints of all members, one a line in hexadecimal, from the
// file or pipe ENDPOINTS. Connects, takes part in one round with a word of 1, prints "sum N", and
// goes into a second round; prints "ended STATUS" if it ever comes out.
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "tests/reducers/meeting_point.h"

namespace outerloop::tests {
namespace {

uint32_t Number(const char* text) {
  uint32_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

absl::Status Run(char** argv) {
  v1::Reducer kind;
  if (!v1::Reducer_Parse(argv[2], &kind)) return absl::InvalidArgumentError(argv[2]);
  const uint32_t size = Number(argv[5]);
  const auto reducer =
      MeetingPoint::MakeMember(argv[1], kind, Number(argv[3]), Number(argv[4]), size);
  std::cout << "endpoint " << absl::BytesToHexString(reducer->endpoint()) << std::endl;

  std::ifstream file(argv[6]);
  std::vector<std::string> endpoints(size);
  for (std::string& endpoint : endpoints) {
    std::getline(file, endpoint);
    endpoint = absl::HexStringToBytes(endpoint);
  }
  absl::Status status = reducer->Connect(endpoints, absl::InfiniteFuture());
  std::vector<int64_t> words = {1};
  if (status.ok()) status = reducer->AllReduce(words, absl::InfiniteFuture());
  std::cout << "sum " << words[0] << std::endl;
  return status.ok() ? reducer->AllReduce(words, absl::InfiniteFuture()) : status;
}

}  // namespace
}  // namespace outerloop::tests

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const absl::Status status = outerloop::tests::Run(argv);
  std::cout << "ended " << status << std::endl;
  return 0;
}
