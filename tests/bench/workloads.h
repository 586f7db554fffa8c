// What the benchmark asks for, in the words of our program and in those of its peer, and which answers are
// right. The same number makes the same request, so both sides get the same ones. Safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/load.h"

namespace aforro::bench {

enum class Side { ours, peer };

// A kind of request, made and judged.
struct Workload {
  std::function<void(std::size_t number, std::string& to)> request;
  std::function<test::Verdict(std::size_t number, const test::Answer& answer)> judge;
};

// What there is to ask about; the peer's shape, which `aforro seed --uniform` makes too.
struct Goods {
  std::int64_t stores = 20;     // 1 to …
  std::int64_t products = 400;  // 1 to …, in every store
};

// Orders of three different products, 1 to 3 of each. Only CONFIRMED ones count.
Workload orders(const Goods& goods);
// The same, but every order wants product 1 of store 1, with two of the others.
Workload orders_of_one_product(const Goods& goods);

Workload listings(const Goods& goods);
// Every twentieth request is an order, whose answer is checked and not counted.
Workload listings_between_orders(const Goods& goods);

// The newest 20 orders of a store.
Workload order_lists(Side side, const Goods& goods);

// Searches for these words, one at a time in turn.
Workload searches(const std::vector<std::string>& words);
// What is in stock in a store between two of these prices, cheapest first. `prices` are those of all products
// in ascending order; four in ten products lie between the two.
Workload browsing(const Goods& goods, const std::vector<std::string>& prices);
// Suggestions for these beginnings.
Workload suggestions(const std::vector<std::string>& beginnings);

// One target, as long as the answer has this length.
Workload one_page(const std::string& target, std::size_t body_bytes);

// What the newest products are called.
struct TitleWords {
  std::set<std::string> words;    // of letters only, in lower case
  std::set<std::string> phrases;  // two words beside each other

  // The word itself and every phrase it is part of.
  std::vector<std::string> phrases_with(const std::string& word) const;
};
TitleWords title_words(int port);

// What every product costs, cheapest first.
std::vector<std::string> prices(int port);

// How many results the shop at that port has for a text.
std::int64_t count_results(int port, std::string_view text);

// How much the first so many requests find, on average: results, suggestions, or rows of a list.
double average_found(int port, const Workload& work, std::size_t requests);

}  // namespace aforro::bench
