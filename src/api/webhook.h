#pragma once

// What the Hub posts to a webhook (hub-docs, "Webhooks"): read as far as it concerns us.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clairscore::api {

struct WebhookEvent {
  std::string scope;                      // "repo.content", "repo.content.…", "discussion", …
  std::vector<std::string> updated_refs;  // "refs/heads/main"

  /// Whether the content of a branch changed.
  bool changes_content() const;
};

/// Errors kInput: not JSON, or without `event.scope`. Refs that are missing or odd are none.
Result<WebhookEvent> parse_webhook(std::string_view body);

}  // namespace clairscore::api
