// The listing of a store's inventory, kept as bytes and never stale. Cache entries that expire after a time
// would be wrong for that time, and entries that are dropped by each write would miss what other processes
// write. So an entry is proven: it carries the versions it was rendered from, read in the same snapshot, and
// the database's change mark, taken before that. While the mark stands still no process has committed
// anything, and the bytes go out as they are. Once it has moved, the versions are read and compared; if they
// are the same, the entry is good up to that mark.
//
// The order of the two reads is what makes it safe: a mark taken after the snapshot could cover a commit that
// the snapshot does not have.
#include <atomic>
#include <mutex>

#include "api/cursor.h"
#include "api/handlers.h"
#include "base/gzip.h"
#include "base/hash.h"
#include "base/numbers.h"
#include "base/parameters.h"
#include "base/text.h"
#include "render/render.h"

namespace aforro::api {
namespace {

constexpr std::int64_t kMaxLimit = 1'000;
constexpr std::int64_t kRowsWithoutLimit = 10'000;

class Rendered final : public cache::Entry {
 public:
  Rendered(std::string key, const shop::InventoryListing& listing, std::optional<std::uint64_t> mark)
      : key_(std::move(key)),
        version_(listing.version),
        total_(listing.total),
        next_(listing.page.next),
        mark_(mark.value_or(0)),
        has_mark_(mark.has_value()) {
    JsonWriter json;
    render::write_inventory_rows(json, listing.page.rows);
    std::string text = json.take();
    text.shrink_to_fit();  // it is kept for long
    body_ = std::make_shared<const std::string>(std::move(text));
    etag_ = hash_hex(*body_);
  }

  // Grows when it is packed.
  std::size_t size_bytes() const override { return sizeof(*this) + body_->size() + packed_bytes_; }

  const std::string& key() const { return key_; }
  const shop::InventoryVersion& version() const { return version_; }
  std::int64_t total() const { return total_; }
  const std::optional<shop::InventoryCursor>& next() const { return next_; }
  const std::shared_ptr<const std::string>& body() const { return body_; }
  // Packed once, for the first client that takes it so: most of what rendering costs, and many take none.
  // True if this call packed it.
  bool pack() const {
    bool was_packed = true;
    std::call_once(packed_once_, [&] {
      gzipped_ = std::make_shared<const std::string>(gzip(*body_));
      packed_bytes_ = gzipped_->size();
      was_packed = false;
    });
    return !was_packed;
  }
  const std::shared_ptr<const std::string>& gzipped() const { return gzipped_; }  // once packed
  const std::string& etag() const { return etag_; }

  bool was_true_at(std::optional<std::uint64_t> mark) const {
    return mark && has_mark_ && mark_.load(std::memory_order_relaxed) == *mark;
  }
  // The mark has moved, but not what is shown here. An entry's mark is only ever set to one that was taken
  // before a comparison which found it true.
  void proven_true_at(std::optional<std::uint64_t> mark) const {
    if (mark) mark_.store(*mark, std::memory_order_relaxed);
  }

 private:
  std::string key_;  // in the cache
  shop::InventoryVersion version_;
  std::int64_t total_;
  std::optional<shop::InventoryCursor> next_;
  mutable std::atomic<std::uint64_t> mark_;
  const bool has_mark_;
  std::shared_ptr<const std::string> body_;
  mutable std::once_flag packed_once_;
  mutable std::shared_ptr<const std::string> gzipped_;
  mutable std::atomic<std::size_t> packed_bytes_ = 0;
  std::string etag_;
};

struct Asked {
  shop::StoreId store;
  shop::InventoryQuery query;
  std::optional<std::int64_t> limit;  // as asked for
  std::string list;                   // names the listing for its cursors
  std::string key;                    // names the page for the cache
};

Asked parse(const http::Request& request) {
  ParameterReader reader(request.query, {"limit", "cursor", "max_quantity"});
  Asked asked{
      .store = shop::StoreId(request.path_ids.at(0)), .query = {}, .limit = {}, .list = {}, .key = {}};
  asked.query.max_quantity = reader.whole_number("max_quantity", 0, std::numeric_limits<std::int64_t>::max());
  asked.limit = reader.limit("limit", kMaxLimit);
  asked.query.limit = asked.limit.value_or(kRowsWithoutLimit);
  asked.list = "inventory/" + std::to_string(asked.store.value()) + "/" +
               (asked.query.max_quantity ? std::to_string(*asked.query.max_quantity) : std::string());
  const std::string_view cursor = reader.text("cursor").value_or("");
  if (!cursor.empty()) {
    const auto fields = read_cursor(cursor, asked.list, 2);
    // The check in a cursor can be made up, and a key that is none of ours may be no text at all.
    const bool is_key = fields && is_valid_utf8((*fields)[0]) && fold((*fields)[0]) == (*fields)[0];
    const auto product = is_key ? parse_whole_number((*fields)[1], 1, shop::kMaxId) : std::nullopt;
    if (product) {
      asked.query.after = shop::InventoryCursor{(*fields)[0], shop::ProductId(*product)};
    } else {
      reader.fault("cursor", "must be one that this list gave");
    }
  }
  reader.finish();
  asked.key = asked.list + "/" + std::to_string(*asked.query.limit) + "/" + std::string(cursor);
  return asked;
}

std::string next_link(const http::Request& request, const Asked& asked, const shop::InventoryCursor& next) {
  std::string link =
      "<" + request.base_url + "/stores/" + std::to_string(asked.store.value()) +
      "/inventory/?cursor=" + make_cursor(asked.list, {next.title_key, std::to_string(next.product.value())});
  // Pages without a limit go on without one, by as many rows.
  if (asked.limit) link += "&limit=" + std::to_string(*asked.limit);
  if (asked.query.max_quantity) link += "&max_quantity=" + std::to_string(*asked.query.max_quantity);
  return link + ">; rel=\"next\"";
}

}  // namespace

http::Response list_inventory(const Services& services, const http::Request& request) {
  const Asked asked = parse(request);
  // Before anything else is read, see above.
  const std::optional<std::uint64_t> mark = services.database.change_mark();
  auto rendered = std::static_pointer_cast<const Rendered>(services.cache.get(asked.key));
  bool is_hit = rendered && rendered->was_true_at(mark);
  if (rendered && !is_hit && rendered->version() == services.inventory.version(asked.store)) {
    rendered->proven_true_at(mark);
    is_hit = true;
  }
  if (!is_hit) {
    rendered =
        std::make_shared<const Rendered>(asked.key, services.inventory.list(asked.store, asked.query), mark);
    services.cache.put(asked.key, rendered);
  }
  http::Response response;
  response.content_type = "application/json";
  response.body = rendered->body();
  response.gzipped_body = [rendered, &cache = services.cache] {
    // Put once more, as it takes more of the cache now.
    if (rendered->pack() && cache.get(rendered->key()) == rendered) cache.put(rendered->key(), rendered);
    return rendered->gzipped();
  };
  response.etag = rendered->etag();
  response.headers = {{"Cache-Control", "no-cache"},
                      {"X-Cache", is_hit ? "hit" : "miss"},
                      {"X-Total-Count", std::to_string(rendered->total())}};
  if (rendered->next()) response.headers.emplace_back("Link", next_link(request, asked, *rendered->next()));
  return response;
}

}  // namespace aforro::api
