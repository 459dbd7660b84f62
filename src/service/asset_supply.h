#pragma once

// Where the files that are served come from: paths that the operator named, or repositories of the
// Hub (hub_supply.h). Used by one thread at a time, the keeper's.

#include <functional>
#include <stop_token>
#include <string>
#include <utility>

#include "base/error.h"
#include "service/asset_loader.h"

namespace clairscore {

class AssetSupply {
 public:
  AssetSupply() = default;
  AssetSupply(const AssetSupply&) = delete;
  AssetSupply& operator=(const AssetSupply&) = delete;
  virtual ~AssetSupply() = default;

  /// Brings what should be served now to this machine and says where it is.
  virtual Result<AssetSources> fetch(std::stop_token stop) = 0;
  /// Whether fetch() would now give other files than `served`. Cheap enough to ask every minute.
  virtual Result<bool> moved(const AssetSources& served, std::stop_token stop) = 0;
  /// What was served well before `refused`, and still is on this machine. Errors kNotFound.
  virtual Result<AssetSources> last_good(const AssetSources& refused) = 0;
  /// These files are served now.
  virtual void note_served(const AssetSources& sources) = 0;
  /// These files were refused, and why.
  virtual void note_refused(const AssetSources& sources, const std::string& reason) = 0;
  /// Whether other files may come by themselves: if so, a failure is worth waiting for.
  virtual bool follows() const = 0;

  /// Makes fetch() give the state of a repository ("model" or "data") that was served well before,
  /// until told otherwise; or (`undo`) the newest again. Gives that commit, or the revision that is
  /// followed again. From any thread. Errors kNotFound: nothing to go back to.
  virtual Result<std::string> roll_back(const std::string& repository, bool undo) = 0;
};

/// Files of this machine: they do not change by themselves.
class LocalSupply final : public AssetSupply {
 public:
  explicit LocalSupply(std::function<Result<AssetSources>()> find) : find_(std::move(find)) {}

  Result<AssetSources> fetch(std::stop_token /*stop*/) override { return find_(); }
  Result<bool> moved(const AssetSources& /*served*/, std::stop_token /*stop*/) override {
    return false;
  }
  Result<AssetSources> last_good(const AssetSources& /*refused*/) override {
    return fail(ErrorCode::kNotFound, "no older state of files that are not from the Hub");
  }
  void note_served(const AssetSources& /*sources*/) override {}
  void note_refused(const AssetSources& /*sources*/, const std::string& /*reason*/) override {}
  bool follows() const override { return false; }
  Result<std::string> roll_back(const std::string& repository, bool /*undo*/) override {
    return fail(ErrorCode::kNotFound, "the " + repository + " is not served from the Hub");
  }

 private:
  std::function<Result<AssetSources>()> find_;
};

}  // namespace clairscore
