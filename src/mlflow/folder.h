#pragma once

// Where a model is on disk.

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace clairscore {

struct ModelPath {
  bool is_folder = false;
  std::filesystem::path path;  // the folder that holds MLmodel, or the model file
};

/// A file is a model file. A folder is one that holds MLmodel, else one whose sub-folder
/// "gradient_boosting", or whose only sub-folder with an MLmodel, does (the layout of the Hub
/// repository). Errors: kNotFound (nothing there); kInput (a folder without a model, or with
/// several: they are named).
Result<ModelPath> find_model(const std::filesystem::path& path);

/// Relative paths of the regular files below a folder, sorted, at most `limit` of them; without
/// MLmodel and `model_file`. Nothing is opened. Folders that are links are not entered.
std::vector<std::string> list_other_files(const std::filesystem::path& folder,
                                          const std::string& model_file, std::size_t limit = 1000);

}  // namespace clairscore
