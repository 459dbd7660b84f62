#include "hub/status_fault.h"

#include "base/excerpt.h"
#include "hub/header_values.h"
#include "hub/url.h"

namespace clairscore::hub {

namespace {

constexpr std::string_view kDisabled = "Access to this resource is disabled.";
constexpr std::string_view kInvalidCredentials = "Invalid credentials in Authorization header";

/// The Hub's own number of the request, which its support asks for.
std::string with_request_id(std::string url, const HttpHead& head) {
  url = shown_url(url);
  const auto id = head.header("x-request-id");
  return id ? url + " (request " + quote_excerpt(*id) + ")" : url;
}

}  // namespace

bool is_transient(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

std::optional<std::chrono::seconds> asked_wait(const HttpHead& head,
                                               std::chrono::system_clock::time_point now) {
  if (head.status == 429) {
    if (const auto value = head.header("ratelimit")) {
      if (const auto reset = rate_limit_reset(*value)) return *reset + std::chrono::seconds(1);
    }
  }
  if (const auto value = head.header("retry-after")) return retry_after(*value, now);
  return std::nullopt;
}

HubError status_fault(const HttpHead& head, const std::string& subject, const std::string& url,
                      bool with_token) {
  const std::string where = with_request_id(url, head);
  const std::string_view code = head.header("x-error-code").value_or("");
  const std::string_view message = head.header("x-error-message").value_or("");
  const std::string status = "HTTP status " + std::to_string(head.status);
  const std::string token_hint =
      with_token ? "a token that may read it (HF_TOKEN)" : "HF_TOKEN, when it is private or gated";
  if (code == "RevisionNotFound") {
    return make_error(Fault::kRevisionNotFound, "no such revision: " + subject, where,
                      "a branch, tag or commit of the repository");
  }
  if (code == "EntryNotFound") {
    return make_error(Fault::kEntryNotFound, "no such file: " + subject, where,
                      "a file of the repository at that commit");
  }
  if (code == "GatedRepo") {
    return make_error(Fault::kGatedRepo, "access to the repository has to be granted: " + subject,
                      where, "the token of an account that has been granted access (HF_TOKEN)");
  }
  if (message == kDisabled) {
    return make_error(Fault::kDisabledRepo, "the repository has been disabled: " + subject, where,
                      "another repository, or the cached files");
  }
  if (message == kInvalidCredentials) {
    return make_error(Fault::kInvalidToken, "the Hub refuses the token: " + subject, where,
                      "a valid token in HF_TOKEN or the token file, or none");
  }
  if (code == "RepoNotFound" || head.status == 401) {
    return make_error(Fault::kRepoNotFound, "no such repository, or a private one: " + subject,
                      where, token_hint);
  }
  if (head.status == 403) {
    const std::string reason = message.empty() ? "" : " (" + quote_excerpt(message) + ")";
    return make_error(Fault::kForbidden, "access is forbidden" + reason + ": " + subject, where,
                      token_hint);
  }
  if (head.status == 429) {
    return make_error(Fault::kRateLimited, "too many requests: " + subject, where,
                      "a later time, or a token (HF_TOKEN), which has a larger quota");
  }
  if (head.status >= 500 || head.status == 408) {
    return make_error(Fault::kServerError, status + ": " + subject, where, "a later time");
  }
  return make_error(Fault::kBadAnswer, "an unexpected " + status + ": " + subject, where,
                    "the address of a Hub in HF_ENDPOINT");
}

}  // namespace clairscore::hub
