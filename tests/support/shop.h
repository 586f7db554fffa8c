// A shop of known goods, served: what most tests of the API start from. Its database is a copy, so that no
// test sees what another did; its server ends with it, which must be with exit status 0.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_client.h"
#include "support/location.h"
#include "support/program.h"
#include "support/server.h"
#include "support/temporary_folder.h"

namespace aforro::test {

// What a database starts with. The corner shop is small enough to know by heart:
//
//     sku       title             price       category       North    South    West
//     MUG-RED   Red Mug           8.50        Kitchen           10        0
//     MUG-BLUE  Blue Mug          8.50        Kitchen            0        4
//     CUPS      Café Crème Cups   24.00       Kitchen            5
//     KNIFE     Bread Knife       19.99       Kitchen            3
//     SLICER    apple slicer      12.00       Kitchen           20
//     HOSE      Garden Hose       29.95       Garden             1
//     SPADE     Spade             35.00       Garden                     7
//     GNOME     Gnome             0.00        Garden                              2
//     KITE      Kite              651.46      Toys & Games
//     LAMP      Desk Lamp         9999999.99  Büro         1000000
//     TEA       Mugwort Tea       4.20        Pantry
//     CAT       Smug Cat          0.10        Toys & Games    1000
enum class Goods {
  none,
  corner,
  demo,     // `aforro seed`
  uniform,  // `aforro seed --uniform`
};

// A database of that content: the file "aforro.db" in the folder, or one of the shared server. Each kind is
// made once in a process, then copied.
Location make_database(Goods goods, const TemporaryFolder& folder);

// Makes a database of that content by the program's own commands, where there is none yet.
void fill_database(Goods goods, const Location& database);

// The program's `import` of a file with these lines into the database. Throws unless it exits with 0.
void import_products(const Location& database, std::string_view csv);
void import_inventory(const Location& database, std::string_view csv);

class Shop {
 public:
  // `arguments` are for `aforro serve`.
  explicit Shop(Goods goods = Goods::corner, std::vector<std::string> arguments = {});
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;
  ~Shop();

  // A client for most, and as many more as wanted.
  HttpClient& client() { return *client_; }
  HttpClient connect(std::string from = "127.0.0.1") const {
    return HttpClient(server_->port(), std::move(from));
  }
  Server& server() { return *server_; }
  const Location& database() const { return database_; }
  const TemporaryFolder& folder() const { return folder_; }

  // Starts a server again after the last one was stopped or killed. On another port: make clients anew.
  void restart();

  // Runs a command on the same database, beside the server.
  ProgramResult command(std::vector<std::string> arguments) const;

  // Numbers of what the shop calls so.
  std::int64_t store(std::string_view name) const;
  std::int64_t product(std::string_view sku) const;

  std::string inventory_path(std::string_view store_name) const;
  std::string orders_path(std::string_view store_name) const;

  // What the store's listing shows of the product now; -1 if it is not listed.
  std::int64_t quantity(std::string_view store_name, std::string_view sku);

 private:
  TemporaryFolder folder_;
  std::vector<std::string> arguments_;
  Location database_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<HttpClient> client_;
};

// The body of an order.
struct Line {
  std::int64_t product;
  std::int64_t quantity;
};
std::string order_body(std::int64_t store, const std::vector<Line>& lines);

}  // namespace aforro::test
