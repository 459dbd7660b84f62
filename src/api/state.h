#pragma once

// What the routes share: the snapshot that is served, or the step that loading is at, and how
// keeping it fresh goes.
// Thread-safe.

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "hub/progress.h"
#include "service/asset_keeper.h"
#include "service/assets.h"

namespace clairscore::api {

/// A snapshot, and the answers and parts of answers that are made from it once. Immutable as seen
/// from outside; safe from any number of threads.
class Served {
 public:
  explicit Served(AssetsPtr assets);

  const Assets& assets() const { return *assets_; }
  /// ["EXT_SOURCE_1",…]: most of the text of an explanation.
  const std::string& feature_names_json() const { return feature_names_json_; }

  struct Text {
    std::string json;  // or what the answer is made of instead
    std::string gzip;  // of json; empty where json is too small to be worth it
    std::string etag;  // weak: it stands for both forms
  };
  /// The answer of /customers; made by the first who asks.
  std::shared_ptr<const Text> customers() const;

  /// The etag of the global importance picture in a language, which is the same each time.
  const std::string& picture_etag(Language language, const Bytes& png) const;

  /// Compressed answers that are costly to compress and asked for again and again. Forgets them
  /// all when they are too many. find: null when there is none of that name.
  std::shared_ptr<const std::string> find_compressed(std::string_view name) const;
  void keep_compressed(std::string_view name, const std::shared_ptr<const std::string>& text) const;

 private:
  AssetsPtr assets_;
  std::string feature_names_json_;
  mutable std::once_flag customers_once_;
  mutable std::shared_ptr<const Text> customers_;
  mutable std::array<std::once_flag, kLanguages> picture_once_;
  mutable std::array<std::string, kLanguages> picture_etag_;
  mutable std::mutex mutex_;  // guards what follows
  mutable std::map<std::string, std::shared_ptr<const std::string>, std::less<>> compressed_;
  mutable std::size_t compressed_bytes_ = 0;
};

using ServedPtr = std::shared_ptr<const Served>;

class State {
 public:
  /// The snapshot, or null while there is none. A request calls this once and answers from it.
  ServedPtr served() const;
  /// Replaces the snapshot; requests under way keep the one they took.
  void publish(AssetsPtr assets);

  std::string step() const;
  void set_step(std::string step);
  /// What is being downloaded, for those who wait.
  hub::FetchState download() const;
  void set_download(hub::FetchState download);
  /// The server is about to end: it is no longer ready, and answers what still comes.
  void set_stopping();
  bool stopping() const;
  AssetStatus status() const;
  void set_status(AssetStatus status);

 private:
  mutable std::mutex mutex_;  // guards what follows; held for a copy only
  ServedPtr served_;
  std::string step_ = "starting";
  hub::FetchState download_;
  AssetStatus status_;
  bool stopping_ = false;
};

}  // namespace clairscore::api
