// Any text as a job file. What is taken means the same when it is written out and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "client/job_file.h"
#include "client/message_yaml.h"
#include "google/protobuf/util/message_differencer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using google::protobuf::util::MessageDifferencer;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const auto spec = outerloop::client::ParseJobSpec(text, "fuzz", {});
  if (!spec.ok()) return 0;
  const auto again =
      outerloop::client::ParseJobSpec(outerloop::client::MessageToYaml(*spec), "again", {});
  if (!again.ok() || !MessageDifferencer::Equals(*spec, *again)) std::abort();
  return 0;
}
