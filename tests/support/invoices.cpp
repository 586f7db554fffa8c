#include "support/invoices.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include "base/csv.h"
#include "base/gzip.h"
#include "base/numbers.h"
#include "support/temporary_folder.h"

namespace aforro::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxUnpackedBytes = 256 * 1024 * 1024;
constexpr std::int64_t kMostQuantity = 1'000'000'000;
constexpr std::int64_t kWhole = 10'000;  // parts of what was sold, as stock_to_reject() tries them

// Calls `use` with the fields of every record after the first, which must be this header.
template <class Use>
void for_each_record(std::string_view csv, const std::vector<std::string>& header, Use use) {
  CsvReader reader(csv);
  CsvRecord record;
  if (!reader.next(record) || record.fields != header) throw std::runtime_error("the data has other columns");
  while (reader.next(record)) {
    if (record.fault || record.fields.size() != header.size())
      throw std::runtime_error("the data has a bad row in line " + std::to_string(record.line));
    use(record.fields);
  }
}

// What of each product one invoice takes, and whether the shelves have it.
bool serve(const Invoice& invoice, std::vector<std::int64_t>& shelves) {
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const auto& [product, quantity] = invoice.lines[i];
    if (shelves[product] >= quantity) {
      shelves[product] -= quantity;
      continue;
    }
    while (i-- > 0) shelves[invoice.lines[i].product] += invoice.lines[i].quantity;
    return false;
  }
  return true;
}

std::vector<std::int64_t> part_of(const std::vector<std::int64_t>& sold, std::int64_t part) {
  std::vector<std::int64_t> result;
  result.reserve(sold.size());
  for (const std::int64_t quantity : sold) result.push_back((quantity * part + kWhole - 1) / kWhole);
  return result;
}

}  // namespace

std::optional<fs::path> online_retail_folder() {
  const char* const data = std::getenv("AFORRO_DATA");
  if (data == nullptr) return std::nullopt;
  fs::path folder = fs::path(data) / "online_retail";
  return fs::is_directory(folder) ? std::optional(std::move(folder)) : std::nullopt;
}

Invoices read_invoices(const fs::path& online_retail) {
  Invoices result;
  std::unordered_map<std::string, std::size_t> products;
  const std::string product_file = read_file(online_retail / "products.csv");
  for_each_record(product_file, {"stock_code", "title", "median_unit_price_gbp", "units_sold", "n_orders"},
                  [&](const std::vector<std::string>& fields) {
                    products.emplace(fields[0], result.skus.size());
                    result.skus.push_back(fields[0]);
                  });

  std::unordered_map<std::string, std::size_t> places;
  const std::string lines = gunzip(read_file(online_retail / "order_lines.csv.gz"), kMaxUnpackedBytes);
  for_each_record(
      lines,
      {"invoice_no", "stock_code", "quantity", "invoice_date", "unit_price_gbp", "customer_id", "country"},
      [&](const std::vector<std::string>& fields) {
        const auto quantity = parse_whole_number(fields[2], -kMostQuantity, kMostQuantity);
        if (!quantity) throw std::runtime_error("the data has no quantity: " + fields[2]);
        const auto product = products.find(fields[1]);
        if (fields[0].starts_with('C') || *quantity <= 0 || product == products.end()) return;
        const auto [place, is_new] = places.try_emplace(fields[0], result.invoices.size());
        if (is_new) result.invoices.emplace_back();
        result.invoices[place->second].lines.push_back({product->second, *quantity});
      });
  return result;
}

std::vector<std::int64_t> stock_to_reject(const Invoices& invoices, double share) {
  std::vector<std::int64_t> sold(invoices.skus.size());
  for (const Invoice& invoice : invoices.invoices) {
    for (const auto& [product, quantity] : invoice.lines) sold[product] += quantity;
  }
  const auto wanted = static_cast<std::int64_t>(share * static_cast<double>(invoices.invoices.size()));
  const auto rejected = [&](std::int64_t part) {
    std::vector<std::int64_t> shelves = part_of(sold, part);
    return std::count_if(invoices.invoices.begin(), invoices.invoices.end(),
                         [&](const Invoice& invoice) { return !serve(invoice, shelves); });
  };
  // The largest part that still turns enough of them away.
  std::int64_t enough = 0;
  std::int64_t too_few = kWhole;
  while (too_few - enough > 1) {
    const std::int64_t middle = (enough + too_few) / 2;
    (rejected(middle) >= wanted ? enough : too_few) = middle;
  }
  return part_of(sold, enough);
}

}  // namespace aforro::test
