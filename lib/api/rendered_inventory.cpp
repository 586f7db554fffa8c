// As bytes: a line of numbers, which also say how long what follows is; then, without anything between, the
// key, the title of the cursor, the ETag, the body, and the packed body.
#include "api/rendered_inventory.h"

#include <array>
#include <limits>
#include <utility>

#include "base/gzip.h"
#include "base/hash.h"
#include "base/numbers.h"
#include "base/text.h"
#include "render/render.h"

namespace aforro::api {
namespace {

constexpr std::size_t kEtagBytes = 32;

// Where each number stands in the line.
constexpr std::size_t kCatalogue = 0;
constexpr std::size_t kRows = 1;
constexpr std::size_t kChanges = 2;
constexpr std::size_t kTotal = 3;
constexpr std::size_t kNextProduct = 4;  // 0: no page follows
constexpr std::size_t kKeyBytes = 5;
constexpr std::size_t kNextTitleBytes = 6;
constexpr std::size_t kBodyBytes = 7;
constexpr std::size_t kGzippedBytes = 8;
constexpr std::size_t kNumbers = 9;

// Reads the line, and takes it away.
std::optional<std::array<std::int64_t, kNumbers>> read_numbers(std::string_view& bytes) {
  std::array<std::int64_t, kNumbers> numbers{};
  for (std::size_t i = 0; i < kNumbers; ++i) {
    const std::size_t end = bytes.find(i + 1 == kNumbers ? '\n' : ' ');
    if (end == std::string_view::npos) return std::nullopt;
    const auto number = parse_whole_number(bytes.substr(0, end), 0, std::numeric_limits<std::int64_t>::max());
    if (!number) return std::nullopt;
    numbers[i] = *number;
    bytes.remove_prefix(end + 1);
  }
  return numbers;
}

// Takes that many bytes away; nothing if there are fewer.
std::optional<std::string_view> take(std::string_view& bytes, std::int64_t count) {
  if (static_cast<std::uint64_t>(count) > bytes.size()) return std::nullopt;
  const std::string_view taken = bytes.substr(0, static_cast<std::size_t>(count));
  bytes.remove_prefix(taken.size());
  return taken;
}

std::shared_ptr<const std::string> kept(std::string_view text) {
  return std::make_shared<const std::string>(text);
}

}  // namespace

std::string to_string(const shop::InventoryVersion& version) {
  return std::to_string(version.catalogue) + '.' + std::to_string(version.rows) + '.' +
         std::to_string(version.changes);
}

RenderedInventory::RenderedInventory(std::string key, const shop::InventoryListing& listing,
                                     std::optional<std::uint64_t> mark)
    : RenderedInventory(std::move(key), listing.version, mark) {
  total_ = listing.total;
  next_ = listing.page.next;
  JsonWriter json;
  render::write_inventory_rows(json, listing.page.rows);
  std::string text = json.take();
  text.shrink_to_fit();  // it is kept for long
  body_ = std::make_shared<const std::string>(std::move(text));
  etag_ = hash_hex(*body_);
}

std::size_t RenderedInventory::size_bytes() const { return sizeof(*this) + body_->size() + packed_bytes_; }

bool RenderedInventory::pack() const {
  bool was_packed = true;
  std::call_once(packed_once_, [&] {
    if (packed_bytes_ > 0) return;  // it came so
    gzipped_ = std::make_shared<const std::string>(gzip(*body_));
    packed_bytes_ = gzipped_->size();
    was_packed = false;
  });
  return !was_packed;
}

std::string RenderedInventory::to_bytes() const {
  const std::string_view gzipped = packed_bytes_ > 0 ? std::string_view(*gzipped_) : std::string_view();
  const std::string_view title = next_ ? std::string_view(next_->title_key) : std::string_view();
  const std::array<std::int64_t, kNumbers> numbers{version_.catalogue,
                                                   version_.rows,
                                                   version_.changes,
                                                   total_,
                                                   next_ ? next_->product.value() : 0,
                                                   static_cast<std::int64_t>(key_.size()),
                                                   static_cast<std::int64_t>(title.size()),
                                                   static_cast<std::int64_t>(body_->size()),
                                                   static_cast<std::int64_t>(gzipped.size())};
  std::string bytes;
  bytes.reserve(256 + key_.size() + title.size() + body_->size() + gzipped.size());
  for (const std::int64_t number : numbers) bytes += std::to_string(number) + ' ';
  bytes.back() = '\n';
  for (const std::string_view part :
       {std::string_view(key_), title, std::string_view(etag_), std::string_view(*body_), gzipped}) {
    bytes += part;
  }
  return bytes;
}

std::shared_ptr<const RenderedInventory> RenderedInventory::from_bytes(std::string_view bytes,
                                                                       std::string_view key,
                                                                       const shop::InventoryVersion& version,
                                                                       std::optional<std::uint64_t> mark) {
  const auto numbers = read_numbers(bytes);
  if (!numbers) return nullptr;
  const auto& is = *numbers;
  const shop::InventoryVersion found{.catalogue = is[kCatalogue], .rows = is[kRows], .changes = is[kChanges]};
  const auto found_key = take(bytes, is[kKeyBytes]);
  const auto title = take(bytes, is[kNextTitleBytes]);
  const auto etag = take(bytes, kEtagBytes);
  const auto body = take(bytes, is[kBodyBytes]);
  const auto gzipped = take(bytes, is[kGzippedBytes]);
  if (!(found == version) || found_key != key || !title || !etag || !body || !gzipped || !bytes.empty()) {
    return nullptr;
  }
  const bool is_plain = etag->find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!is_plain || is[kNextProduct] > shop::kMaxId || !is_valid_utf8(*title)) return nullptr;
  std::shared_ptr<RenderedInventory> page(new RenderedInventory(std::string(key), version, mark));
  page->total_ = is[kTotal];
  if (is[kNextProduct] > 0) {
    page->next_ = shop::InventoryCursor{std::string(*title), shop::ProductId(is[kNextProduct])};
  }
  page->etag_ = *etag;
  page->body_ = kept(*body);
  if (!gzipped->empty()) {
    page->gzipped_ = kept(*gzipped);
    page->packed_bytes_ = gzipped->size();
  }
  return page;
}

}  // namespace aforro::api
