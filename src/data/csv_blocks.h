#pragma once

// Cuts CSV that is read as a stream into its header and blocks of complete records, of about the
// same size, so that files larger than memory can be read. One object, one thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/csv.h"
#include "data/input_stream.h"

namespace clairscore {

struct CsvBlockOptions {
  /// What a block has at most, unless its first record alone has more. No result depends on it.
  std::size_t bytes = std::size_t{1} << 20U;
  std::size_t lines = 8192;
  CsvLimits limits;  // those of fields, records and columns; a stream's length has none
};

class CsvBlocks {
 public:
  /// Reads the header. Errors: those of the stream, of parse_csv_header().
  static Result<CsvBlocks> open(InputStream input, CsvBlockOptions options);

  const std::vector<std::string>& header() const { return header_; }
  const InputStream& input() const { return input_; }
  /// Of the blocks to come.
  void limit_lines(std::size_t lines) { options_.lines = std::max<std::size_t>(lines, 1); }
  /// The next block; nothing at the end. Errors: those of the stream, after all records before.
  Result<std::optional<CsvBlock>> next();

 private:
  CsvBlocks(InputStream input, CsvBlockOptions options)
      : input_(std::move(input)), options_(options) {}
  /// Has at least that many bytes ready, or all that are left or can be read.
  void fill(std::size_t bytes);
  std::string_view ready() const { return std::string_view(buffer_).substr(begin_); }

  InputStream input_;
  CsvBlockOptions options_;
  std::vector<std::string> header_;
  std::string buffer_;  // read and not yet passed on, from begin_
  std::size_t begin_ = 0;
  bool ended_ = false;
  std::optional<Error> error_;  // of what follows the buffer
};

/// Where the last of the complete records ends that begin at the text's start, of the first `lines`
/// at most; 0 when the text holds none. What follows a text may make its last record longer, so one
/// that no line end closes does not count.
std::size_t end_of_records(std::string_view text, std::size_t lines);

}  // namespace clairscore
