#pragma once

// Where a command writes: a file that appears whole or not at all, or standard output.
// One object, one thread.

#include <string>
#include <string_view>

#include "base/error.h"

namespace clairscore {

class OutputFile {
 public:
  /// `path`: "-" for standard output. A regular file (or a new one) is written beside its final
  /// name and renamed by commit(); anything else that exists (a pipe, a device) is written to
  /// directly. Errors kInternal with the path and the system's reason.
  static Result<OutputFile> open(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) = delete;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  /// Without commit(), what was written to a file is gone, and what is buffered for standard
  /// output.
  ~OutputFile();

  /// Buffered.
  Result<void> write(std::string_view text);
  /// Writes what is buffered and puts the file in place.
  Result<void> commit();
  /// Ends without commit(): a file is gone; on standard output, a pipe or a device stands all that
  /// was written.
  Result<void> abandon();

 private:
  OutputFile() = default;
  Result<void> flush();

  int fd_ = -1;
  bool owns_fd_ = false;
  std::string path_;
  std::string temporary_;  // empty when written directly
  std::string buffer_;
};

}  // namespace clairscore
