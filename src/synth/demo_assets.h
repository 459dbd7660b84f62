#pragma once

// What `clairscore demo` serves, embedded in the binary (made as demo/README.md says): a model as
// MLflow saves it, and which synthetic applicants. The command writes the files to a private folder
// and loads them as it loads any model. The views live as long as the program; thread-safe.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace clairscore {

/// A file of the model's folder.
struct EmbeddedFile {
  std::string_view name;  // "MLmodel", "model.pkl", …
  ByteSpan bytes;
};

std::array<EmbeddedFile, 5> demo_model_files();

/// The applicants of the demonstration: not those the model was trained on.
inline constexpr std::uint64_t kDemoRows = 48744;
inline constexpr std::uint64_t kDemoSeed = 1;

}  // namespace clairscore
