#pragma once

// What the Hub posts to a webhook (hub-docs, "Webhooks"): read as far as it concerns us.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "service/asset_loader.h"

namespace clairscore::api {

struct WebhookEvent {
  std::string scope;                      // "repo.content", "repo.content.…", "discussion", …
  std::string repo;                       // "org/name"; empty where the Hub did not say
  std::vector<std::string> updated_refs;  // "refs/heads/main"

  /// Whether the content of a branch changed.
  bool changes_content() const;
  /// Whether the content of what `origin` follows changed.
  bool concerns(const HubOrigin& origin) const;
};

/// Errors kInput: not JSON, or without `event.scope`. Refs that are missing or odd are none.
Result<WebhookEvent> parse_webhook(std::string_view body);

}  // namespace clairscore::api
