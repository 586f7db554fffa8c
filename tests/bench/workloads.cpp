#include "bench/workloads.h"
#include "base/percent_encoding.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "http/message.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/shop.h"

namespace aforro::bench {
namespace {

using test::Answer;
using test::Verdict;

constexpr std::size_t kOrderEvery = 20;
constexpr int kPagesOfTitles = 10;

// Numbers that look drawn but follow from the request's own (splitmix64).
class Dice {
 public:
  explicit Dice(std::size_t number) : state_(number * 0x9E3779B97F4A7C15U + 1) {}
  std::int64_t roll(std::int64_t sides) {  // 1 to sides
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    z ^= z >> 31;
    return static_cast<std::int64_t>(z % static_cast<std::uint64_t>(sides)) + 1;
  }

 private:
  std::uint64_t state_;
};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
char to_lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

Verdict confirmed(std::size_t, const Answer& answer) {
  if (is_order(answer, "CONFIRMED")) return Verdict::counted;
  return is_order(answer, "REJECTED") ? Verdict::passed_over : Verdict::wrong;
}

// An answer of 200 that begins so and is not empty of what was asked for.
auto begins_with(std::string_view beginning) {
  return [beginning](std::size_t, const Answer& answer) {
    const bool is_right = answer.status == 200 && answer.body.starts_with(beginning);
    return is_right ? Verdict::counted : Verdict::wrong;
  };
}

Verdict found(std::size_t, const Answer& answer) {
  const bool is_right = answer.status == 200 && answer.body.starts_with(R"({"count":)") &&
                        !answer.body.starts_with(R"({"count":0,)");
  return is_right ? Verdict::counted : Verdict::wrong;
}

Workload get(std::function<std::string(std::size_t)> target,
             std::function<Verdict(std::size_t, const Answer&)> judge) {
  return {.request = [target = std::move(target)](std::size_t number,
                                                  std::string& to) { test::append_get(to, target(number)); },
          .judge = std::move(judge)};
}

std::string store_path(const Goods& goods, std::size_t number, std::string_view rest) {
  return "/stores/" + std::to_string(Dice(number).roll(goods.stores)) + std::string(rest);
}

}  // namespace

Workload orders(const Goods& goods) {
  return {.request =
              [goods](std::size_t number, std::string& to) {
                Dice dice(number);
                const std::int64_t store = dice.roll(goods.stores);
                std::array<std::int64_t, 3> products{};
                for (std::size_t i = 0; i < products.size(); ++i) {
                  const auto end = products.begin() + static_cast<std::ptrdiff_t>(i);
                  do products[i] = dice.roll(goods.products);
                  while (std::find(products.begin(), end, products[i]) != end);
                }
                test::append_post(to, "/orders/",
                                  test::order_body(store, {{products[0], dice.roll(3)},
                                                           {products[1], dice.roll(3)},
                                                           {products[2], dice.roll(3)}}));
              },
          .judge = confirmed};
}

Workload orders_of_one_product(const Goods& goods) {
  return {.request =
              [goods](std::size_t number, std::string& to) {
                const std::int64_t other = 2 + static_cast<std::int64_t>(number) * 2 % (goods.products - 2);
                test::append_post(to, "/orders/", test::order_body(1, {{1, 1}, {other, 1}, {other + 1, 1}}));
              },
          .judge = confirmed};
}

Workload listings(const Goods& goods) {
  return get([goods](std::size_t number) { return store_path(goods, number, "/inventory/"); },
             begins_with("[{\"product_"));
}

Workload listings_between_orders(const Goods& goods) {
  return {.request =
              [order = orders(goods), listing = listings(goods)](std::size_t number, std::string& to) {
                (number % kOrderEvery == 0 ? order : listing).request(number, to);
              },
          .judge =
              [listing = listings(goods)](std::size_t number, const Answer& answer) {
                if (number % kOrderEvery != 0) return listing.judge(number, answer);
                return confirmed(number, answer) == Verdict::wrong ? Verdict::wrong : Verdict::passed_over;
              }};
}

Workload order_lists(Side side, const Goods& goods) {
  if (side == Side::peer)
    return get([goods](std::size_t number) { return store_path(goods, number, "/orders/"); }, found);
  return get([goods](std::size_t number) { return store_path(goods, number, "/orders/?limit=20"); },
             begins_with("[{\"id\":"));
}

Workload searches(const std::vector<std::string>& words) {
  return get(
      [words](std::size_t number) {
        return "/api/search/products/?q=" + percent_encode(words[number % words.size()]);
      },
      found);
}

Workload browsing(const Goods& goods, const std::vector<std::string>& prices) {
  return get(
      [goods, prices](std::size_t number) {
        Dice dice(number);
        const std::int64_t store = dice.roll(goods.stores);
        const std::size_t width = prices.size() * 4 / 10;
        const auto from =
            static_cast<std::size_t>(dice.roll(static_cast<std::int64_t>(prices.size() - width)) - 1);
        return "/api/search/products/?store_id=" + std::to_string(store) +
               "&in_stock=true&sort=price&min_price=" + prices[from] + "&max_price=" + prices[from + width];
      },
      found);
}

Workload suggestions(const std::vector<std::string>& beginnings) {
  return get(
      [beginnings](std::size_t number) {
        return "/api/search/suggest/?q=" + percent_encode(beginnings[number % beginnings.size()]);
      },
      [](std::size_t, const Answer& answer) {
        const bool has_some = answer.body.find("[\"") != std::string_view::npos;
        return answer.status == 200 && has_some ? Verdict::counted : Verdict::wrong;
      });
}

Workload one_page(const std::string& target, std::size_t body_bytes) {
  return get([target](std::size_t) { return target; },
             [body_bytes](std::size_t, const Answer& answer) {
               return answer.status == 200 && answer.body.size() == body_bytes ? Verdict::counted
                                                                               : Verdict::wrong;
             });
}

std::vector<std::string> TitleWords::phrases_with(const std::string& word) const {
  std::vector<std::string> result{word};
  for (const std::string& phrase : phrases) {
    if (phrase.starts_with(word + ' ') || phrase.ends_with(' ' + word)) result.push_back(phrase);
  }
  return result;
}

TitleWords title_words(int port) {
  test::HttpClient client(port);
  TitleWords result;
  for (int page = 1; page <= kPagesOfTitles; ++page) {
    const auto answer = test::parse(client.get("/api/search/products/?page=" + std::to_string(page)));
    for (const std::string& title : test::texts(answer.at("results"), "title")) {
      std::istringstream parts(title);
      std::string before;
      for (std::string word; parts >> word; before = word) {
        const bool is_word = word.size() >= 3 && std::all_of(word.begin(), word.end(), is_letter);
        if (!is_word) word.clear();
        std::transform(word.begin(), word.end(), word.begin(), to_lower);
        if (!word.empty()) result.words.insert(word);
        if (!word.empty() && !before.empty()) result.phrases.insert(before + ' ' + word);
      }
    }
    if (answer.at("next").is_null()) break;
  }
  return result;
}

std::vector<std::string> prices(int port) {
  test::HttpClient client(port);
  std::vector<std::string> all;
  for (int page = 1;; ++page) {
    const auto answer =
        test::parse(client.get("/api/search/products/?sort=price&page=" + std::to_string(page)));
    for (std::string& price : test::texts(answer.at("results"), "price")) all.push_back(std::move(price));
    if (answer.at("next").is_null()) return all;
  }
}

std::int64_t count_results(int port, std::string_view text) {
  test::HttpClient client(port);
  return test::parse(client.get("/api/search/products/?q=" + percent_encode(text)))
      .at("count")
      .get<std::int64_t>();
}

double average_found(int port, const Workload& work, std::size_t requests) {
  test::HttpClient client(port);
  double sum = 0;
  for (std::size_t number = 0; number < requests; ++number) {
    std::string bytes;
    work.request(number, bytes);
    client.send(bytes);
    const auto answer = test::parse(client.receive());
    if (answer.is_object() && answer.contains("count")) {
      sum += answer.at("count").get<double>();
    } else {
      sum += static_cast<double>((answer.is_object() ? answer.at("suggestions") : answer).size());
    }
  }
  return sum / static_cast<double>(requests);
}

}  // namespace aforro::bench
