// Any bytes as the stream of every compressor; what comes out is read as a pickle, and so is the
// input itself.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "pickle/decompress.h"
#include "read_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clairscore;
  using pickle::Compression;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const pickle::Limits limits = pickle::fuzz_limits();
  if (const auto graph = pickle::unpickle(bytes, nullptr, "fuzz", limits)) {
    pickle::read_graph(**graph);
  }
  for (const Compression compression : {Compression::kZlib, Compression::kGzip, Compression::kBz2,
                                        Compression::kXz, Compression::kLzma, Compression::kLz4}) {
    const auto content = pickle::decompress(bytes, compression, "fuzz", limits);
    if (content) {
      pickle::must(content->bytes.size() <= limits.max_bytes);
    } else {
      pickle::must(!content.error().what.empty() && content.error().where.starts_with("fuzz"));
    }
  }
  return 0;
}
