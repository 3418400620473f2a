# Writes the job files of a folder into a C++ source that defines outerloop::client::Presets().
#
# cmake -DFOLDER=client/presets -DOUTPUT=embedded_presets.cc -P embed_presets.cmake

file(GLOB files ${FOLDER}/*.yaml)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND entries "    {\"${name}\", R\"yaml(${text})yaml\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Written by client/embed_presets.cmake.
#include \"client/presets.h\"

namespace outerloop::client {
namespace {

constexpr Preset kPresets[] = {
${entries}};

}  // namespace

std::span<const Preset> Presets() { return kPresets; }

}  // namespace outerloop::client
")
