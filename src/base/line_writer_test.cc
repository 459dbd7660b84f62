#include "base/line_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace clairscore {
namespace {

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    close_writer();
  }
  int writer() const { return ends_[1]; }
  void close_reader() { close(ends_[0]); }
  void close_writer() { close(ends_[1]); }
  std::string read_to_end() {
    std::string text;
    std::array<char, 4096> block{};
    for (ssize_t n = 0; (n = ::read(ends_[0], block.data(), block.size())) > 0;) {
      text.append(block.data(), static_cast<std::size_t>(n));
    }
    return text;
  }

 private:
  static void close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

TEST(LineWriter, WritesWholeLinesInTheOrderOfEachThread) {
  Pipe pipe;
  std::string text;
  std::thread reader([&] { text = pipe.read_to_end(); });
  constexpr int kThreads = 4;
  constexpr int kLines = 3000;
  {
    LineWriter writer(pipe.writer());
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kLines; ++i) {
          EXPECT_TRUE(
              writer.write(std::to_string(t) + ":" + std::to_string(i) + "\n", i % 100 == 0));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  pipe.close_writer();
  reader.join();
  std::array<int, kThreads> next{};
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const std::size_t end = text.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    const auto thread = static_cast<std::size_t>(text[at] - '0');
    ASSERT_LT(thread, next.size());
    EXPECT_EQ(text.substr(at + 2, end - at - 2), std::to_string(next[thread]++));
    at = end + 1;
  }
  EXPECT_EQ(lines, std::size_t{kThreads} * kLines);
}

TEST(LineWriter, NobodyWaitsForAPipeThatIsNotRead) {
  const Pipe pipe;
  const std::string line(999, 'x');
  std::size_t taken = 0;
  std::size_t lost = 0;
  {
    LineWriter writer(pipe.writer(), 100'000);
    for (int i = 0; i < 1000; ++i) ++(writer.write(line + "\n", true) ? taken : lost);
  }  // and ends although the rest cannot be written
  EXPECT_GE(taken, 100U);
  EXPECT_GE(lost, 1U) << "a pipe holds 64 KiB";
}

TEST(LineWriter, AFullDiskLosesLinesAndNothingElse) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  {
    LineWriter writer(full);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(writer.write("lost\n", true));
  }
  ::close(full);
}

TEST(LineWriter, AReaderThatHasGoneIsNoEnd) {
  Pipe pipe;
  pipe.close_reader();
  {
    LineWriter writer(pipe.writer());
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(writer.write("lost\n", true));
  }  // the signal of a broken pipe would have ended the test
}

}  // namespace
}  // namespace clairscore
