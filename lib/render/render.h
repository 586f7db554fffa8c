// The shop's values as JSON, in the form that the contract gives them.
#pragma once

#include <span>

#include "base/json_writer.h"
#include "search/product_search.h"
#include "shop/types.h"

namespace aforro::render {

void write_order(JsonWriter& json, const shop::Order& order);
void write_order_summaries(JsonWriter& json, std::span<const shop::OrderSummary> orders);
void write_movements(JsonWriter& json, std::span<const shop::Movement> movements);
void write_inventory_rows(JsonWriter& json, std::span<const shop::InventoryRow> rows);
void write_stores(JsonWriter& json, std::span<const shop::Store> stores);
void write_categories(JsonWriter& json, std::span<const shop::Category> categories);
void write_product(JsonWriter& json, const shop::Product& product);  // with its sku
// Whether each result says how it came to its place; null where it was not ranked.
enum class Scores { left_out, shown };
void write_search_result(JsonWriter& json, const search::SearchResult& result,
                         Scores scores = Scores::left_out);
// What a search found, as members of an object: all but its count and the pages beside.
void write_search_results(JsonWriter& json, const search::SearchResults& results,
                          Scores scores = Scores::left_out);

}  // namespace aforro::render
