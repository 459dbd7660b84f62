#include "synth/demo_assets.h"

// NOLINTBEGIN(readability-identifier-naming)
extern "C" {
extern const char clairscore_demo_mlmodel_begin[], clairscore_demo_mlmodel_end[];
extern const char clairscore_demo_model_pkl_begin[], clairscore_demo_model_pkl_end[];
extern const char clairscore_demo_conda_begin[], clairscore_demo_conda_end[];
extern const char clairscore_demo_python_env_begin[], clairscore_demo_python_env_end[];
extern const char clairscore_demo_requirements_begin[], clairscore_demo_requirements_end[];
}
// NOLINTEND(readability-identifier-naming)

namespace clairscore {
namespace {

ByteSpan between(const char* begin, const char* end) {
  return std::as_bytes(std::span<const char>(begin, end));
}

}  // namespace

std::array<EmbeddedFile, 5> demo_model_files() {
  return {{{"MLmodel", between(clairscore_demo_mlmodel_begin, clairscore_demo_mlmodel_end)},
           {"model.pkl", between(clairscore_demo_model_pkl_begin, clairscore_demo_model_pkl_end)},
           {"conda.yaml", between(clairscore_demo_conda_begin, clairscore_demo_conda_end)},
           {"python_env.yaml",
            between(clairscore_demo_python_env_begin, clairscore_demo_python_env_end)},
           {"requirements.txt",
            between(clairscore_demo_requirements_begin, clairscore_demo_requirements_end)}}};
}

}  // namespace clairscore
