// A data set as one safetensors file: the form in which it is stored, sent and mapped.
//
// Tensors: `images` u8 [N, C, H, W] (0 is paper, 255 is full ink or light), `labels` i32 [N],
// ascending, so that a class is a run of rows. Metadata: `format` = "outerloop.dataset.v1",
// `classes` = JSON [{"name": .., "origin": ..}, ..] in label order, `provenance` = text. Where the
// data set comes with a split of its own, each class also has "split": "train", "validation" or
// "test".
#ifndef OUTERLOOP_DATA_DATASET_FILE_H_
#define OUTERLOOP_DATA_DATASET_FILE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/safetensors.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

struct DatasetClass {
  std::string name;    // Unique, e.g. "Balinese/character01".
  std::string origin;  // Where it came from, e.g. "images_background".
  uint32_t first_row = 0;
  uint32_t examples = 0;
  v1::Split split =
      v1::SPLIT_UNSPECIFIED;  // Stored with the data set: all classes have one or none.

  bool operator==(const DatasetClass&) const = default;
};

// All of a data set but its pixels.
struct DatasetIndex {
  std::vector<DatasetClass> classes;  // By label. Rows are consecutive.
  uint32_t channels = 0;
  uint32_t height = 0;
  uint32_t width = 0;
  std::string provenance;

  uint64_t examples() const;
  bool has_splits() const;
  size_t image_bytes() const { return size_t{channels} * height * width; }
};

// A data set in somebody else's memory.
struct DatasetView {
  DatasetIndex index;
  std::span<const uint8_t> images;  // [N, C, H, W]

  std::span<const uint8_t> image(uint32_t row) const {
    return images.subspan(row * index.image_bytes(), index.image_bytes());
  }
};

// Views into `bytes`, which must outlive the result. INVALID_ARGUMENT, saying what is wrong, unless
// everything above holds and every class has at least one example.
absl::StatusOr<DatasetView> ParseDataset(std::span<const uint8_t> bytes);

// "train", "validation" or "test"; "" for another value.
std::string SplitName(v1::Split split);
// SPLIT_UNSPECIFIED unless `name` is one of these.
v1::Split SplitOfName(const std::string& name);
// The same for what people write, who may say "val".
v1::Split SplitOfWord(const std::string& word);

// All of a file that stands before its images, which must follow row by row. INVALID_ARGUMENT if
// there is no class, a name is empty or stands twice, a class has no example, some but not all
// classes have a split, or a text is not UTF-8. `first_row` of classes is not looked at.
absl::StatusOr<std::string> DatasetPreamble(const DatasetIndex& index);

// Gathers classes and images, then writes the file. The same content added in the same order gives
// the same bytes. Holds all pixels in memory. Thread-compatible.
class DatasetBuilder {
 public:
  DatasetBuilder(uint32_t channels, uint32_t height, uint32_t width);

  // Images added from now on belong to this class.
  void AddClass(std::string name, std::string origin);
  // `pixels` is C x H x W. A class must have been added.
  void AddImage(std::span<const uint8_t> pixels);

  const DatasetIndex& index() const { return index_; }

  // INVALID_ARGUMENT as DatasetPreamble.
  absl::Status Write(std::string provenance, const ByteSink& sink) const;

 private:
  DatasetIndex index_;
  std::vector<uint8_t> pixels_;
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_DATASET_FILE_H_
