// A page of a listing on its way to another process.
#include "api/rendered_inventory.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "base/gzip.h"

namespace {

using aforro::Money;
using aforro::api::RenderedInventory;
using namespace aforro::shop;  // NOLINT: the listing is made of its values

InventoryListing listing_of(int rows) {
  InventoryListing listing{.version = {.catalogue = 3, .rows = 400, .changes = 12}, .total = 400, .page = {}};
  for (int i = 1; i <= rows; ++i) {
    listing.page.rows.push_back({.product = ProductId(i),
                                 .product_title = "Café " + std::to_string(i),
                                 .price = Money::from_minor(i),
                                 .category = "Kitchen",
                                 .quantity = i});
  }
  return listing;
}

void check_same(const RenderedInventory& one, const RenderedInventory& other) {
  CHECK(one.key() == other.key());
  CHECK(one.version() == other.version());
  CHECK(one.total() == other.total());
  CHECK(*one.body() == *other.body());
  CHECK(one.etag() == other.etag());
  REQUIRE(one.next().has_value() == other.next().has_value());
  if (one.next()) {
    CHECK(one.next()->title_key == other.next()->title_key);
    CHECK(one.next()->product == other.next()->product);
  }
}

TEST_CASE("a page is the same behind its bytes, packed or not, the last one or not") {
  for (const bool has_next : {false, true}) {
    for (const bool is_packed : {false, true}) {
      for (const int rows : {0, 1, 50}) {
        CAPTURE(has_next);
        CAPTURE(is_packed);
        CAPTURE(rows);
        InventoryListing listing = listing_of(rows);
        if (has_next) listing.page.next = InventoryCursor{"cafe 50", ProductId(50)};
        const RenderedInventory page("inventory/1//50/", listing, 7);
        if (is_packed) CHECK(page.pack());
        const auto back =
            RenderedInventory::from_bytes(page.to_bytes(), "inventory/1//50/", listing.version, std::nullopt);
        REQUIRE(back);
        check_same(page, *back);
        CHECK(back->pack() == !is_packed);
        CHECK(aforro::gunzip(*back->gzipped(), 1'000'000) == *page.body());
      }
    }
  }
}

TEST_CASE("bytes of another page, of another version, or that are not whole are no page") {
  const InventoryListing listing = listing_of(3);
  const RenderedInventory page("key", listing, 7);
  const std::string bytes = page.to_bytes();
  const auto read = [&](std::string_view from, std::string_view key, InventoryVersion version) {
    return RenderedInventory::from_bytes(from, key, version, 7);
  };
  CHECK(read(bytes, "key", listing.version));
  CHECK(!read(bytes, "kez", listing.version));
  CHECK(!read(bytes, "key", {.catalogue = 4, .rows = 400, .changes = 12}));
  CHECK(!read(bytes, "key", {.catalogue = 3, .rows = 401, .changes = 12}));
  CHECK(!read(bytes, "key", {.catalogue = 3, .rows = 400, .changes = 13}));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(!read(bytes.substr(0, size), "key", listing.version));
  CHECK(!read(bytes + 'x', "key", listing.version));
  CHECK(!read("3 400 12 400 0 9223372036854775807 0 0 0\nkey", "key", listing.version));
  CHECK(!read("3 400 12 400 0 3 0 -1 0\nkey", "key", listing.version));
  CHECK(!read("", "", listing.version));
}

TEST_CASE("what came from another process is true at the mark that was taken before it was looked for") {
  const InventoryListing listing = listing_of(1);
  const RenderedInventory page("key", listing, 7);
  const auto back = RenderedInventory::from_bytes(page.to_bytes(), "key", listing.version, 9);
  REQUIRE(back);
  CHECK(back->was_true_at(9));
  CHECK(!back->was_true_at(7));
  CHECK(!back->was_true_at(std::nullopt));
  back->proven_true_at(11);
  CHECK(back->was_true_at(11));
}

}  // namespace
