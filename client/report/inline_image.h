// Pixels as a picture within a page.
#ifndef OUTERLOOP_CLIENT_REPORT_INLINE_IMAGE_H_
#define OUTERLOOP_CLIENT_REPORT_INLINE_IMAGE_H_

#include <cstdint>
#include <string>

namespace outerloop::client {

// <img> with a PNG file in it. `pixels` are uint8 [height, width, channels]; other than 1 and 3
// channels are shown by the first alone. Small images are magnified by a whole number, pixel by
// pixel. "" if `pixels` are not of these sizes. `description` is plain text.
std::string InlineImage(const std::string& pixels, uint32_t height, uint32_t width,
                        uint32_t channels, const std::string& description);

// The same of the sizes that a message says.
template <typename Message>
std::string InlineImage(const std::string& pixels, const Message& sizes,
                        const std::string& description) {
  return InlineImage(pixels, sizes.height(), sizes.width(), sizes.channels(), description);
}

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_REPORT_INLINE_IMAGE_H_
