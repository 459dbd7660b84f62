// Any bytes as a SHAP file: every row can be read, or the file is refused with what and where.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "read_graph.h"
#include "shap/shap_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clairscore;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto file = ShapFile::read(bytes, nullptr, "fuzz", pickle::fuzz_limits());
  if (!file) {
    pickle::must(!file.error().what.empty() && file.error().where.starts_with("fuzz"));
    return 0;
  }
  pickle::must(file->rows() > 0 && file->features() > 0);
  std::vector<double> row(file->features());
  const std::size_t step = std::max<std::size_t>(1, file->rows() / 64);
  for (std::size_t i = 0; i < file->rows(); i += step) file->read_row(i, row);
  file->read_row(file->rows() - 1, row);
  pickle::must(file->base_value(file->rows() - 1).has_value() == file->has_base_values());
  if (file->feature_names()) pickle::must(file->feature_names()->size() == file->features());
  file->release();
  return 0;
}
