#include "common/safetensors.h"

#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

template <typename T>
TensorView View(TensorType type, std::vector<int64_t> shape, const std::vector<T>& values) {
  return {type,
          std::move(shape),
          {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)}};
}

// A file with `header` before `data_bytes` bytes of data.
std::string FileOf(const std::string& header, size_t data_bytes = 0) {
  const uint64_t length = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + header + std::string(data_bytes, 'x');
}

// The message of the refusal of a file with this header and 8 bytes of data.
std::string Refusal(const std::string& header) {
  // Padded as a writer would, so that data are aligned for every type.
  const std::string padded = header + std::string((64 - (8 + header.size()) % 64) % 64, ' ');
  const std::string file = FileOf(padded, /*data_bytes=*/8);
  const absl::Status status = ParseSafetensors(Bytes(file)).status();
  EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

std::string Tensor(const std::string& shape, const std::string& offsets,
                   const std::string& dtype = "F32") {
  return absl::StrCat("{\"dtype\":\"", dtype, "\",\"shape\":", shape, ",\"data_offsets\":", offsets,
                      "}");
}

const std::string kWhole = Tensor("[2]", "[0,8]");

TEST(Safetensors, GivesBackWhatWasWritten) {
  const std::vector<float> weights = {1.5f, -2.0f, 0.0f, 3.25f, -0.0f, 1e-30f};
  const std::vector<uint8_t> images = {1, 2, 255};
  const std::vector<int32_t> labels = {-1, 7};
  const std::vector<int64_t> steps = {std::numeric_limits<int64_t>::min()};
  const std::vector<double> losses = {0.1};
  SafetensorsFile file;
  file.metadata = {{"step", "40"}, {"specification", "\"quoted\" \n \xc3\xa9"}};
  file.tensors = {{"images", View(TensorType::kU8, {3}, images)},
                  {"labels", View(TensorType::kI32, {1, 2}, labels)},
                  {"step", View(TensorType::kI64, {}, steps)},
                  {"weights", View(TensorType::kF32, {2, 3}, weights)},
                  {"losses", View(TensorType::kF64, {1}, losses)},
                  {"empty", View(TensorType::kF32, {0, 5}, std::vector<float>())}};

  const std::string written = SafetensorsToString(file);
  const auto read = ParseSafetensors(Bytes(written));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->metadata, file.metadata);
  ASSERT_THAT(read->tensors, SizeIs(file.tensors.size()));
  for (const auto& [name, tensor] : file.tensors) {
    const TensorView& got = read->tensors.at(name);
    EXPECT_EQ(got.type, tensor.type) << name;
    EXPECT_EQ(got.shape, tensor.shape) << name;
    ASSERT_EQ(got.bytes.size(), tensor.bytes.size()) << name;
    EXPECT_TRUE(std::equal(got.bytes.begin(), got.bytes.end(), tensor.bytes.begin())) << name;
  }
  EXPECT_THAT(read->tensors.at("labels").as<int32_t>(), ElementsAre(-1, 7));
  EXPECT_EQ(read->tensors.at("weights").elements(), 6);
  EXPECT_EQ(read->tensors.at("step").elements(), 1);
  EXPECT_EQ(read->tensors.at("empty").elements(), 0);
}

// Digests of files are kept and compared, so their bytes must never change.
TEST(Safetensors, WritesTheseVeryBytes) {
  const std::vector<uint8_t> bytes = {'a', 'b', 'c'};
  const std::vector<int32_t> words = {0x64636261};
  SafetensorsFile file;
  file.metadata = {{"k", "v"}};
  file.tensors = {{"a", View(TensorType::kU8, {3}, bytes)},
                  {"b", View(TensorType::kI32, {1}, words)}};
  const std::string header =
      R"({"__metadata__":{"k":"v"},"a":{"data_offsets":[4,7],"dtype":"U8","shape":[3]},)"
      R"("b":{"data_offsets":[0,4],"dtype":"I32","shape":[1]}})";
  const std::string padded = header + std::string(184 - header.size(), ' ');
  EXPECT_EQ(SafetensorsToString(file), FileOf(padded) + "abcd" + "abc");
}

TEST(Safetensors, AlignsDataAndEachTensorForItsType) {
  const std::vector<uint8_t> odd = {1, 2, 3};
  const std::vector<double> wide = {1.0};
  for (size_t name_length = 1; name_length <= 70; ++name_length) {
    SafetensorsFile file;
    file.tensors = {{std::string(name_length, 'a'), View(TensorType::kU8, {3}, odd)},
                    {"z", View(TensorType::kF64, {1}, wide)}};
    const std::string written = SafetensorsToString(file);
    const auto read = ParseSafetensors(Bytes(written));
    ASSERT_TRUE(read.ok()) << read.status();
    const uint8_t* const start = Bytes(written).data();
    EXPECT_EQ((read->tensors.at("z").bytes.data() - start) % 64, 0);
  }
}

TEST(Safetensors, ReadsAnEmptyFileOfTheFormat) {
  const std::string file = SafetensorsToString({});
  const auto read = ParseSafetensors(Bytes(file));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->tensors, IsEmpty());
  EXPECT_THAT(read->metadata, IsEmpty());
}

TEST(Safetensors, AWellFormedHeaderIsNotRefused) {
  EXPECT_EQ(Refusal("{\"w\":" + kWhole + "}"), "");
  EXPECT_EQ(Refusal("{\"a\":" + Tensor("[0]", "[8,8]") + ",\"b\":" + Tensor("[0]", "[0,0]") +
                    ",\"w\":" + kWhole + "}"),
            "");
}

TEST(Safetensors, RefusesEveryTruncation) {
  const std::vector<float> values = {1.0f, 2.0f, 3.0f};
  SafetensorsFile file;
  file.tensors = {{"w", View(TensorType::kF32, {3}, values)}};
  const std::string whole = SafetensorsToString(file);
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    EXPECT_EQ(ParseSafetensors(Bytes(cut)).status().code(), absl::StatusCode::kInvalidArgument)
        << size;
  }
}

TEST(Safetensors, RefusesAHeaderLongerThanTheFileOrTheLimit) {
  const std::string huge(8, '\xff');
  EXPECT_THAT(std::string(ParseSafetensors(Bytes(huge)).status().message()),
              HasSubstr("a header of 18446744073709551615 bytes, in a file of 8"));
  std::string longer = FileOf("{}");
  longer[0] = 3;
  EXPECT_THAT(std::string(ParseSafetensors(Bytes(longer)).status().message()),
              HasSubstr("a header of 3 bytes, in a file of 10"));
  const std::string beyond_limit = FileOf("{}" + std::string(100'000'000, ' '));
  EXPECT_THAT(std::string(ParseSafetensors(Bytes(beyond_limit)).status().message()),
              HasSubstr("at most 100000000"));
}

TEST(Safetensors, RefusesWhatIsNoJsonObject) {
  EXPECT_THAT(Refusal(""), HasSubstr("must begin with '{'"));
  EXPECT_THAT(Refusal("[]"), HasSubstr("must begin with '{'"));
  EXPECT_THAT(Refusal("{\"w\":"), HasSubstr("no valid JSON at byte"));
  EXPECT_THAT(Refusal("{\"w\":" + kWhole + "} x"), HasSubstr("no valid JSON at byte"));
  EXPECT_THAT(Refusal("{\"w\":" + kWhole + "}" + '\0'), HasSubstr("no valid JSON at byte"));
  EXPECT_THAT(Refusal("{\"\xff\":" + kWhole + "}"), HasSubstr("no valid JSON at byte"));
}

TEST(Safetensors, RefusesRepeatedKeys) {
  EXPECT_THAT(Refusal("{\"w\":" + kWhole + ",\"w\":" + kWhole + "}"),
              HasSubstr("'w' is there twice"));
  EXPECT_THAT(Refusal(R"({"w":{"dtype":"F32","dtype":"F32"}})"),
              HasSubstr("tensor 'w': 'dtype': is there twice"));
  EXPECT_THAT(Refusal(R"({"__metadata__":{"k":"a","k":"b"}})"), HasSubstr("'k': is there twice"));
}

TEST(Safetensors, RefusesValuesOfAnotherKind) {
  const auto refuses_as_header = [](const std::string& entry) {
    EXPECT_THAT(Refusal("{" + entry + ",\"whole\":" + kWhole + "}"), HasSubstr("header: "))
        << entry;
  };
  for (const char* value : {"1", "\"x\"", "null", "true", "[]"}) {
    refuses_as_header(absl::StrCat("\"w\":", value));
    refuses_as_header(absl::StrCat("\"__metadata__\":", value));
  }
  for (const char* value : {"1", "null", "true", "[]", "{}"}) {
    refuses_as_header(absl::StrCat("\"w\":{\"dtype\":", value, "}"));
    refuses_as_header(absl::StrCat("\"__metadata__\":{\"k\":", value, "}"));
  }
  for (const char* list : {"2", "\"x\"", "[\"2\"]", "[2.0]", "[-2]", "[-0]", "[[2]]", "[null]",
                           "[{}]", "[1e400]", "[9223372036854775808]", "[18446744073709551616]"}) {
    refuses_as_header("\"w\":" + Tensor(list, "[0,0]"));
    refuses_as_header("\"w\":" + Tensor("[0]", list));
  }
}

TEST(Safetensors, RefusesMissingAndUnknownFields) {
  EXPECT_THAT(Refusal("{\"w\":{}}"), HasSubstr("tensor 'w': must have dtype, shape and"));
  EXPECT_THAT(Refusal(R"({"w":{"dtype":"F32","shape":[2]}})"), HasSubstr("must have dtype"));
  EXPECT_THAT(Refusal(R"({"w":{"stride":[2]}})"), HasSubstr("'stride': is no field of a tensor"));
}

TEST(Safetensors, RefusesAnUnknownType) {
  EXPECT_EQ(Refusal("{\"w\":" + Tensor("[4]", "[0,8]", "BF16") + "}"),
            "safetensors: tensor 'w': dtype 'BF16': must be one of U8, I32, I64, F32, F64");
}

TEST(Safetensors, RefusesShapesThatDoNotFitTheBytes) {
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[3]", "[0,8]") + "}"), HasSubstr("do not fit"));
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[2]", "[0,8]", "I64") + "}"), HasSubstr("do not fit"));
  // 2^62 x 4 + 2 elements of 4 bytes wrap to 8 bytes.
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[4611686018427387906]", "[0,8]") + "}"),
              HasSubstr("do not fit"));
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[4294967296,4294967296,0]", "[0,0]") + "}"),
              HasSubstr("do not fit"));
  std::string ones = "1";
  for (int i = 0; i < 64; ++i) ones += ",1";
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[" + ones + "]", "[0,4]") + "}"),
              HasSubstr("at most 64 numbers"));
}

TEST(Safetensors, RefusesOffsetsOutsideTheData) {
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[3]", "[0,12]") + "}"), HasSubstr("8 bytes of data"));
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[2]", "[0,9223372036854775807]") + "}"),
              HasSubstr("8 bytes of data"));
  EXPECT_THAT(Refusal("{\"v\":" + kWhole + ",\"w\":" + Tensor("[0]", "[8,4]") + "}"),
              HasSubstr("at or after their begin"));
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[2]", "[0]") + "}"), HasSubstr("must be two numbers"));
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[2]", "[0,8,8]") + "}"),
              HasSubstr("must be two numbers"));
}

TEST(Safetensors, RefusesGapsAndOverlaps) {
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[1]", "[4,8]") + "}"), HasSubstr("leave a gap"));
  EXPECT_THAT(Refusal("{\"w\":" + Tensor("[1]", "[0,4]") + "}"),
              HasSubstr("tensors end at byte 4 of 8"));
  EXPECT_THAT(Refusal("{\"v\":" + kWhole + ",\"w\":" + Tensor("[1]", "[4,8]") + "}"),
              HasSubstr("overlap"));
  EXPECT_THAT(Refusal("{\"v\":" + kWhole + ",\"w\":" + kWhole + "}"), HasSubstr("overlap"));
}

TEST(Safetensors, RefusesDataThatAreNotAligned) {
  const std::string header = "{\"w\":" + Tensor("[1]", "[0,4]") + "}";
  size_t refused = 0;
  for (size_t spaces = 0; spaces < 4; ++spaces) {
    const std::string file = FileOf(header + std::string(spaces, ' '), /*data_bytes=*/4);
    const absl::Status status = ParseSafetensors(Bytes(file)).status();
    if (status.ok()) continue;
    EXPECT_THAT(std::string(status.message()), HasSubstr("not aligned"));
    ++refused;
  }
  EXPECT_EQ(refused, 3u);
}

TEST(Safetensors, DeepNestingIsRefusedAtOnce) {
  constexpr int kDepth = 10'000'000;
  EXPECT_NE(Refusal("{\"w\":" + std::string(kDepth, '[')), "");
  std::string objects;
  for (int i = 0; i < kDepth / 10; ++i) objects += "{\"w\":";
  EXPECT_NE(Refusal(objects), "");
  EXPECT_NE(Refusal("{\"w\":{\"shape\":" + std::string(kDepth, '[')), "");
}

TEST(Safetensors, LongAndStrangeNamesAreCutAndEscapedInMessages) {
  const std::string name(10'000, 'n');
  EXPECT_LT(Refusal("{\"" + name + "\":{}}").size(), 200u);
  EXPECT_THAT(Refusal("{\"a\\nb\":{}}"), HasSubstr("'a\\nb'"));
}

TEST(WriteSafetensors, RefusesBytesThatDoNotFitTheShape) {
  const std::vector<float> values = {1.0f, 2.0f};
  const ByteSink nowhere = [](std::string_view) { return absl::OkStatus(); };
  const std::vector<std::vector<int64_t>> bad_shapes = {{3}, {-1, -2}, {}, {int64_t{1} << 62, 4}};
  for (const std::vector<int64_t>& shape : bad_shapes) {
    SafetensorsFile file;
    file.tensors = {{"w", View(TensorType::kF32, shape, values)}};
    EXPECT_EQ(WriteSafetensors(file, nowhere).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(SafetensorsToString(file), "");
  }
}

TEST(WriteSafetensors, RefusesNamesThatCannotBeWritten) {
  const std::vector<float> values = {1.0f};
  for (const std::string name : {"__metadata__", "\xff"}) {
    SafetensorsFile file;
    file.tensors = {{name, View(TensorType::kF32, {1}, values)}};
    EXPECT_EQ(SafetensorsToString(file), "") << name;
  }
  SafetensorsFile file;
  file.metadata = {{"k", "\xff"}};
  EXPECT_EQ(SafetensorsToString(file), "");
}

TEST(WriteSafetensors, StopsAtTheSinksError) {
  const std::vector<float> values = {1.0f};
  SafetensorsFile file;
  file.tensors = {{"v", View(TensorType::kF32, {1}, values)},
                  {"w", View(TensorType::kF32, {1}, values)}};
  int pieces = 0;
  const absl::Status full = absl::ResourceExhaustedError("disk full");
  const auto sink = [&](std::string_view) { return ++pieces == 2 ? full : absl::OkStatus(); };
  EXPECT_EQ(WriteSafetensors(file, sink), full);
  EXPECT_EQ(pieces, 2);
}

}  // namespace
}  // namespace outerloop
