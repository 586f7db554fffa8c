#include "render/render.h"

namespace aforro::render {
namespace {

void write_shortages(JsonWriter& json, const shop::Order& order) {
  json.key("shortages").begin_array();
  for (const shop::OrderLine& line : order.lines) {
    if (!line.available || *line.available >= line.quantity) continue;  // not known, of an imported order
    json.begin_object();
    json.key("product_id").number(line.product.value());
    json.key("requested").number(line.quantity);
    json.key("available").number(*line.available);
    json.end_object();
  }
  json.end_array();
}

void write_product_fields(JsonWriter& json, const shop::Product& product) {
  json.key("id").number(product.id.value());
  json.key("title").string(product.title);
  json.key("description").string(product.description);
  json.key("price").string(product.price.to_string());
  json.key("category").string(product.category);
  json.key("created_at").string(product.created_at.to_string());
}

void write_synonyms(JsonWriter& json, const std::vector<search::UsedSynonym>& synonyms) {
  json.key("synonyms").begin_array();
  for (const search::UsedSynonym& synonym : synonyms) {
    json.begin_object();
    json.key("typed").string(synonym.typed);
    json.key("also").string(synonym.also);
    json.end_object();
  }
  json.end_array();
}

void write_facets(JsonWriter& json, const search::Facets& facets) {
  json.key("facets").begin_object();
  if (facets.categories) {
    json.key("category").begin_array();
    for (const search::CategoryCount& category : *facets.categories) {
      json.begin_object();
      json.key("value").string(category.name);
      json.key("count").number(category.products);
      json.end_object();
    }
    json.end_array();
  }
  if (facets.prices) {
    json.key("price").begin_array();
    for (const search::PriceRange& range : *facets.prices) {
      json.begin_object();
      json.key("from").string(range.from.to_string());
      json.key("to").string(range.to.to_string());
      json.key("count").number(range.products);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  json.key("facets_are_exact").boolean(facets.are_exact);
}

void write_score(JsonWriter& json, const search::SearchResult& result) {
  const search::Score& score = result.score;
  if (score.total() == 0) {
    json.key("matched").null();
    json.key("score").null();
    return;
  }
  json.key("matched").string(to_string(result.matched));
  json.key("score").begin_object();
  for (const auto& [name, value] : search::parts(score)) json.key(name).raw(search::shown(value));
  json.key("total").raw(search::shown(score.total()));
  json.end_object();
}

}  // namespace

void write_order(JsonWriter& json, const shop::Order& order) {
  json.begin_object();
  json.key("id").number(order.id.value());
  json.key("store_id").number(order.store.value());
  json.key("status").string(to_string(order.status));
  json.key("created_at").string(order.created_at.to_string());
  if (order.expires_at) json.key("expires_at").string(order.expires_at->to_string());
  json.key("total_items").number(static_cast<std::int64_t>(order.lines.size()));
  json.key("total_quantity").number(order.total_quantity);
  json.key("total_price").string(order.total_price.to_string());
  json.key("items").begin_array();
  for (const shop::OrderLine& line : order.lines) {
    json.begin_object();
    json.key("product_id").number(line.product.value());
    json.key("product_title").string(line.product_title);
    json.key("quantity_requested").number(line.quantity);
    json.key("unit_price").string(line.unit_price.to_string());
    json.end_object();
  }
  json.end_array();
  if (order.status == shop::OrderStatus::rejected) write_shortages(json, order);
  json.end_object();
}

void write_order_summaries(JsonWriter& json, std::span<const shop::OrderSummary> orders) {
  json.begin_array();
  for (const shop::OrderSummary& order : orders) {
    json.begin_object();
    json.key("id").number(order.id.value());
    json.key("status").string(to_string(order.status));
    json.key("created_at").string(order.created_at.to_string());
    json.key("total_items").number(order.total_items);
    json.key("total_quantity").number(order.total_quantity);
    json.end_object();
  }
  json.end_array();
}

void write_movements(JsonWriter& json, std::span<const shop::Movement> movements) {
  json.begin_array();
  for (const shop::Movement& movement : movements) {
    json.begin_object();
    json.key("id").number(movement.id);
    json.key("product_id").number(movement.product.value());
    json.key("reason").string(movement.reason);
    json.key("order_id");
    movement.order ? json.number(movement.order->value()) : json.null();
    json.key("change").number(movement.change);
    json.key("quantity_after").number(movement.quantity_after);
    json.key("created_at").string(movement.created_at.to_string());
    json.end_object();
  }
  json.end_array();
}

void write_inventory_rows(JsonWriter& json, std::span<const shop::InventoryRow> rows) {
  json.begin_array();
  for (const shop::InventoryRow& row : rows) {
    json.begin_object();
    json.key("product_id").number(row.product.value());
    json.key("product_title").string(row.product_title);
    json.key("price").string(row.price.to_string());
    json.key("category").string(row.category);
    json.key("quantity").number(row.quantity);
    json.end_object();
  }
  json.end_array();
}

void write_stores(JsonWriter& json, std::span<const shop::Store> stores) {
  json.begin_array();
  for (const shop::Store& store : stores) {
    json.begin_object();
    json.key("id").number(store.id.value());
    json.key("name").string(store.name);
    json.key("location").string(store.location);
    json.end_object();
  }
  json.end_array();
}

void write_categories(JsonWriter& json, std::span<const shop::Category> categories) {
  json.begin_array();
  for (const shop::Category& category : categories) {
    json.begin_object();
    json.key("id").number(category.id.value());
    json.key("name").string(category.name);
    json.key("product_count").number(category.product_count);
    json.end_object();
  }
  json.end_array();
}

void write_product(JsonWriter& json, const shop::Product& product) {
  json.begin_object();
  write_product_fields(json, product);
  json.key("sku");
  product.sku ? json.string(*product.sku) : json.null();
  json.end_object();
}

void write_search_result(JsonWriter& json, const search::SearchResult& result, Scores scores) {
  json.begin_object();
  write_product_fields(json, result.product);
  json.key("inventory_quantity");
  result.inventory_quantity ? json.number(*result.inventory_quantity) : json.null();
  if (result.highlights) {
    json.key("highlights").begin_object();
    json.key("title").string(in_html(result.highlights->title));
    json.key("description").string(in_html(result.highlights->description));
    json.end_object();
  }
  if (scores == Scores::shown) write_score(json, result);
  json.end_object();
}

void write_search_results(JsonWriter& json, const search::SearchResults& results, Scores scores) {
  json.key("corrected_query");
  results.corrected_query ? json.string(*results.corrected_query) : json.null();
  json.key("matched");
  results.matched ? json.string(to_string(*results.matched)) : json.null();
  if (results.is_partial) json.key("partial").boolean(true);
  if (scores == Scores::shown) write_synonyms(json, results.synonyms);
  if (results.facets) write_facets(json, *results.facets);
  json.key("results").begin_array();
  for (const search::SearchResult& result : results.page) write_search_result(json, result, scores);
  json.end_array();
}

}  // namespace aforro::render
