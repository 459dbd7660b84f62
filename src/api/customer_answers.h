#pragma once

// What answers about one applicant have in common.

#include <functional>
#include <string>

#include "api/route_table.h"
#include "base/json_writer.h"
#include "frame/column.h"
#include "http/message.h"
#include "service/assets.h"

namespace clairscore::api {

/// Personal data: a browser may keep it but must ask again, and no cache in between may keep it.
inline constexpr std::string_view kPersonal = "private, no-cache";
/// So, and with a tag: whoever asks again is told when nothing has changed.
http::Response personal(std::string json);

/// Calls answer(row) for the applicant that the path's customer_id names; else 404 or 422.
http::Response for_customer(const http::Request& request, const Assets& assets,
                            const std::function<http::Response(std::size_t row)>& answer);

/// A prepared value: number, text, or null when it is missing.
void write_value(JsonWriter& json, const Column& column, std::size_t row);

/// An identifier: an integer or text.
void write_identifier(JsonWriter& json, const Assets& assets, std::size_t row);

/// A route with {customer_id}: its parameter and the answers that all of them give, with `schema`
/// that of a 200.
RouteSpec customer_route(std::string path, std::string operation_id, std::string summary,
                         std::string description, std::string schema, http::Cost cost,
                         http::Handler handler);

}  // namespace clairscore::api
