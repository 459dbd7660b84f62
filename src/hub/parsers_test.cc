// What reads bytes of the Hub and of the environment: headers, addresses, lists, names, patterns.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/clock.h"
#include "base/sha256.h"
#include "hub/content_hash.h"
#include "hub/fnmatch.h"
#include "hub/header_values.h"
#include "hub/record.h"
#include "hub/repo.h"
#include "hub/settings.h"
#include "hub/tree.h"
#include "hub/url.h"

namespace clairscore::hub {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

const std::string kSha1(40, 'a');
const std::string kSha256(64, 'b');

TEST(HeaderValues, EtagsAreNamesOfContentOrNothing) {
  EXPECT_EQ(content_etag("\"" + kSha1 + "\""), kSha1);
  EXPECT_EQ(content_etag(" W/\"" + kSha256 + "\" "), kSha256);
  EXPECT_EQ(content_etag(kSha1), kSha1);
  for (const std::string& bad :
       {std::string(), std::string("\"\""), kSha1 + "a", std::string(40, 'A'), std::string(40, 'g'),
        "../" + std::string(37, 'a'), std::string("W/")}) {
    EXPECT_EQ(content_etag(bad), std::nullopt) << bad;
  }
}

TEST(HeaderValues, TheNextPageIsFoundAmongLinks) {
  EXPECT_EQ(next_link("<https://h/a?b=1,2&c=;>; rel=\"next\""), "https://h/a?b=1,2&c=;");
  EXPECT_EQ(next_link("<p>; rel=\"last\", <q>; title=\"a, b\"; rel=\"next\""), "q");
  EXPECT_EQ(next_link("</x>;rel=next"), "/x");
  for (const char* none : {"", "<p>", "p; rel=\"next\"", "<>; rel=\"next\"", "<p>; rel=\"nextish\"",
                           "<p; rel=\"next\"", "\"<p>; rel=\"next\""}) {
    EXPECT_EQ(next_link(none), std::nullopt) << none;
  }
}

TEST(HeaderValues, RateLimitTellsWhenNothingRemains) {
  EXPECT_EQ(rate_limit_reset("\"resolvers\";r=0;t=55"), seconds(55));
  EXPECT_EQ(rate_limit_reset("\"api\"; r = 0 ; t = 7"), seconds(7));
  EXPECT_EQ(rate_limit_reset("\"pages\";r=5;t=9, \"api\";r=0;t=3"), seconds(3));
  EXPECT_EQ(rate_limit_reset("\"api\";r=0;t=18446744073709551615"), seconds(86'400));
  for (const char* none : {"", "\"api\";r=1;t=55", "\"api\";r=0", "r=0;t=-1", "\"r=0;t=5\""}) {
    EXPECT_EQ(rate_limit_reset(none), std::nullopt) << none;
  }
}

TEST(HeaderValues, RetryAfterIsSecondsOrADate) {
  const auto now = std::chrono::system_clock::time_point(seconds(784'111'777));
  EXPECT_EQ(retry_after("120", now), seconds(120));
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:50:00 GMT", now), seconds(23));
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), seconds(0));
  EXPECT_EQ(retry_after("Sun, 06 Nov 2094 08:00:00 GMT", now), seconds(86'400));
  // Beyond what the clock can hold: found by the fuzz target.
  EXPECT_EQ(retry_after("Sat, 01 Aug 5515 12:00:42 GMT", now), seconds(86'400));
  for (const char* none : {"", "-1", "1.5", "soon", "12 seconds", "Sun, 06 Nov"}) {
    EXPECT_EQ(retry_after(none, now), std::nullopt) << none;
  }
}

TEST(HeaderValues, ContentRange) {
  const auto range = content_range("bytes 5-9/10");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 5U);
  EXPECT_EQ(range->last, 9U);
  EXPECT_EQ(range->total, 10U);
  EXPECT_EQ(content_range("bytes 0-0/*")->total, std::nullopt);
  for (const char* none : {"", "bytes", "bytes 9-5/10", "bytes 5-10/10", "bytes */10", "5-9/10",
                           "bytes 5-9/", "bytes 5/9-10", "bytes -5-9/10", "bytes 5-9/x"}) {
    EXPECT_FALSE(content_range(none)) << none;
  }
}

TEST(Url, OriginsAreSchemeHostAndPort) {
  EXPECT_EQ(origin_of("https://HuggingFace.co/a?b"), "https://huggingface.co:443");
  EXPECT_EQ(origin_of("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  EXPECT_EQ(origin_of("https://huggingface.co@evil.example/"), "https://evil.example:443");
  EXPECT_NE(origin_of("https://huggingface.co.evil.example"), origin_of("https://huggingface.co"));
  EXPECT_NE(origin_of("http://huggingface.co"), origin_of("https://huggingface.co"));
  for (const char* none : {"", "ftp://a", "file:///etc/passwd", "//host/a", "/a", "http://"}) {
    EXPECT_EQ(origin_of(none), std::nullopt) << none;
  }
}

TEST(Url, LocationsAreResolvedAgainstWhatWasAskedFor) {
  const std::string base = "https://h.example/a/b/resolve/main/f?x=1";
  EXPECT_EQ(resolve_location(base, "/api/resolve-cache/x"),
            "https://h.example/api/resolve-cache/x");
  EXPECT_EQ(resolve_location(base, "//other.example/y"), "https://other.example/y");
  EXPECT_EQ(resolve_location(base, "http://other.example/y"), "http://other.example/y");
  EXPECT_EQ(resolve_location(base, "g"), "https://h.example/a/b/resolve/main/g");
  EXPECT_EQ(resolve_location(base, "file:///etc/passwd"), std::nullopt);
  EXPECT_EQ(resolve_location(base, ""), std::nullopt);
}

TEST(Url, EncodesAsPythonDoes) {
  EXPECT_EQ(percent_encode("refs/pr/1", false), "refs%2Fpr%2F1");
  EXPECT_EQ(percent_encode("a b/é?#%.txt", true), "a%20b/%C3%A9%3F%23%25.txt");
}

TEST(Url, WhatIsShownHoldsNoSecret) {
  EXPECT_EQ(shown_url("https://user:pass@h.example/f?Signature=s#x"), "https://h.example/f");
  EXPECT_EQ(shown_url("nonsense\x01"), "(an address that cannot be read)");
}

TEST(Repos, NamesFollowTheHubsRules) {
  const Repo model = parse_repo(RepoType::kModel, "demo/credit-risk_1.0").value();
  EXPECT_EQ(model.folder_name(), "models--demo--credit-risk_1.0");
  EXPECT_EQ(model.api_path(), "/api/models/demo/credit-risk_1.0");
  EXPECT_EQ(model.web_path(), "/demo/credit-risk_1.0");
  EXPECT_EQ(parse_repo(RepoType::kDataset, "gpt2")->web_path(), "/datasets/gpt2");
  for (const std::string& bad :
       {std::string(), std::string("a/b/c"), std::string("/a"), std::string("a/"),
        std::string("a--b"), std::string("a..b"), std::string("a/b.git"), std::string("-a"),
        std::string("a."), std::string("a b"), std::string("a/../b"), std::string(97, 'a'),
        std::string("é")}) {
    EXPECT_FALSE(parse_repo(RepoType::kModel, bad)) << bad;
  }
  EXPECT_TRUE(names_a_repo("surely/not-a-path-here"));
  EXPECT_FALSE(names_a_repo("/tmp"));
  for (const char* path : {"applicants/of/today.csv", "data/today.csv", "models/a.pkl", "gpt2"}) {
    EXPECT_FALSE(names_a_repo(path)) << path;
  }
}

TEST(Repos, PathsStayWithin) {
  for (const char* good : {"a", "a/b.c", ".gitattributes", "a/..b/c", "a b", "é"}) {
    EXPECT_TRUE(is_safe_path(good)) << good;
  }
  for (const char* bad : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "c:/a",
                          "C:a", "a\\b", "a\nb", "\x7f", "\\\\host\\share"}) {
    EXPECT_FALSE(is_safe_path(bad)) << bad;
  }
  EXPECT_FALSE(is_safe_path(std::string(256, 'a')));
  EXPECT_TRUE(is_safe_revision("refs/pr/1"));
  EXPECT_FALSE(is_safe_revision("../main"));
}

RC_GTEST_PROP(Repos, ASafePathJoinedStaysBelow, (const std::string& text)) {
  if (!is_safe_path(text)) return;
  const auto joined = (std::filesystem::path("/cache") / text).lexically_normal();
  RC_ASSERT(joined.string().starts_with("/cache/"));
}

TEST(ContentHashes, AreSha256AndGitsSha1) {
  ContentHash git(kSha1, 6);
  git.update(as_bytes("hel"));
  git.update(as_bytes("lo\n"));
  EXPECT_EQ(git.finish(), "ce013625030ba8dba906f756967f9e9ca394464a");  // git hash-object
  ContentHash sha(kSha256, 6);
  sha.update(as_bytes("hello\n"));
  EXPECT_EQ(sha.finish(), sha256_hex(as_bytes("hello\n")));
}

TEST(Fnmatch, IsPythons) {
  EXPECT_TRUE(matches_pattern("a/b/c.json", "a/*"));
  EXPECT_TRUE(matches_pattern("plots/a/b_hist_data.json", "plots/*_hist_data.json"));
  EXPECT_FALSE(matches_pattern("A", "a"));
  EXPECT_TRUE(matches_pattern("b7", "[a-c][!x]"));
  EXPECT_FALSE(matches_pattern("d7", "[a-c]?"));
  EXPECT_TRUE(matches_pattern("[x", "[x"));
  EXPECT_TRUE(matches_pattern("]", "[]]"));
  EXPECT_TRUE(matches_pattern("", "**"));
  EXPECT_FALSE(matches_pattern("ab", "a"));
  // No backtracking without bound.
  EXPECT_FALSE(matches_pattern(std::string(5000, 'a'), "*a*a*a*a*a*a*a*a*a*a*a*a*b"));
}

RC_GTEST_PROP(Fnmatch, APathMatchesItselfAndItsPrefixes, (const std::string& text)) {
  std::string plain;
  for (const char c : text) {
    if (c != '*' && c != '?' && c != '[') plain += c;
  }
  RC_ASSERT(matches_pattern(plain, plain));
  RC_ASSERT(matches_pattern(plain, plain.substr(0, plain.size() / 2) + "*"));
}

std::string item(const std::string& path, const std::string& more = {}) {
  return R"({"type":"file","path":")" + path + R"(","size":5,"oid":")" + kSha1 + "\"" + more + "}";
}

TEST(Trees, PagesAddUpAndTheCacheReadsWhatItWrote) {
  Tree tree;
  ASSERT_TRUE(append_tree_page("[" + item("b") + R"(,{"type":"directory","path":"d"}])", tree));
  ASSERT_TRUE(append_tree_page(
      "[" +
          item("a/x", R"(,"lfs":{"oid":")" + kSha256 +
                          R"(","size":900,"pointerSize":3},"xetHash":")" + kSha256 + "\"") +
          "]",
      tree));
  ASSERT_TRUE(finish_tree(tree));
  ASSERT_EQ(tree.size(), 2U);
  EXPECT_EQ(tree[0].path, "a/x");
  EXPECT_EQ(tree[0].oid(), kSha256);
  EXPECT_EQ(tree[0].content_size(), 900U);
  EXPECT_EQ(find_file(tree, "b")->oid(), kSha1);
  EXPECT_EQ(find_file(tree, "c"), nullptr);
  const Tree again = parse_tree_cache(tree_cache_json(tree)).value();
  EXPECT_EQ(tree_cache_json(again), tree_cache_json(tree));
  EXPECT_EQ(again[0].xet_hash, kSha256);
}

TEST(Trees, WhatIsNoListIsRefusedWithAReason) {
  const std::map<std::string, std::string> bad = {
      {"", "not JSON"},
      {"{}", "not a list"},
      {"[1]", "no object"},
      {R"([{"type":"file","size":1}])", "without path"},
      {R"([{"type":"file","path":"a","size":1}])", "without size and oid"},
      {R"([{"type":"file","path":"a","size":-1,"oid":")" + kSha1 + "\"}]", "without size and oid"},
      {R"([{"type":"file","path":"a","size":1,"oid":"../../x"}])", "without size and oid"},
      {R"([{"type":"link","path":"a"}])", "neither file nor directory"},
      {"[" + item("../x") + "]", "leave the cache"},
      {"[" + item("a", R"(,"lfs":{"oid":"x","size":1})") + "]", "without sha256"}};
  for (const auto& [json, reason] : bad) {
    Tree tree;
    const auto read = append_tree_page(json, tree);
    ASSERT_FALSE(read) << json;
    EXPECT_THAT(to_string(read.error()), HasSubstr(reason)) << json;
  }
  Tree twice;
  ASSERT_TRUE(append_tree_page("[" + item("a") + "," + item("a") + "]", twice));
  EXPECT_FALSE(finish_tree(twice));
  EXPECT_EQ(parse_revision(R"({"sha":")" + kSha1 + "\"}").value(), kSha1);
  EXPECT_FALSE(parse_revision(R"({"sha":"main"})"));
  EXPECT_FALSE(parse_revision("[]"));
}

TEST(CommitDates, AreOfTheCommitAskedFor) {
  const auto answer = [](const std::string& id, const std::string& date) {
    return R"([{"id":")" + id + R"(","title":"t","authors":[{"user":"u"}],"date":)" + date + "}]";
  };
  const auto date = parse_commit_date(answer(kSha1, R"("2026-07-01T09:00:00.000Z")"), kSha1);
  ASSERT_TRUE(date) << to_string(date.error());
  EXPECT_EQ(iso8601_utc(*date), "2026-07-01T09:00:00.000000+00:00");
  const std::string other(40, 'f');
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"", "not JSON"},
      {"[]", "another commit"},
      {R"({"id":7})", "another commit"},
      {answer(other, R"("2026-07-01T09:00:00.000Z")"), "another commit"},
      {answer(kSha1, "1782896400"), "no date"},
      {answer(kSha1, R"("yesterday")"), "no date"},
      {R"([{"id":")" + kSha1 + "\"}]", "no date"}};
  for (const auto& [json, reason] : bad) {
    const auto read = parse_commit_date(json, kSha1);
    ASSERT_FALSE(read) << json;
    EXPECT_THAT(to_string(read.error()), HasSubstr(reason)) << json;
  }
}

Environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(HubSettingsTest, FoldersFollowThePythonClientsRules) {
  const auto cache = [](std::map<std::string, std::string> values) {
    values.emplace("HOME", "/home/u");
    return read_hub_settings(variables(values), "/nonexistent")->cache.string();
  };
  EXPECT_EQ(cache({}), "/home/u/.cache/huggingface/hub");
  EXPECT_EQ(cache({{"XDG_CACHE_HOME", "/xdg"}}), "/xdg/huggingface/hub");
  EXPECT_EQ(cache({{"XDG_CACHE_HOME", "/xdg"}, {"HF_HOME", "~/hf"}}), "/home/u/hf/hub");
  EXPECT_EQ(cache({{"HF_HOME", "$BASE/hf"}, {"BASE", "/b"}}), "/b/hf/hub");
  EXPECT_EQ(cache({{"HF_HOME", "${BASE}/$NONE"}, {"BASE", "/b"}}), "/b/$NONE/hub");
  EXPECT_EQ(cache({{"HUGGINGFACE_HUB_CACHE", "/old"}}), "/old");
  EXPECT_EQ(cache({{"HUGGINGFACE_HUB_CACHE", "/old"}, {"HF_HUB_CACHE", "/c"}}), "/c");
}

TEST(HubSettingsTest, AWritableDataFolderIsUsedWithoutHfHome) {
  const std::string data = testing::TempDir();
  EXPECT_EQ(read_hub_settings(variables({}), data)->home,
            std::filesystem::path(data) / ".huggingface");
  EXPECT_EQ(read_hub_settings(variables({{"HF_HOME", "/h"}}), data)->home, "/h");
}

TEST(HubSettingsTest, TokensComeFromVariablesThenTheFile) {
  const std::filesystem::path home = std::filesystem::path(testing::TempDir()) / "hub_token_test";
  std::filesystem::create_directories(home);
  std::ofstream(home / "token") << " from_file \n";
  std::ofstream(home / "other") << "from_other\n";
  const auto token = [&](std::map<std::string, std::string> values) {
    values.emplace("HF_HOME", home.string());
    return read_hub_settings(variables(values), "/nonexistent")->token;
  };
  EXPECT_EQ(token({}), "from_file");
  EXPECT_EQ(token({{"HF_TOKEN_PATH", (home / "other").string()}}), "from_other");
  EXPECT_EQ(token({{"HF_TOKEN_PATH", "/none"}}), "");
  EXPECT_EQ(token({{"HUGGING_FACE_HUB_TOKEN", "old"}}), "old");
  EXPECT_EQ(token({{"HUGGING_FACE_HUB_TOKEN", "old"}, {"HF_TOKEN", "new\r\n"}}), "new");
  EXPECT_EQ(token({{"HF_TOKEN", "new"}, {"HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"}}), "");
  const auto bad = read_hub_settings(
      variables({{"HF_HOME", home.string()}, {"HF_TOKEN", "hf_secret\x01X: y"}}), "/nonexistent");
  ASSERT_FALSE(bad);
  EXPECT_EQ(to_string(bad.error()).find("secret"), std::string::npos);
  std::filesystem::remove_all(home);
}

TEST(HubSettingsTest, SwitchesTimeoutsAndProxies) {
  const auto settings = read_hub_settings(variables({{"HF_ENDPOINT", "http://mirror.example//"},
                                                     {"HF_HUB_OFFLINE", "yes"},
                                                     {"HF_HUB_DISABLE_SYMLINKS", "True"},
                                                     {"HF_HUB_DISABLE_PROGRESS_BARS", "on"},
                                                     {"HF_HUB_ETAG_TIMEOUT", "3"},
                                                     {"https_proxy", "http://p:1"},
                                                     {"HTTPS_PROXY", "http://other"},
                                                     {"NO_PROXY", "localhost"},
                                                     {"SSL_CERT_FILE", "/ca.pem"}}),
                                          "/nonexistent");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->endpoint, "http://mirror.example");
  EXPECT_TRUE(settings->offline);
  EXPECT_FALSE(settings->use_symlinks);
  EXPECT_FALSE(settings->show_progress);
  EXPECT_EQ(settings->etag_timeout, seconds(3));
  EXPECT_EQ(settings->download_timeout, seconds(10));
  EXPECT_EQ(settings->proxies.https, "http://p:1");
  EXPECT_EQ(settings->proxies.none, "localhost");
  EXPECT_EQ(settings->ca_file, "/ca.pem");
  EXPECT_FALSE(
      read_hub_settings(variables({{"HF_HUB_OFFLINE", "0"}, {"TRANSFORMERS_OFFLINE", "1"}}),
                        "/nonexistent")
          ->offline);
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"HF_ENDPOINT", "huggingface.co"}, {"HF_HUB_ETAG_TIMEOUT", "soon"}}) {
    const auto refused = read_hub_settings(variables({{name, value}}), "/nonexistent");
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
    EXPECT_THAT(to_string(refused.error()), HasSubstr(name));
  }
}

const std::chrono::system_clock::time_point kNoon{seconds(1'785'585'600)};

TEST(Records, GoodCommitsAreInTheOrderTheyWereServed) {
  Record record;
  const std::string a(40, 'a'), b(40, 'b'), c(40, 'c');
  EXPECT_EQ(record.last_good(), nullptr);
  EXPECT_EQ(record.previous_good(a), nullptr);
  record.add_good(a, "main", kNoon);
  record.add_refused(b, "its scores are not additive", kNoon);
  record.add_refused(b, "again", kNoon);
  EXPECT_EQ(record.refused_commit(b)->times, 2);
  record.add_good(b, "main", kNoon + seconds(1));
  EXPECT_EQ(record.refused_commit(b), nullptr);
  record.add_good(b, "main", kNoon + seconds(9));
  EXPECT_EQ(record.last_good()->since, kNoon + seconds(1));
  EXPECT_EQ(record.previous_good(b)->commit, a);
  EXPECT_EQ(record.previous_good(a), nullptr);
  EXPECT_EQ(record.previous_good(c)->commit, a);
  record.add_good(a, "main", kNoon + seconds(2));
  EXPECT_EQ(record.last_good()->commit, a);
  EXPECT_EQ(record.good.size(), 2U);
  EXPECT_EQ(record.effective_revision("main"), "main");
  record.pinned = b;
  EXPECT_EQ(record.effective_revision("main"), b);
  for (int i = 0; i < 40; ++i) {
    record.add_good(std::string(38, 'd') + std::to_string(10 + i), "main", kNoon);
  }
  EXPECT_EQ(record.good.size(), Record::kMostGood);
}

TEST(Records, KnowWhenTheLatestCommitsWereMade) {
  Record record;
  const std::string a(40, 'a');
  EXPECT_EQ(record.date_of(a), std::chrono::system_clock::time_point());
  record.add_date(a, kNoon);
  for (int i = 0; i < 40; ++i) {
    record.add_date(std::string(38, 'd') + std::to_string(10 + i), kNoon + seconds(i));
    record.add_date(a, kNoon);  // what is served is not forgotten
  }
  EXPECT_EQ(record.dates.size(), Record::kMostDates);
  EXPECT_EQ(record.date_of(a), kNoon);
  EXPECT_EQ(record.date_of(std::string(38, 'd') + "49"), kNoon + seconds(39));
  EXPECT_EQ(record.date_of(std::string(38, 'd') + "10"), std::chrono::system_clock::time_point());
}

TEST(Records, AreReadAsTheyWereWritten) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "hub_record_test";
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(read_record(folder).good.empty());
  const auto change = [](Record& record) {
    record.add_good(std::string(40, 'a'), "main", kNoon);
    record.add_refused(std::string(40, 'b'), "\"quoted\"\n", kNoon);
    record.add_date(std::string(40, 'a'), kNoon - seconds(3600));
    record.pinned = std::string(40, 'c');
    record.confirmed_commit = std::string(40, 'a');
    record.confirmed_revision = "main";
    record.confirmed_at = kNoon;
  };
  ASSERT_TRUE(update_record(folder, change));
  Record expected;
  change(expected);
  EXPECT_EQ(record_json(read_record(folder)), record_json(expected));
  for (const char* bad : {"", "[]", "{\"format\":2}", "{\"format\":1"}) {
    EXPECT_FALSE(parse_record(bad)) << bad;
    std::ofstream(folder / ".clairscore/record.json") << bad;
    EXPECT_TRUE(read_record(folder).good.empty());
  }
  EXPECT_TRUE(
      parse_record(R"({"format":1,"good":[{"commit":"../x"},7],"pinned":"main"})")->good.empty());
  const auto late = parse_record(R"({"format":1,"confirmed_at":253402300799})");
  ASSERT_TRUE(late);
  EXPECT_EQ(late->confirmed_at.time_since_epoch(), seconds(9'000'000'000));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace clairscore::hub
