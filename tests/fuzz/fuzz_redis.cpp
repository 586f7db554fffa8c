// What comes from a Redis, or from whoever else listens there or writes to it: answers, entries of the cache;
// and the address that names it. Whatever the bytes are and however they are cut, what is read is read the
// same, within bounds.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api/rendered_inventory.h"
#include "cache/sealed.h"
#include "fuzz.h"
#include "redis/address.h"
#include "redis/reply.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using fuzz::require;
using redis::Reply;
using redis::ReplyReader;

bool is_same(const Reply& one, const Reply& other) {
  return one.kind == other.kind && one.number == other.number && one.text == other.text &&
         std::equal(one.list.begin(), one.list.end(), other.list.begin(), other.list.end(), is_same);
}

void check_bounds(const Reply& reply, std::size_t bytes, int depth) {
  require(depth < 10 && reply.text.size() <= bytes && reply.list.size() <= redis::kMaxListed);
  for (const Reply& each : reply.list) check_bounds(each, bytes, depth + 1);
}

struct Read {
  std::vector<Reply> replies;
  bool is_broken = false;
};

Read read_in_pieces(std::string_view bytes, std::size_t piece) {
  const auto reader = redis::make_reader();
  Read read;
  while (!bytes.empty() && !read.is_broken) {
    reader->feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      Reply reply;
      const auto state = reader->next(reply);
      if (state == ReplyReader::State::complete) read.replies.push_back(std::move(reply));
      if (state == ReplyReader::State::broken) read.is_broken = true;
      if (state != ReplyReader::State::complete) break;
    }
  }
  return read;
}

void check_replies(std::string_view bytes) {
  const Read whole = read_in_pieces(bytes, bytes.size() + 1);
  for (const Reply& reply : whole.replies) check_bounds(reply, bytes.size(), 0);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    const Read again = read_in_pieces(bytes, piece);
    require(again.is_broken == whole.is_broken && again.replies.size() == whole.replies.size());
    require(std::equal(again.replies.begin(), again.replies.end(), whole.replies.begin(), is_same));
  }
}

void check_address(std::string_view text) {
  const auto address = fuzz::unless_refused([&] { return redis::parse_address(text); });
  if (!address) return;
  require(!address->host.empty() && address->port >= 1 && address->port <= 65'535 && address->database >= 0);
  const auto shown = redis::parse_address(to_string(*address));
  require(shown.host == address->host && shown.port == address->port && shown.database == address->database);
  require(shown.user.empty() && shown.password.empty());
}

void check_entry(std::string_view bytes) {
  const std::string sealed = cache::seal("key", bytes);
  require(cache::unseal("key", sealed) == bytes);
  require(!cache::unseal("kez", sealed));
  cache::unseal("key", bytes);
  const shop::InventoryVersion version{.catalogue = 2, .rows = 1, .changes = 1};
  const auto page = api::RenderedInventory::from_bytes(bytes, "key", version, 1);
  if (!page) return;
  const auto again = api::RenderedInventory::from_bytes(page->to_bytes(), "key", version, 1);
  require(again && *again->body() == *page->body() && again->etag() == page->etag() &&
          again->total() == page->total() && again->next().has_value() == page->next().has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (redis::has_reader()) check_replies(text);
  check_address(text);
  check_entry(text);
  return 0;
}
