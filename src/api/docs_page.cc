#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "api/route_table.h"
#include "base/version.h"

namespace clairscore::api {

namespace {

constexpr std::string_view kReference = R"({"$ref":"#/components/schemas/)";

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

/// JSON that we wrote ourselves, one member or element a line.
std::string indented(std::string_view json) {
  std::string text;
  std::size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] {
    text += '\n';
    text.append(depth * 2, ' ');
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      text += c;
      if (c == '\\' && i + 1 < json.size()) {
        text += json[++i];
      } else if (c == '"') {
        in_string = false;
      }
      continue;
    }
    const bool is_empty = i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
    switch (c) {
      case '{':
      case '[':
        text += c;
        if (is_empty) {
          text += json[++i];
        } else {
          ++depth;
          new_line();
        }
        break;
      case '}':
      case ']':
        --depth;
        new_line();
        text += c;
        break;
      case ',':
        text += c;
        new_line();
        break;
      case ':':
        text += ": ";
        break;
      default:
        in_string = c == '"';
        text += c;
    }
  }
  return text;
}

/// A link to a schema that is described below, or the schema itself.
std::string schema_html(std::string_view schema) {
  if (schema.empty()) return {};
  if (schema.starts_with(kReference)) {
    schema.remove_prefix(kReference.size());
    const std::string name = escaped(schema.substr(0, schema.find('"')));
    return fmt::format(R"(<a href="#schema-{0}">{0}</a>)", name);
  }
  if (schema.size() < 60) return fmt::format("<code>{}</code>", escaped(schema));
  return fmt::format("<details><summary>schema</summary><pre>{}</pre></details>",
                     escaped(indented(schema)));
}

void write_parameters(std::string& html, const std::vector<Parameter>& parameters) {
  if (parameters.empty()) return;
  html += "<table>\n<tr><th>Parameter</th><th>In</th><th>Meaning</th><th>Schema</th></tr>\n";
  for (const Parameter& parameter : parameters) {
    fmt::format_to(std::back_inserter(html),
                   "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                   escaped(parameter.name), parameter.in == Parameter::In::kPath ? "path" : "query",
                   escaped(parameter.description), schema_html(parameter.schema));
  }
  html += "</table>\n";
}

void write_answers(std::string& html, const std::vector<Answer>& answers) {
  html += "<table>\n<tr><th>Status</th><th>Meaning</th><th>Body</th></tr>\n";
  for (const Answer& answer : answers) {
    fmt::format_to(std::back_inserter(html),
                   "<tr><td class=\"{}\">{}</td><td>{}</td><td>{} {}</td></tr>\n",
                   answer.status < 400 ? "ok" : "fault", answer.status, escaped(answer.description),
                   escaped(answer.content_type), schema_html(answer.schema));
  }
  html += "</table>\n";
}

void write_route(std::string& html, const RouteSpec& route) {
  const std::string path = escaped(route.path);
  // A path without parameters can be opened as it is.
  const bool opens = route.method == "GET" && route.parameters.empty();
  fmt::format_to(std::back_inserter(html),
                 "<article id=\"{}\">\n<header><span class=\"method\">{}</span> "
                 "<span class=\"path\">{}</span> <h3>{}</h3></header>\n",
                 escaped(route.operation_id), escaped(route.method),
                 opens ? fmt::format(R"(<a href="{0}">{0}</a>)", path) : path,
                 escaped(route.summary));
  if (!route.description.empty()) html += "<p>" + escaped(route.description) + "</p>\n";
  write_parameters(html, route.parameters);
  write_answers(html, route.answers);
  html += "</article>\n";
}

void write_contents(std::string& html, const RouteTable& table) {
  html += "<nav aria-label=\"Routes\"><ul>\n";
  for (const RouteSpec& route : table) {
    fmt::format_to(std::back_inserter(html), "<li><a href=\"#{}\">{} <code>{}</code></a></li>\n",
                   escaped(route.operation_id), escaped(route.method), escaped(route.path));
  }
  html += "</ul></nav>\n";
}

}  // namespace

std::string docs_html(const RouteTable& table) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Clairscore: HTTP interface</title>\n"
      "<link rel=\"stylesheet\" href=\"/docs/style.css\">\n</head>\n<body>\n<main>\n";
  fmt::format_to(std::back_inserter(html),
                 "<h1>Clairscore</h1>\n<p class=\"lead\">HTTP interface, version {}. Errors are "
                 "<code>{{\"detail\": …}}</code>; <code>HEAD</code> is answered wherever "
                 "<code>GET</code> is. For programs: <a href=\"/openapi.json\">openapi.json</a>."
                 "</p>\n",
                 escaped(version()));
  write_contents(html, table);
  std::vector<std::string_view> tags;
  for (const RouteSpec& route : table) {
    if (std::find(tags.begin(), tags.end(), route.tag) == tags.end()) tags.push_back(route.tag);
  }
  for (const std::string_view tag : tags) {
    html += "<h2>" + escaped(tag) + "</h2>\n";
    for (const RouteSpec& route : table) {
      if (route.tag == tag) write_route(html, route);
    }
  }
  html += "<h2>Errors</h2>\n";
  for (const auto& [name, schema] : component_schemas()) {
    fmt::format_to(std::back_inserter(html),
                   "<article id=\"schema-{0}\">\n<header><span class=\"path\">{0}</span></header>\n"
                   "<pre>{1}</pre>\n</article>\n",
                   escaped(name), escaped(indented(schema)));
  }
  html += "</main>\n</body>\n</html>\n";
  return html;
}

}  // namespace clairscore::api
