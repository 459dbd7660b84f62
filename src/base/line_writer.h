#pragma once

// Lines to a file descriptor that may be slow, stuck or full, written by a thread of their own so
// that whoever logs never waits for it. Thread-safe.

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace clairscore {

class LineWriter {
 public:
  /// `fd` outlives the writer. Of lines that are not yet written, at most `most_bytes` are kept.
  explicit LineWriter(int fd, std::size_t most_bytes = std::size_t{1} << 20U);
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  /// Writes what is left, for a second at most.
  ~LineWriter();

  /// Takes a line, its end included, and returns at once. Written within 20 ms, with others, or
  /// now if it is urgent. False: too much waits, and the line is lost.
  bool write(std::string_view line, bool urgent);

 private:
  void run();
  /// False: could not be written before the time was up. What an error keeps from being written is
  /// lost.
  bool put(std::string_view text);
  bool gave_up();

  const int fd_;
  const std::size_t most_bytes_;
  bool is_file_;  // a regular file always takes what it is given
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string waiting_;
  bool urgent_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses what is above
};

}  // namespace clairscore
