// The listing of a store's inventory, kept as bytes and never stale. Cache entries that expire after a time
// would be wrong for that time, and entries that are dropped by each write would miss what other processes
// write. So an entry is proven: it carries the versions it was rendered from, read in the same snapshot, and
// the database's change mark, taken before that. While the mark stands still no process has committed
// anything, and the bytes go out as they are. Once it has moved, the versions are read and compared; if they
// are the same, the entry is good up to that mark.
//
// The order of the two reads is what makes it safe: a mark taken after the snapshot could cover a commit that
// the snapshot does not have.
//
// Where servers share a cache, what this process does not have is looked for there, under a key that holds
// the version just read. So the shared cache need not be told of changes, and an entry that is written late,
// by a server that was held up, stands under a version that nobody asks for any more.
#include <limits>
#include <memory>

#include "api/cursor.h"
#include "api/handlers.h"
#include "api/rendered_inventory.h"
#include "base/numbers.h"
#include "base/parameters.h"
#include "base/text.h"

namespace aforro::api {
namespace {

constexpr std::int64_t kMaxLimit = 1'000;
constexpr std::int64_t kRowsWithoutLimit = 10'000;

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

using Page = std::shared_ptr<const RenderedInventory>;

struct Found {
  Page page;
  bool is_hit;  // it was made already
};

Page kept_page(const Services& services, const Asked& asked) {
  return std::static_pointer_cast<const RenderedInventory>(services.cache.get(asked.key));
}

// Whose name says of which version its bytes are.
std::string shared_key(std::string_view key, const shop::InventoryVersion& version) {
  return "inventory:" + std::string(key) + ':' + to_string(version);
}

Page get_shared(const Services& services, const Asked& asked, const shop::InventoryVersion& version,
                std::optional<std::uint64_t> mark) {
  if (services.shared_cache == nullptr) return nullptr;
  const auto bytes = services.shared_cache->get_or_lease(shared_key(asked.key, version));
  return bytes ? RenderedInventory::from_bytes(*bytes, asked.key, version, mark) : nullptr;
}

void put_shared(const Services& services, const Page& page) {
  if (services.shared_cache == nullptr) return;
  services.shared_cache->put(shared_key(page->key(), page->version()), page->to_bytes());
}

// The page at that version, which the database had after `mark` was taken, or a later one.
//
// A flight's page may be later than its version, and is true all the same for everyone who waits for it: they
// have all read that version before, and no version comes twice.
Found find_or_make(const Services& services, const Asked& asked, const shop::InventoryVersion& version,
                   std::optional<std::uint64_t> mark) {
  bool is_shared = false;
  const auto landed = services.flights.once(asked.key + ':' + to_string(version), [&] {
    Page page = get_shared(services, asked, version, mark);
    is_shared = page != nullptr;
    if (!is_shared) {
      page = std::make_shared<const RenderedInventory>(
          asked.key, services.inventory.list(asked.store, asked.query), mark);
      put_shared(services, page);
    }
    services.cache.put(asked.key, page);
    return std::static_pointer_cast<const cache::Entry>(page);
  });
  return {.page = std::static_pointer_cast<const RenderedInventory>(landed.entry),
          .is_hit = is_shared || !landed.is_own};
}

// Puts once more what takes more room now.
void keep_packed(const Services& services, const Page& page) {
  if (services.cache.holds(page->key(), page)) services.cache.put(page->key(), page);
  put_shared(services, page);
}

}  // namespace

http::Response list_inventory(const Services& services, const http::Request& request) {
  const Asked asked = parse(request);
  // Before anything else is read, see above.
  const std::optional<std::uint64_t> mark = services.database.change_mark();
  Found found{.page = kept_page(services, asked), .is_hit = false};
  found.is_hit = found.page && found.page->was_true_at(mark);
  if (!found.is_hit) {
    const shop::InventoryVersion version = services.inventory.version(asked.store);
    if (found.page && found.page->version() == version) {
      found.page->proven_true_at(mark);
      found.is_hit = true;
    } else {
      found = find_or_make(services, asked, version, mark);
    }
  }
  const Page& page = found.page;
  http::Response response;
  response.content_type = "application/json";
  response.body = page->body();
  response.gzipped_body = [page, &services] {
    if (page->pack()) keep_packed(services, page);
    return page->gzipped();
  };
  response.etag = page->etag();
  response.headers = {{"Cache-Control", "no-cache"},
                      {"X-Cache", found.is_hit ? "hit" : "miss"},
                      {"X-Total-Count", std::to_string(page->total())}};
  if (page->next()) response.headers.emplace_back("Link", next_link(request, asked, *page->next()));
  return response;
}

}  // namespace aforro::api
