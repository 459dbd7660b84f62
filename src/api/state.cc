#include "api/state.h"

#include <utility>

#include "base/json_writer.h"
#include "base/sha256.h"
#include "http/negotiate.h"

namespace clairscore::api {

namespace {

constexpr std::size_t kMaxCompressedBytes = std::size_t{8} << 20U;
// The list of customers is compressed once and sent often.
constexpr int kCustomersLevel = 6;
constexpr std::size_t kTagDigits = 32;

std::string customers_json(const Column& identifiers) {
  JsonWriter json;
  json.begin_object().key("customer_ids").begin_array();
  for (std::size_t row = 0; row < identifiers.size(); ++row) {
    if (identifiers.type() == ColumnType::kText) {
      json.string(identifiers.text(row));
    } else {
      json.integer(identifiers.integers()[row]);
    }
  }
  json.end_array().end_object();
  return json.take();
}

std::shared_ptr<const Served::Text> make_text(std::string content, int level) {
  auto text = std::make_shared<Served::Text>();
  text->json = std::move(content);
  if (text->json.size() >= http::kGzipThreshold) text->gzip = http::gzip(text->json, level);
  text->etag = http::weak_etag(text->json);
  return text;
}

}  // namespace

Served::Served(AssetsPtr assets) : assets_(std::move(assets)) {
  JsonWriter names;
  names.strings(assets_->feature_names());
  feature_names_json_ = names.take();
}

std::shared_ptr<const Served::Text> Served::customers() const {
  std::call_once(customers_once_, [&] {
    customers_ = make_text(customers_json(assets_->data().identifiers()), kCustomersLevel);
  });
  return customers_;
}

const std::string& Served::picture_etag(Language language, const Bytes& png) const {
  const auto which = static_cast<std::size_t>(language);
  // Strong, as the original's: the picture has one form only.
  std::call_once(picture_once_[which],
                 [&] { picture_etag_[which] = '"' + sha256_hex(png).substr(0, kTagDigits) + '"'; });
  return picture_etag_[which];
}

std::shared_ptr<const std::string> Served::find_compressed(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = compressed_.find(name);
  return found == compressed_.end() ? nullptr : found->second;
}

void Served::keep_compressed(std::string_view name,
                             const std::shared_ptr<const std::string>& text) const {
  const std::size_t size = text->size();
  if (size > kMaxCompressedBytes) return;
  const std::lock_guard lock(mutex_);
  if (compressed_bytes_ + size > kMaxCompressedBytes) {
    compressed_.clear();
    compressed_bytes_ = 0;
  }
  if (compressed_.try_emplace(std::string(name), text).second) {
    compressed_bytes_ += size;
  }
}

ServedPtr State::served() const {
  const std::lock_guard lock(mutex_);
  return served_;
}

void State::publish(AssetsPtr assets) {
  auto served = std::make_shared<const Served>(std::move(assets));
  const std::lock_guard lock(mutex_);
  served_.swap(served);  // the old snapshot, if it ends here, ends after the lock
}

std::string State::step() const {
  const std::lock_guard lock(mutex_);
  return step_;
}

void State::set_step(std::string step) {
  const std::lock_guard lock(mutex_);
  step_ = std::move(step);
}

hub::FetchState State::download() const {
  const std::lock_guard lock(mutex_);
  return download_;
}

void State::set_download(hub::FetchState download) {
  const std::lock_guard lock(mutex_);
  download_ = std::move(download);
}

void State::set_stopping() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
}

bool State::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

AssetStatus State::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void State::set_status(AssetStatus status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

}  // namespace clairscore::api
