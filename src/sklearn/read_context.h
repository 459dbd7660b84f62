#pragma once

// What the readers of one model file share: where they are in it (the names of the steps, for
// messages), and how much they may still build. A pickle can name one object from many places, so
// that a small file asks for a huge model: every reader pays for what it copies. One file, one
// context, one thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "pickle/value.h"

namespace clairscore::sklearn {

struct ReadLimits {
  /// Of memory for what is built: a model of 100 trees takes under 1 MB, one of a million leaves
  /// 100.
  std::uint64_t max_model_bytes = std::uint64_t{1} << 30U;
};

class ReadContext {
 public:
  explicit ReadContext(const ReadLimits& limits = {}) : limits_(limits) {}

  /// An error about a value: `where` is its file and byte offset.
  static tl::unexpected<Error> refuse(const pickle::Value& at, ErrorCode code, std::string what,
                                      std::string accepted = {}) {
    return fail(code, std::move(what), at.where(), std::move(accepted));
  }

  /// Counts bytes of model about to be built for a value. kLimit when they are too many in all.
  Result<void> spend(std::uint64_t bytes, const pickle::Value& at);

  /// Runs read() as a part of the model named `name` ("preprocessor"). Its error, if any, gets the
  /// names of all open steps added to `where`. kLimit when steps are nested too deeply.
  template <typename Read>
  auto in_step(std::string_view name, const pickle::Value& at, Read read) -> decltype(read()) {
    RETURN_IF_ERROR(enter(name, at));
    auto result = read();
    if (!result) add_steps(result.error());
    steps_.pop_back();
    return result;
  }

  /// Whether the rows that reach the object that is read now are a sparse matrix in Python.
  bool sparse_rows() const { return sparse_rows_; }
  void set_sparse_rows(bool sparse) { sparse_rows_ = sparse; }

 private:
  Result<void> enter(std::string_view name, const pickle::Value& at);
  void add_steps(Error& error);

  ReadLimits limits_;
  std::vector<std::string> steps_;
  std::uint64_t spent_ = 0;
  std::size_t entered_ = 0;
  bool steps_added_ = false;
  bool sparse_rows_ = false;
};

}  // namespace clairscore::sklearn
