#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/output.h"
#include "base/parallel.h"
#include "cli/commands.h"
#include "cli/serve.h"
#include "synth/demo_assets.h"
#include "synth/synth.h"

namespace clairscore {

namespace {

namespace fs = std::filesystem;

/// A folder that only this user may read, gone with this object.
class PrivateFolder {
 public:
  static Result<PrivateFolder> create() {
    std::error_code ignored;
    fs::path parent = fs::temp_directory_path(ignored);
    if (parent.empty()) parent = "/tmp";
    std::string path = (parent / "clairscore-demo-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) {
      return fail(ErrorCode::kInternal,
                  "cannot make a folder: " + std::generic_category().message(errno),
                  parent.string(), "a folder that can be written, named by TMPDIR");
    }
    return PrivateFolder(path);
  }
  PrivateFolder(PrivateFolder&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit PrivateFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

Result<void> write_applicants(const fs::path& csv, std::size_t rows) {
  ASSIGN_OR_RETURN(OutputFile output, OutputFile::open(csv.string()));
  SynthOptions options;
  options.rows = rows;
  options.seed = kDemoSeed;
  options.threads = available_threads();
  RETURN_IF_ERROR(synthesize(options, [&](std::string_view piece) { return output.write(piece); }));
  return output.commit();
}

/// The model and `rows` applicants, as files like any other's.
Result<AssetSources> write_demonstration(const fs::path& folder, std::size_t rows) {
  const fs::path model = folder / "gradient_boosting";
  const fs::path data = folder / "data";
  fs::create_directories(model);
  fs::create_directories(data);
  for (const EmbeddedFile& file : demo_model_files()) {
    RETURN_IF_ERROR(write_file_atomically(model / file.name, file.bytes));
  }
  RETURN_IF_ERROR(write_applicants(data / "application_test.csv", rows));
  return AssetSources{model, data / "application_test.csv", {}};
}

}  // namespace

Result<void> run_demo(const DemoCommand& command) {
  ASSIGN_OR_RETURN(const Settings settings,
                   Settings::resolve(serve_settings(), command.given, process_environment(), {}));
  return serve_demonstration(settings, command.rows);
}

Result<void> serve_demonstration(const Settings& settings, std::size_t rows) {
  ASSIGN_OR_RETURN(const PrivateFolder folder, PrivateFolder::create());
  return serve_until_signal(
      settings, [&](const SupplyContext& /*context*/) -> Result<std::unique_ptr<AssetSupply>> {
        return std::make_unique<LocalSupply>(
            [&] { return write_demonstration(folder.path(), rows); });
      });
}

}  // namespace clairscore
