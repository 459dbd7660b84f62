#include "synth/demo_assets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace clairscore {
namespace {

TEST(DemoAssets, AreTheCommittedFiles) {
  const auto folder = std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "demo/gradient_boosting";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    ++files;
    const Result<std::string> committed = read_text_file(entry.path(), 1 << 20);
    ASSERT_TRUE(committed) << to_string(committed.error());
    bool embedded = false;
    for (const EmbeddedFile& file : demo_model_files()) {
      if (file.name != entry.path().filename().string()) continue;
      embedded = true;
      EXPECT_TRUE(as_text(file.bytes) == *committed) << file.name;
    }
    EXPECT_TRUE(embedded) << entry.path();
  }
  EXPECT_EQ(files, demo_model_files().size());
}

TEST(DemoAssets, AreSmallAndNameNoFolder) {
  for (const EmbeddedFile& file : demo_model_files()) {
    EXPECT_GT(file.bytes.size(), 0U) << file.name;
    EXPECT_LT(file.bytes.size(), 500'000U) << file.name;
    for (const char* folder : {"/home/", "/root/", "/tmp/", "/usr/", "file:"}) {
      EXPECT_EQ(as_text(file.bytes).find(folder), std::string_view::npos) << file.name;
    }
  }
}

}  // namespace
}  // namespace clairscore
