#include "api/webhook.h"

#include <simdjson.h>

#include <algorithm>

namespace clairscore::api {

namespace {

constexpr std::string_view kBranch = "refs/heads/";

}  // namespace

bool WebhookEvent::changes_content() const {
  const bool content = scope == "repo.content" || scope.starts_with("repo.content.");
  return content && std::ranges::any_of(updated_refs, [](const std::string& ref) {
           return ref.starts_with(kBranch);
         });
}

bool WebhookEvent::concerns(const HubOrigin& origin) const {
  if (!repo.empty() && repo != origin.repo) return false;
  return changes_content() && std::ranges::any_of(updated_refs, [&](const std::string& ref) {
           return ref == std::string(kBranch) + origin.revision;
         });
}

Result<WebhookEvent> parse_webhook(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS) {
    return fail(ErrorCode::kInput, "the body is not JSON", "webhook", "what the Hub posts");
  }
  std::string_view scope;
  if (document["event"]["scope"].get(scope) != simdjson::SUCCESS) {
    return fail(ErrorCode::kInput, "the body has no event.scope", "webhook", "what the Hub posts");
  }
  WebhookEvent event;
  event.scope = scope;
  std::string_view repo;
  if (document["repo"]["name"].get(repo) == simdjson::SUCCESS) event.repo = repo;
  simdjson::dom::array refs;
  if (document["updatedRefs"].get(refs) == simdjson::SUCCESS) {
    for (const simdjson::dom::element entry : refs) {
      std::string_view ref;
      if (entry["ref"].get(ref) == simdjson::SUCCESS) event.updated_refs.emplace_back(ref);
    }
  }
  return event;
}

}  // namespace clairscore::api
