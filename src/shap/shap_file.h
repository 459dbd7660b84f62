#pragma once

// The contributions a data scientist shipped: shap/shap_explanation.joblib and other names for it.
//
// Read from a joblib file or a pickle, of any compression: a shap.Explanation (its values live in a
// slicer.Slicer, `_objects` first, then `_aliases`), a bare array, a list or tuple of one array per
// class, an array with its base values, or a dict with `values` (or `shap_values`) and
// `base_values` (or `expected_value`). Values are (rows, features) or (rows, features, outputs);
// with two outputs those of the second, the positive class, are taken. Base values are one number,
// one per row, one per output or (rows, outputs), and may be missing.
//
// A file that is not compressed stays on disk: rows are converted as they are asked for, and
// release() gives their pages back, so that a scan of 77 MB leaves nothing resident. A compressed
// file is held in memory, decompressed.
//
// Immutable; safe from any number of threads.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "pickle/ndarray.h"
#include "pickle/unpickle.h"

namespace clairscore {

class ShapFile {
 public:
  /// Errors: kNotFound; kInput, kUnsupported or kLimit naming what in the file is wrong.
  static Result<ShapFile> open(const std::filesystem::path& path,
                               const pickle::Limits& limits = {});
  /// Same, of bytes that `owner` keeps alive; `name` stands for the file in error messages.
  static Result<ShapFile> read(ByteSpan bytes, std::shared_ptr<const void> owner,
                               const std::string& name, const pickle::Limits& limits = {});

  std::size_t rows() const { return rows_; }
  std::size_t features() const { return features_; }
  /// One name per feature, where the file has them.
  const std::optional<std::vector<std::string>>& feature_names() const { return feature_names_; }

  /// The contributions of a row, in the order of the file; out.size() is features(). NaN and
  /// infinities come out as they are.
  void read_row(std::size_t row, std::span<double> out) const;
  std::vector<double> row(std::size_t row) const;
  /// Nothing when the file has no base values.
  bool has_base_values() const { return !base_values_.empty(); }
  std::optional<double> base_value(std::size_t row) const;

  /// Says that rows [begin, begin + count) will not be read again soon: their pages no longer count
  /// as resident. They may still be read at any time.
  void release(std::size_t begin, std::size_t count) const;
  void release() const { release(0, rows_); }

 private:
  ShapFile() = default;

  std::shared_ptr<const MappedFile> file_;  // null when read() was given the bytes
  std::shared_ptr<const pickle::Graph> graph_;
  pickle::Dtype dtype_;
  /// The element of row r and feature f is at values_[r * row_stride_ + f * feature_stride_].
  ByteSpan values_;
  std::size_t row_stride_ = 0;
  std::size_t feature_stride_ = 0;
  std::size_t rows_ = 0;
  std::size_t features_ = 0;
  std::vector<double> base_values_;  // none, one, or one per row
  std::optional<std::vector<std::string>> feature_names_;
};

}  // namespace clairscore
