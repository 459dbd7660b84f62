// Caches that the Python client wrote (recorded by oracles/hub_interop.sh, 1.x and 2.x with its
// shared store), read without Python: offline, verified, and online without downloading.

#include <openssl/evp.h>
#include <simdjson.h>

#include "base/bytes.h"
#include "hub/hub_test_util.h"

namespace clairscore::hub {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

std::string from_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  EXPECT_GE(size, 0);
  out.resize(static_cast<std::size_t>(size));
  while (text.ends_with('=')) {
    text.remove_suffix(1);
    out.pop_back();
  }
  return out;
}

class PythonCache : public HubTest, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("hub_python_" + std::string(GetParam()));
    HubTest::SetUp();
    simdjson::dom::parser parser;
    const auto text = simdjson::padded_string::load(
        std::string(CLAIRSCORE_SOURCE_DIR) + "/tests/fixtures/hub/cache_" + GetParam() + ".json");
    ASSERT_EQ(text.error(), simdjson::SUCCESS);
    simdjson::dom::array entries;
    ASSERT_EQ(parser.parse(text.value_unsafe())["entries"].get(entries), simdjson::SUCCESS);
    for (const simdjson::dom::element entry : entries) {
      const fs::path path = settings_.cache / std::string(entry["path"].get_string().value());
      std::string_view value;
      fs::create_directories(path.parent_path());
      if (entry["link"].get(value) == simdjson::SUCCESS) {
        fs::create_symlink(std::string(value), path);
        links_ += path.parent_path().filename() == "blobs";
      } else if (entry["base64"].get(value) == simdjson::SUCCESS) {
        std::ofstream(path, std::ios::binary) << from_base64(value);
      } else {
        fs::create_directories(path);
      }
    }
  }

  int links_ = 0;  // of blobs, into the shared store
};

TEST_P(PythonCache, IsServedOffline) {
  EXPECT_EQ(links_, std::string(GetParam()) == "hub2" ? 3 : 0);
  settings_.offline = true;
  const auto model = fetch(model_request());
  ASSERT_TRUE(model) << to_string(model.error().error);
  EXPECT_EQ(content_of(model->folder / "MLmodel"), "flavors: {}\n");
  EXPECT_EQ(model->files.size(), 3U);
  for (const SnapshotFile& file : model->files) {
    const TestFile content{content_of(model->root / file.path), file.oid.size() == 64};
    EXPECT_EQ(oid_of(content), file.oid) << file.path;
  }
  const auto data = fetch(data_request());
  ASSERT_TRUE(data) << to_string(data.error().error);
  EXPECT_EQ(content_of(data->folder / "application_test.csv"), "SK_ID_CURR\n1\n");
  EXPECT_THAT(data->missing, ElementsAre("shap/shap_explanation.joblib"));
}

TEST_P(PythonCache, IsWhatItsNamesSay) {
  Hub hub(settings_, log_, waiter_);
  for (const Repo& repo : {model_, data_}) {
    const auto verdict = hub.verify(repo, {}).value();
    EXPECT_THAT(verdict.bad, IsEmpty());
    EXPECT_THAT(verdict.unnamed, IsEmpty());
    EXPECT_EQ(verdict.files, 3U);
  }
}

TEST_P(PythonCache, NeedsOneSmallRequestWhileNothingHasChanged) {
  const std::string commit = content_of(repo_folder() / "refs/main");
  server_.spoil(Side::kHub, "HEAD", kAlways, answer_status(200, {{"X-Repo-Commit", commit}}));
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot);
  EXPECT_FALSE(snapshot->hub_error);
  EXPECT_EQ(snapshot->commit, commit);
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_P(PythonCache, WithoutItsListTheSnapshotFolderTells) {
  // As older clients leave it.
  fs::remove_all(repo_folder() / "trees");
  settings_.offline = true;
  const auto snapshot = fetch(model_request());
  ASSERT_TRUE(snapshot) << to_string(snapshot.error().error);
  EXPECT_EQ(snapshot->files.size(), 3U);
  EXPECT_EQ(snapshot->files.back().oid.size(), 64U);
}

INSTANTIATE_TEST_SUITE_P(Clients, PythonCache, testing::Values("hub1", "hub2"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace clairscore::hub
