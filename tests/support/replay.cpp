#include "support/replay.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unordered_map>

#include "shop/basket.h"
#include "support/database_file.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

namespace aforro::test {
namespace {

namespace fs = std::filesystem;

constexpr auto kStore = "Online Retail";
constexpr std::size_t kShownFaults = 20;
constexpr std::size_t kShownLog = 4'000;  // bytes

void run_command(std::vector<std::string> arguments, const Location& database) {
  arguments.insert(arguments.end(), {"--database", database.string()});
  const ProgramResult result = run_program(arguments);
  if (result.exit_status != 0) throw std::runtime_error("\"aforro import\" failed: " + result.err);
}

void import_goods(const fs::path& online_retail, const Invoices& invoices,
                  const std::vector<std::int64_t>& stock, const Location& database) {
  run_command({"import", "products", (online_retail / "products.csv").string(), "--map", "sku=stock_code",
               "--map", "price=median_unit_price_gbp", "--category", "Gifts"},
              database);
  const TemporaryFolder folder;
  const fs::path file = folder / "stock.csv";
  std::ofstream csv(file);
  csv << "store,sku,quantity\n";
  for (std::size_t i = 0; i < stock.size(); ++i)
    csv << kStore << ',' << invoices.skus[i] << ',' << stock[i] << '\n';
  csv.close();
  if (!csv) throw std::runtime_error("can't write " + file.string());
  run_command({"import", "inventory", file.string(), "--create-stores"}, database);
}

std::int64_t find_store(HttpClient& client) {
  for (const auto& store : parse(client.get("/api/stores/"))) {
    if (store.at("name") == kStore) return store.at("id").get<std::int64_t>();
  }
  throw std::runtime_error("the import made no store");
}

// The ids of the products, as the database gave them.
std::vector<std::int64_t> find_products(const Invoices& invoices, const Location& database) {
  const std::vector<std::string> skus = query_texts(database, "SELECT sku FROM products ORDER BY id");
  const std::vector<std::int64_t> ids = query_numbers(database, "SELECT id FROM products ORDER BY id");
  std::unordered_map<std::string, std::int64_t> by_sku;
  for (std::size_t i = 0; i < skus.size(); ++i) by_sku.emplace(skus[i], ids[i]);
  std::vector<std::int64_t> result;
  for (const std::string& sku : invoices.skus) result.push_back(by_sku.at(sku));
  return result;
}

// Fills in what is known before the first order, and holds the invoices to the bounds of an order.
void measure(const Invoices& invoices, Replay& replay) {
  replay.invoices = invoices.invoices.size();
  replay.products = static_cast<std::int64_t>(invoices.skus.size());
  for (const Invoice& invoice : invoices.invoices) {
    replay.lines += invoice.lines.size();
    replay.most_lines = std::max(replay.most_lines, invoice.lines.size());
    std::unordered_map<std::size_t, std::int64_t> sums;
    for (const auto& [product, quantity] : invoice.lines)
      replay.largest_quantity = std::max(replay.largest_quantity, sums[product] += quantity);
  }
  if (replay.most_lines > shop::kMaxLines || replay.largest_quantity > shop::kMaxQuantity)
    throw std::runtime_error("an invoice is larger than an order may be");
}

// Sends each invoice once. True at its place for each that was confirmed.
std::vector<char> send(const Invoices& invoices, const std::vector<std::int64_t>& products,
                       std::int64_t store, int port, const ReplayPlan& plan, LoadReport& report) {
  std::vector<char> confirmed(invoices.invoices.size());
  report = run_load({.port = port,
                     .connections = plan.clients,
                     .max_requests = invoices.invoices.size(),
                     .request =
                         [&](std::size_t number, std::string& to) {
                           std::vector<Line> lines;
                           for (const auto& [product, quantity] : invoices.invoices[number].lines)
                             lines.push_back({products[product], quantity});
                           append_post(to, "/orders/", order_body(store, lines));
                         },
                     .judge =
                         [&](std::size_t number, const Answer& answer) {
                           const bool is_confirmed = is_order(answer, "CONFIRMED");
                           if (is_confirmed) confirmed[number] = 1;
                           if (is_confirmed) return Verdict::counted;
                           return is_order(answer, "REJECTED") ? Verdict::passed_over : Verdict::wrong;
                         }});
  return confirmed;
}

class Audit {
 public:
  explicit Audit(std::vector<std::string>& faults) : faults_(faults) {}
  void equal(std::int64_t is, std::int64_t should_be, const std::string& what) {
    if (is == should_be) return;
    if (faults_.size() < kShownFaults)
      faults_.push_back(what + ": " + std::to_string(is) + ", not " + std::to_string(should_be));
  }

 private:
  std::vector<std::string>& faults_;
};

// By the API: every product's shelf is what was put there less what confirmed orders took.
std::map<std::int64_t, std::int64_t> listed_shelves(HttpClient& client, std::int64_t store) {
  std::map<std::int64_t, std::int64_t> result;
  for (const auto& row : parse(client.get("/stores/" + std::to_string(store) + "/inventory/")))
    result[row.at("product_id").get<std::int64_t>()] = row.at("quantity").get<std::int64_t>();
  return result;
}

// By the API, page after page.
std::int64_t listed_orders(HttpClient& client, std::int64_t store, const std::string& status) {
  const std::string list = "/stores/" + std::to_string(store) + "/orders/";
  std::int64_t count = 0;
  std::string target = list + "?limit=1000&status=" + status;
  while (!target.empty()) {
    const HttpResponse page = client.get(target);
    count += static_cast<std::int64_t>(parse(page).size());
    const std::string link = page.header("Link").value_or("");  // <http://…>; rel="next"
    const std::size_t at = link.find(list);
    target = at == std::string::npos ? "" : link.substr(at, link.find('>', at) - at);
  }
  return count;
}

std::map<std::int64_t, std::int64_t> summed_movements(const Location& database, std::int64_t store) {
  const std::string sums =
      " FROM (SELECT product_id, sum(change) AS remaining FROM movements WHERE store_id = " +
      std::to_string(store) + " GROUP BY product_id ORDER BY product_id) AS sums";
  const std::vector<std::int64_t> products = query_numbers(database, "SELECT product_id" + sums);
  const std::vector<std::int64_t> left = query_numbers(database, "SELECT remaining" + sums);
  std::map<std::int64_t, std::int64_t> result;
  for (std::size_t i = 0; i < products.size(); ++i) result[products[i]] = left[i];
  return result;
}

}  // namespace

Replay replay_invoices(const fs::path& online_retail, const Location& database, const ReplayPlan& plan) {
  Invoices invoices = read_invoices(online_retail);
  if (invoices.invoices.size() > plan.max_invoices) invoices.invoices.resize(plan.max_invoices);
  Replay replay;
  measure(invoices, replay);
  const std::vector<std::int64_t> stock = stock_to_reject(invoices, plan.rejected_share);
  import_goods(online_retail, invoices, stock, database);

  Server server(database);
  HttpClient client(server.port());
  const std::int64_t store = find_store(client);
  const std::vector<std::int64_t> products = find_products(invoices, database);
  const std::vector<char> confirmed = send(invoices, products, store, server.port(), plan, replay.load);

  std::vector<std::int64_t> left = stock;
  for (std::size_t i = 0; i < confirmed.size(); ++i) {
    if (confirmed[i] == 0) continue;
    for (const auto& [product, quantity] : invoices.invoices[i].lines) left[product] -= quantity;
  }
  replay.confirmed = static_cast<std::int64_t>(replay.load.counted);
  replay.rejected = static_cast<std::int64_t>(replay.load.passed_over);

  Audit audit(replay.faults);
  audit.equal(static_cast<std::int64_t>(replay.load.wrong), 0,
              "wrong answers (" + replay.load.first_wrong + ")");
  const auto shelves = listed_shelves(client, store);
  const auto movements = summed_movements(database, store);
  audit.equal(static_cast<std::int64_t>(shelves.size()), replay.products, "products listed");
  for (std::size_t i = 0; i < products.size(); ++i) {
    const auto shelf = shelves.find(products[i]);
    audit.equal(shelf == shelves.end() ? -1 : shelf->second, left[i], "the shelf of " + invoices.skus[i]);
    const auto sum = movements.find(products[i]);
    audit.equal(sum == movements.end() ? 0 : sum->second, left[i], "the movements of " + invoices.skus[i]);
  }
  audit.equal(listed_orders(client, store, "CONFIRMED"), replay.confirmed, "confirmed orders listed");
  audit.equal(listed_orders(client, store, "REJECTED"), replay.rejected, "rejected orders listed");
  const auto sent = static_cast<std::int64_t>(replay.invoices);
  audit.equal(query_number(database, "SELECT count(*) FROM orders"), sent, "orders stored");
  audit.equal(replay.confirmed + replay.rejected, sent, "orders confirmed or rejected");
  const int status = server.stop();
  const std::string log = server.log();
  audit.equal(status, 0,
              "the server's exit status, after " + log.substr(log.size() - std::min(log.size(), kShownLog)));
  return replay;
}

}  // namespace aforro::test
