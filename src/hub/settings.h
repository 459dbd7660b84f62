#pragma once

// What the environment says of the Hub: the variables of the Python client, with its rules. The one
// difference: without HF_HOME, /data/.huggingface is used where /data is writable, as the original
// system does. Values; reading them touches the environment, the token file and /data once.

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"

namespace clairscore::hub {

/// A variable's value; nothing when it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Proxies by the scheme of the URL that is asked for. They may hold credentials: never log them.
struct Proxies {
  std::string http;   // http_proxy, HTTP_PROXY
  std::string https;  // https_proxy, HTTPS_PROXY
  std::string all;    // all_proxy, ALL_PROXY
  std::string none;   // no_proxy, NO_PROXY: hosts that are asked directly
};

struct HubSettings {
  std::string endpoint;         // HF_ENDPOINT without trailing '/', else https://huggingface.co
  std::filesystem::path home;   // HF_HOME
  std::filesystem::path cache;  // HF_HUB_CACHE, else home/hub
  std::string token;            // secret; empty: none
  bool offline = false;         // HF_HUB_OFFLINE
  bool use_symlinks = true;     // HF_HUB_DISABLE_SYMLINKS
  bool show_progress = true;    // HF_HUB_DISABLE_PROGRESS_BARS
  std::chrono::milliseconds etag_timeout{10'000};      // HF_HUB_ETAG_TIMEOUT, seconds
  std::chrono::milliseconds download_timeout{10'000};  // HF_HUB_DOWNLOAD_TIMEOUT, seconds
  Proxies proxies;
  std::string ca_file;  // SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE; empty: the system's
};

/// Reads the variables. `data_folder` stands for /data. Errors kUsage: an HF_ENDPOINT that is not
/// an http or https URL, a timeout that is not a number of seconds, a token that cannot be a header
/// (its value is not in the message).
Result<HubSettings> read_hub_settings(const Environment& environment,
                                      const std::filesystem::path& data_folder = "/data");

}  // namespace clairscore::hub
