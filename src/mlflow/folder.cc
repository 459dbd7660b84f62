#include "mlflow/folder.h"

#include <algorithm>
#include <system_error>

namespace clairscore {

namespace fs = std::filesystem;

Result<ModelPath> find_model(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (!fs::exists(status)) {
    return fail(ErrorCode::kNotFound, "no such file or folder", path.string(),
                "a folder with an MLmodel, or a model file");
  }
  if (!fs::is_directory(status)) {
    if (path.filename() == "MLmodel") return ModelPath{true, path.parent_path()};
    return ModelPath{false, path};
  }
  if (fs::exists(path / "MLmodel", ignored)) return ModelPath{true, path};
  if (fs::exists(path / "gradient_boosting" / "MLmodel", ignored)) {
    return ModelPath{true, path / "gradient_boosting"};
  }
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    if (fs::exists(entry.path() / "MLmodel", ignored)) {
      found.push_back(entry.path().filename().string());
    }
  }
  std::sort(found.begin(), found.end());
  if (found.size() == 1) return ModelPath{true, path / found.front()};
  if (found.empty()) {
    return fail(ErrorCode::kInput, "a folder without an MLmodel", path.string(),
                "a folder with an MLmodel, or a model file");
  }
  std::string names;
  for (std::size_t i = 0; i < found.size() && i < 5; ++i) names += (i > 0 ? ", " : "") + found[i];
  return fail(ErrorCode::kInput,
              std::to_string(found.size()) + " models in one folder (" + names +
                  (found.size() > 5 ? ", …" : "") + ")",
              path.string(), "the folder of one of them");
}

std::vector<std::string> list_other_files(const fs::path& folder, const std::string& model_file,
                                          std::size_t limit) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator() && files.size() < limit;
       entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    const std::string name = entry->path().lexically_relative(folder).generic_string();
    if (name != "MLmodel" && name != fs::path(model_file).lexically_normal().generic_string()) {
      files.push_back(name);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace clairscore
