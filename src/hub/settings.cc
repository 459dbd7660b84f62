#include "hub/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "base/excerpt.h"
#include "hub/header_values.h"
#include "hub/url.h"

namespace clairscore::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxTokenFile = 4096;
constexpr std::uint64_t kMostTimeoutSeconds = 3600;

/// As the Python client: 1, ON, YES or TRUE in any case.
bool is_true(const std::optional<std::string>& value) {
  if (!value) return false;
  std::string upper = *value;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper == "1" || upper == "ON" || upper == "YES" || upper == "TRUE";
}

/// "~" and "~/…" and "$NAME", "${NAME}", as Python's expanduser and expandvars.
fs::path expanded(const std::string& text, const Environment& environment) {
  std::string out;
  std::size_t at = 0;
  if (text == "~" || text.starts_with("~/")) {
    out = environment("HOME").value_or("~");
    at = 1;
  }
  while (at < text.size()) {
    if (text[at] != '$') {
      out += text[at++];
      continue;
    }
    const bool braces = at + 1 < text.size() && text[at + 1] == '{';
    const std::size_t begin = at + (braces ? 2 : 1);
    std::size_t end = begin;
    const auto is_name = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    while (end < text.size() && is_name(text[end])) ++end;
    const bool closed = !braces || (end < text.size() && text[end] == '}');
    const auto value = end > begin && closed ? environment(text.substr(begin, end - begin))
                                             : std::optional<std::string>();
    const std::size_t after = braces && closed ? end + 1 : end;
    out += value ? *value : text.substr(at, after - at);
    at = after;
  }
  return out;
}

fs::path home_folder(const Environment& environment, const fs::path& data_folder) {
  if (const auto home = environment("HF_HOME")) return expanded(*home, environment);
  if (::access(data_folder.c_str(), W_OK | X_OK) == 0) return data_folder / ".huggingface";
  if (const auto cache = environment("XDG_CACHE_HOME")) {
    return expanded(*cache, environment) / "huggingface";
  }
  return fs::path(environment("HOME").value_or("/tmp")) / ".cache" / "huggingface";
}

std::string cleaned_token(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Result<std::string> read_token(const Environment& environment, const fs::path& home) {
  if (is_true(environment("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return std::string();
  std::string where = "HF_TOKEN";
  auto given = environment("HF_TOKEN");
  if (!given) {
    where = "HUGGING_FACE_HUB_TOKEN";
    given = environment("HUGGING_FACE_HUB_TOKEN");
  }
  if (!given) {
    const auto path = environment("HF_TOKEN_PATH");
    const fs::path file = path ? expanded(*path, environment) : home / "token";
    where = file.string();
    // No token file is the ordinary case; one that cannot be read is as none, for public
    // repositories.
    if (auto text = read_text_file(file, kMaxTokenFile)) given = std::move(*text);
  }
  std::string token = cleaned_token(given.value_or(""));
  const bool printable =
      std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!printable) {
    return fail(ErrorCode::kUsage, "the token holds characters that no token has", where,
                "a token as the Hub's settings page shows it");
  }
  return token;
}

Result<std::chrono::milliseconds> read_timeout(const Environment& environment, const char* name) {
  const auto text = environment(name);
  if (!text) return std::chrono::seconds(10);
  const auto seconds = whole_number(*text);
  if (!seconds || *seconds > kMostTimeoutSeconds) {
    return fail(ErrorCode::kUsage, quote_excerpt(*text) + " is not a number of seconds", name,
                "a whole number from 1 to " + std::to_string(kMostTimeoutSeconds));
  }
  if (*seconds == 0) return std::chrono::seconds(10);
  return std::chrono::seconds(static_cast<std::int64_t>(*seconds));
}

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = environment(name)) return *value;
  }
  return {};
}

}  // namespace

Result<HubSettings> read_hub_settings(const Environment& environment, const fs::path& data_folder) {
  HubSettings settings;
  settings.endpoint = environment("HF_ENDPOINT").value_or("https://huggingface.co");
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  if (!origin_of(settings.endpoint)) {
    return fail(ErrorCode::kUsage, "an endpoint that is not an address of the web", "HF_ENDPOINT",
                "https://huggingface.co, or the http or https address of a mirror");
  }
  settings.home = home_folder(environment, data_folder);
  settings.cache = settings.home / "hub";
  for (const char* name : {"HUGGINGFACE_HUB_CACHE", "HF_HUB_CACHE"}) {
    if (const auto cache = environment(name)) settings.cache = expanded(*cache, environment);
  }
  ASSIGN_OR_RETURN(settings.token, read_token(environment, settings.home));
  settings.offline =
      is_true(environment("HF_HUB_OFFLINE")) ||
      (!environment("HF_HUB_OFFLINE") && is_true(environment("TRANSFORMERS_OFFLINE")));
  settings.use_symlinks = !is_true(environment("HF_HUB_DISABLE_SYMLINKS"));
  settings.show_progress = !is_true(environment("HF_HUB_DISABLE_PROGRESS_BARS"));
  ASSIGN_OR_RETURN(settings.etag_timeout, read_timeout(environment, "HF_HUB_ETAG_TIMEOUT"));
  ASSIGN_OR_RETURN(settings.download_timeout, read_timeout(environment, "HF_HUB_DOWNLOAD_TIMEOUT"));
  settings.proxies.http = first_of(environment, {"http_proxy", "HTTP_PROXY"});
  settings.proxies.https = first_of(environment, {"https_proxy", "HTTPS_PROXY"});
  settings.proxies.all = first_of(environment, {"all_proxy", "ALL_PROXY"});
  settings.proxies.none = first_of(environment, {"no_proxy", "NO_PROXY"});
  settings.ca_file =
      first_of(environment, {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"});
  return settings;
}

}  // namespace clairscore::hub
