// Protobuf messages as JSON with stable names.
#ifndef OUTERLOOP_CLIENT_MESSAGE_JSON_H_
#define OUTERLOOP_CLIENT_MESSAGE_JSON_H_

#include <string>

#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace outerloop::client {

using Json = nlohmann::ordered_json;

enum class JsonFields {
  kSet,  // Only the fields that are set.
  kAll,  // Also the zeros of fields that cannot tell zero from "not set".
};

// Members go by the fields' snake_case names, in the order of declaration. Unlike in protobuf's own
// mapping, 64-bit integers are numbers. Enums are names, timestamps RFC 3339 strings in UTC.
Json MessageToJson(const google::protobuf::Message& message, JsonFields fields);

// Two spaces an indent and a line end; bytes that are not UTF-8 are replaced.
std::string JsonToString(const Json& json);

// One line and its end; otherwise the same.
std::string JsonToLine(const Json& json);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_MESSAGE_JSON_H_
