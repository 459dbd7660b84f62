// The main function of every test binary: each process gets a folder of its own for temporary
// files, so that tests run beside each other, and it is gone when they are done.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "clairscore-test-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  // Some tests become another user to see what that one may do.
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread as yet
  ::setenv("TEST_TMPDIR", (folder + "/").c_str(), 1);
  const int result = RUN_ALL_TESTS();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return result;
}
