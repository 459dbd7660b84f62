#include "hub/url.h"

#include <curl/curl.h>

#include <memory>

namespace clairscore::hub {

namespace {

struct UrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, UrlCleanup>;

UrlHandle parsed(const std::string& url) {
  UrlHandle handle(curl_url());
  if (handle == nullptr || url.find('\0') != std::string::npos) return nullptr;
  if (curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return nullptr;
  return handle;
}

std::optional<std::string> part(const UrlHandle& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return std::nullopt;
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_web(const std::optional<std::string>& scheme) {
  return scheme == "http" || scheme == "https";
}

}  // namespace

std::optional<std::string> origin_of(const std::string& url) {
  const UrlHandle handle = parsed(url);
  if (handle == nullptr) return std::nullopt;
  const auto scheme = part(handle, CURLUPART_SCHEME);
  auto host = part(handle, CURLUPART_HOST);
  const auto port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!is_web(scheme) || !host || !port) return std::nullopt;
  for (char& c : *host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return *scheme + "://" + *host + ":" + *port;
}

std::optional<std::string> resolve_location(const std::string& base, const std::string& location) {
  if (location.empty() || location.find('\0') != std::string::npos) return std::nullopt;
  const UrlHandle handle = parsed(base);
  if (handle == nullptr) return std::nullopt;
  // Set on a handle that has a URL, a relative reference is resolved against it.
  if (curl_url_set(handle.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  if (!is_web(part(handle, CURLUPART_SCHEME))) return std::nullopt;
  return part(handle, CURLUPART_URL);
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '.' || c == '-' || c == '~' || (c == '/' && keep_slash);
    if (stays) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

std::string shown_url(const std::string& url) {
  const UrlHandle handle = parsed(url);
  if (handle == nullptr) return "(an address that cannot be read)";
  for (const CURLUPart secret :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    curl_url_set(handle.get(), secret, nullptr, 0);
  }
  return part(handle, CURLUPART_URL).value_or("(an address that cannot be read)");
}

}  // namespace clairscore::hub
