#include "data/input_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <thread>

#include "data/csv_outcome.h"
#include "data/gzip_text.h"

namespace clairscore {
namespace {

using testing::HasSubstr;

/// Everything a stream gives, read `room` bytes a time; its error at the end, if there is one.
std::string drained(Result<InputStream> stream, std::size_t room = 7) {
  if (!stream) return to_string(stream.error());
  std::string all;
  std::string part(room, '\0');
  while (true) {
    const auto got = stream->read(part);
    if (!got) return all + "|" + to_string(got.error());
    all.append(part, 0, *got);
    if (*got == 0) return all;
  }
}

RC_GTEST_PROP(InputStreamProperty, GivesWhatGoesInPlainOrPacked, (const std::string& text)) {
  const std::string first = text.substr(0, text.size() / 2);
  const std::string second = text.substr(text.size() / 2);
  const std::string packed = gzipped(first) + gzipped("") + gzipped(second);
  const std::size_t at_once = *rc::gen::inRange<std::size_t>(1, 40);
  const std::size_t room = *rc::gen::inRange<std::size_t>(1, 40);
  RC_ASSERT(drained(stream_of(packed, at_once), room) == text);
  RC_PRE(!is_gzip(as_bytes(text)));
  RC_ASSERT(drained(stream_of(text, at_once), room) == text);
}

TEST(InputStreamTest, SaysWhereGzipIsCutShortOrDamaged) {
  const std::string packed = gzipped("a,b\n1,2\n");
  const std::string cut = packed.substr(0, packed.size() - 3);
  EXPECT_EQ(drained(stream_of(cut, 5)), "a,b\n1,2\n|gzip data cut short, file.csv, byte " +
                                            std::to_string(cut.size()) +
                                            ", a complete gzip file, or plain CSV");
  EXPECT_THAT(drained(stream_of(packed + "more", 5)), HasSubstr("|damaged gzip data, file.csv"));
  std::string wrong = packed;
  wrong[packed.size() - 6] = static_cast<char>(wrong[packed.size() - 6] ^ 1);
  EXPECT_THAT(drained(stream_of(wrong, 100)), HasSubstr("|damaged gzip data, file.csv"));
}

TEST(InputStreamTest, OpensFilesAndTellsTheirSize) {
  const auto path = std::filesystem::path(testing::TempDir()) / "input_stream.csv";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("a\n1\n")));
  auto stream = InputStream::open(path);
  ASSERT_TRUE(stream) << to_string(stream.error());
  EXPECT_EQ(stream->size(), 4U);
  EXPECT_EQ(stream->name(), path.string());
  EXPECT_EQ(drained(std::move(stream)), "a\n1\n");
  std::filesystem::remove(path);
  const auto gone = InputStream::open(path);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  const auto folder = InputStream::open(testing::TempDir());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().what, "a folder where a file was expected");
}

TEST(InputStreamTest, AReadThatWaitsCanBeInterrupted) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "a\n1\n", 4), 4);
  auto stream = InputStream::open("/dev/fd/" + std::to_string(ends[0]));
  ASSERT_TRUE(stream) << to_string(stream.error());
  EXPECT_EQ(stream->size(), std::nullopt);
  std::string room(100, '\0');
  Result<std::size_t> first = 0;
  Result<std::size_t> got = 0;
  std::jthread reader([&] {  // the pipe's other end stays open
    first = stream->read(room);
    got = stream->read(room);
  });
  stream->interrupter()();
  reader.join();
  ASSERT_FALSE(got);
  EXPECT_TRUE(!first || *first == 4);  // before the interruption or not
  EXPECT_EQ(got.error().what, "reading was interrupted");
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace clairscore
