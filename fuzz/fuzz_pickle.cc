// Any bytes as a plain pickle: read without a crash, a leak or undefined behaviour, or refused with
// what and where.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "read_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clairscore;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto graph = pickle::unpickle(bytes, nullptr, "fuzz", pickle::fuzz_limits());
  if (graph) {
    pickle::read_graph(**graph);
  } else {
    pickle::must(!graph.error().what.empty() && graph.error().where.starts_with("fuzz"));
  }
  return 0;
}
