// Any text as a dictionary; one that is accepted can be written down and has both languages.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/dictionary.h"

using namespace clairscore;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto dictionary =
      InputDictionary::parse({reinterpret_cast<const char*>(data), size}, "dictionary.yaml");
  if (!dictionary) return 0;
  JsonWriter json;
  const std::vector<InputDictionary::Asked> asked = {{"A", false, false}, {"B", true, true}};
  (*dictionary)->write_inputs(json, asked);
  (*dictionary)->write_values(json);
  const InputEntry* entry = (*dictionary)->find("A");
  if (entry != nullptr && (entry->label.fr.empty() || entry->label.en.empty())) std::abort();
  return 0;
}
