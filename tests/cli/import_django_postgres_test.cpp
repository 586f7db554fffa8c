// `aforro import django` of three services that differ, each made by Debian's Django: from its database, on
// PostgreSQL or in a file, and from its dump, which must come to the same.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/django_project.h"
#include "support/expect_program.h"
#include "support/postgres_cluster.h"
#include "support/program.h"

using namespace aforro::test;

namespace {

bool is_skipped() {
  if (DjangoProject::is_installed() && PostgresCluster::is_installed()) return false;
  MESSAGE(
      "skipped: python3-django, python3-psycopg2 or PostgreSQL is not installed (scripts/install-packages"
      " services)");
  return true;
}

// Whole numbers, small letters, floats, names in place of titles; nothing in the database keeps a product
// from having two rows in a store.
const DjangoProject::Source kSales{.apps = {{"sales", R"py(
from django.db import models

class Category(models.Model):
    name = models.CharField(max_length=80)

class Product(models.Model):
    name = models.CharField(max_length=300)
    description = models.TextField(null=True)
    price = models.FloatField()
    category = models.ForeignKey(Category, on_delete=models.CASCADE)
    created_at = models.DateTimeField()

class Store(models.Model):
    name = models.CharField(max_length=80)
    location = models.CharField(max_length=80)

class Stock(models.Model):
    store = models.ForeignKey(Store, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.IntegerField()

class Order(models.Model):
    store = models.ForeignKey(Store, on_delete=models.CASCADE)
    status = models.CharField(max_length=20)
    created_at = models.DateTimeField()

class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField()
    price_at_purchase = models.DecimalField(max_digits=10, decimal_places=2)
)py"}},
                                   .fill = R"py(
from datetime import datetime, timedelta, timezone
from django.contrib.auth.models import User
from sales.models import *

day = datetime(2025, 3, 1, 12, 30, 15, 123000, tzinfo=timezone.utc)
kitchen = Category.objects.create(name="Kitchen")
also = Category.objects.create(name="KITCHEN")
mug = Product.objects.create(name="Red Mug", description="a\r\nb", price=0.1 + 0.2, category=kitchen, created_at=day)
lamp = Product.objects.create(name="x" * 260, price=19.99, category=also, created_at=day)
north = Store.objects.create(name="North", location="Here")
other = Store.objects.create(name="north", location="There")
Stock.objects.create(store=north, product=mug, quantity=3)
Stock.objects.create(store=north, product=mug, quantity=4)
Stock.objects.create(store=other, product=lamp, quantity=-1)
def order(status, days, *lines):
    made = Order.objects.create(store=north, status=status, created_at=day + timedelta(days=days))
    for product, quantity, price in lines:
        OrderItem.objects.create(order=made, product=product, quantity=quantity, price_at_purchase=price)
order("confirmed", 2, (mug, 2, "8.50"), (lamp, 1, "20.00"))
order("pending", 1, (mug, 30, "8.50"))
order("rejected", 3, (mug, 300, "8.50"))
order("shipped", 4, (mug, 1, "8.00"), (mug, 1, "9.00"))
order("confirmed", 5)
User.objects.create_user("guest", password="none of ours")
User.objects.create_superuser("ada", "ada@example.org", "none of ours")
)py"};

// UUIDs everywhere, users of its own, branches in place of stores, products without a category, no price of
// an item.
const DjangoProject::Source kUuids{.apps = {{"core", R"py(
import uuid
from django.contrib.auth.models import AbstractUser
from django.db import models

class Keyed(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    class Meta:
        abstract = True

class Member(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)

class Category(Keyed):
    name = models.CharField(max_length=80)

class Product(Keyed):
    title = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=8, decimal_places=3)
    category = models.ForeignKey(Category, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()

class Branch(Keyed):
    name = models.CharField(max_length=80)

class Inventory(Keyed):
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField()

class Order(Keyed):
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE)
    placed_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=20)
    created_at = models.DateTimeField()

class OrderItem(Keyed):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity_requested = models.PositiveIntegerField()
)py"}},
                                   .fill = R"py(
from datetime import datetime, timedelta, timezone
from uuid import UUID
from core.models import *

day = datetime(2025, 3, 1, tzinfo=timezone.utc)
tea = Category.objects.create(id=UUID(int=0xC0), name="Tea")
# The older product has the higher key.
old = Product.objects.create(id=UUID(int=0xFF), title="Old", price="1.005", category=tea, created_at=day)
new = Product.objects.create(id=UUID(int=0x01), title="New", price="2", created_at=day + timedelta(days=1))
here = Branch.objects.create(id=UUID(int=0xB0), name="Here")
Inventory.objects.create(branch=here, product=new, quantity=5)
member = Member.objects.create(id=UUID(int=0xA0), username="ada", is_staff=True)
for i, status in enumerate(["CONFIRMED", "REJECTED", "CANCELLED"]):
    order = Order.objects.create(id=UUID(int=90 - i), branch=here, placed_by=member, status=status,
                                 created_at=day + timedelta(days=2 + i))
    OrderItem.objects.create(order=order, product=old, quantity_requested=1 + i)
    OrderItem.objects.create(order=order, product=new, quantity_requested=2)
)py",
                                   .settings = "'AUTH_USER_MODEL': 'core.Member'"};

// Three apps, tables named otherwise, no foreign keys in the database and so rows that are gone, prices as
// text, times without a zone.
const DjangoProject::Source kLoose{.apps = {{"goods", R"py(
from django.db import models

class Kind(models.Model):
    name = models.CharField(max_length=80)
    class Meta:
        db_table = "kinds"

class Article(models.Model):
    title = models.CharField(max_length=200)
    description = models.TextField()
    price = models.TextField()
    kind = models.ForeignKey(Kind, on_delete=models.CASCADE, db_constraint=False)
    class Meta:
        db_table = "articles"
)py"},
                                            {"depots", R"py(
from django.db import models

class Depot(models.Model):
    name = models.CharField(max_length=80)
    location = models.TextField()
    class Meta:
        db_table = "depots"

class Level(models.Model):
    depot = models.ForeignKey(Depot, on_delete=models.CASCADE, db_constraint=False)
    article = models.ForeignKey("goods.Article", on_delete=models.CASCADE, db_constraint=False)
    quantity = models.IntegerField()
    class Meta:
        db_table = "levels"
)py"},
                                            {"till", R"py(
from django.db import models

class Sale(models.Model):
    depot = models.ForeignKey("depots.Depot", on_delete=models.CASCADE, db_constraint=False)
    status = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    class Meta:
        db_table = "sales"

class Sold(models.Model):
    sale = models.ForeignKey(Sale, on_delete=models.CASCADE, db_constraint=False)
    article = models.ForeignKey("goods.Article", on_delete=models.CASCADE, db_constraint=False)
    quantity = models.IntegerField()
    class Meta:
        db_table = "sold"
)py"}},
                                   .fill = R"py(
from datetime import datetime
from depots.models import *
from goods.models import *
from till.models import *

kind = Kind.objects.create(name="Tools")
Article.objects.create(title="Saw", description="", price="12.50", kind=kind)
Article.objects.create(title="Axe", description="", price="a lot", kind_id=77)
Depot.objects.create(name="One", location="x")
Level.objects.create(depot_id=1, article_id=1, quantity=5)
Level.objects.create(depot_id=1, article_id=66, quantity=5)
Level.objects.create(depot_id=55, article_id=1, quantity=5)
Sale.objects.create(depot_id=1, status="CONFIRMED", created_at=datetime(2025, 3, 1, 10, 0, 0, 5000))
Sale.objects.create(depot_id=44, status="CONFIRMED", created_at=datetime(2025, 3, 1))
Sold.objects.create(sale_id=1, article_id=1, quantity=2)
Sold.objects.create(sale_id=1, article_id=88, quantity=2)
Sold.objects.create(sale_id=99, article_id=1, quantity=2)
)py",
                                   .settings = "'USE_TZ': False"};

const std::vector<std::string> kLooseTables{"--table",  "stores=depots",
                                            "--table",  "categories=kinds",
                                            "--column", "products.category=kind_id",
                                            "--column", "inventory.store=depot_id",
                                            "--column", "inventory.product=article_id",
                                            "--column", "orders.store=depot_id",
                                            "--column", "items.order=sale_id",
                                            "--column", "items.product=article_id"};
const std::vector<std::string> kLooseModels{
    "--table",  "stores=depots.depot",       "--table",  "categories=goods.kind",
    "--column", "products.category=kind",    "--column", "inventory.store=depot",
    "--column", "inventory.product=article", "--column", "orders.store=depot",
    "--column", "items.order=sale",          "--column", "items.product=article"};

// The shop that a source becomes, as texts that two sources must agree on.
struct Imported {
  Imported(const std::string& source, const std::vector<std::string>& options)
      : result(run_program(command(source, options), {.folder = folder.path()})) {}

  std::vector<std::string> command(const std::string& source, const std::vector<std::string>& options) const {
    std::vector<std::string> words{"import", "django", source, "--database", shop.string()};
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }

  std::string rows() const {
    std::string all;
    for (const char* const query :
         {"SELECT id || name FROM categories ORDER BY id",
          "SELECT id || title || description || price_minor || '/' || category_id || '/' || created_at FROM "
          "products"
          " ORDER BY id",
          "SELECT id || name || location FROM stores ORDER BY id",
          "SELECT store_id || '/' || product_id || '/' || quantity FROM inventory ORDER BY 1",
          "SELECT id || status || created_at || '/' || total_price_minor FROM orders ORDER BY id",
          "SELECT order_id || '/' || position || '/' || product_id || '/' || quantity || '/' || "
          "unit_price_minor"
          " FROM order_lines ORDER BY order_id, position",
          "SELECT id || reason || change || '/' || quantity_after FROM movements ORDER BY id",
          "SELECT id || username || password_hash || is_superuser FROM users ORDER BY id"}) {
      for (const std::string& row : query_texts(shop, query)) all += row + '\n';
    }
    return all;
  }

  TemporaryFolder folder;
  Location shop = folder / "shop.db";
  ProgramResult result;
};

void check_imported(const Imported& imported) {
  INFO(imported.result.out, imported.result.err);
  REQUIRE(imported.result.exit_status == 0);
  check_verified(imported.shop);
}

}  // namespace

TEST_CASE(
    "a service with whole numbers, small letters, floats and rows twice comes over, from database and dump "
    "alike") {
  if (is_skipped()) return;
  const TemporaryFolder folder;
  const DjangoProject project(free_location(folder, Engine::postgres), kSales);

  const Imported refused(project.database().string(), {});
  check_refused(refused.result,
                "there are orders with a status that is not known here: \"shipped\" (1 order)");
  CHECK(!is_made(refused.shop));

  const Imported from_database(project.database().string(), {"--status", "shipped=confirmed"});
  check_imported(from_database);
  const std::string& out = from_database.result.out;
  CHECK(has(out,
            "prices that were not whole cents: rounded (1)\n    product 1: 0.30000000000000004 is 0.30\n"));
  CHECK(has(out, "texts that are too long: cut (1)\n"));
  CHECK(has(out, "store 2: north is north (2)\n"));
  CHECK(has(out, "stores with more than one row of a product: added up (1)\n"));
  CHECK(has(out, "orders without an item that could be taken: left out (1)\n    order 5\n"));
  CHECK(has(out, "lines added up of items with different prices: at their mean (1)\n    order 4\n"));
  CHECK(has(out, "users that are no staff: left out (1)\n"));
  CHECK(query_texts(from_database.shop, "SELECT status FROM orders ORDER BY id") ==
        std::vector<std::string>{"CONFIRMED", "CANCELLED", "REJECTED", "CONFIRMED"});
  CHECK(query_numbers(from_database.shop, "SELECT quantity FROM inventory ORDER BY store_id, product_id") ==
        std::vector<std::int64_t>{7, 0, 0});
  CHECK(query_texts(from_database.shop, "SELECT username || password_hash FROM users") ==
        std::vector<std::string>{"ada"});
  CHECK(query_number(from_database.shop, "SELECT count(*) FROM jobs") == 0);

  const Imported from_dump(project.dump().string(), {"--status", "shipped=confirmed"});
  check_imported(from_dump);
  CHECK(from_dump.rows() == from_database.rows());
  drop_database(project.database());
}

TEST_CASE("a service with UUIDs is numbered by age, with a table of old and new beside the shop") {
  if (is_skipped()) return;
  const TemporaryFolder folder;
  const DjangoProject project(free_location(folder, Engine::postgres), kUuids);
  const Imported from_database(project.database().string(), {});
  check_imported(from_database);
  CHECK(query_texts(from_database.shop, "SELECT title FROM products ORDER BY id") ==
        std::vector<std::string>{"Old", "New"});
  CHECK(query_texts(from_database.shop, "SELECT status FROM orders ORDER BY id") ==
        std::vector<std::string>{"CONFIRMED", "REJECTED", "CANCELLED"});
  CHECK(
      query_texts(from_database.shop,
                  "SELECT c.name FROM products p JOIN categories c ON c.id = p.category_id ORDER BY p.id") ==
      std::vector<std::string>{"Tea", "Uncategorized"});
  CHECK(has(from_database.result.out, "2 REJECTED") == false);
  const std::string ids = read_file(from_database.shop.string() + ".ids.tsv");
  CHECK(ids ==
        "table\told\tnew\n"
        "categories\t00000000-0000-0000-0000-0000000000c0\t1\n"
        "products\t00000000-0000-0000-0000-0000000000ff\t1\n"
        "products\t00000000-0000-0000-0000-000000000001\t2\n"
        "stores\t00000000-0000-0000-0000-0000000000b0\t1\n"
        "orders\t00000000-0000-0000-0000-00000000005a\t1\n"
        "orders\t00000000-0000-0000-0000-000000000059\t2\n"
        "orders\t00000000-0000-0000-0000-000000000058\t3\n"
        "users\t00000000-0000-0000-0000-0000000000a0\t1\n");

  const Imported from_dump(project.dump().string(), {});
  check_imported(from_dump);
  CHECK(from_dump.rows() == from_database.rows());
  drop_database(project.database());
}

TEST_CASE(
    "a service without foreign keys and with rows that are gone comes over once its columns are named") {
  if (is_skipped()) return;
  const TemporaryFolder folder;
  const DjangoProject project(folder / "db.sqlite3", kLoose);
  const Imported unsaid(project.database().string(), {});
  check_refused(unsaid.result, "--column inventory.store=branch_id");

  const Imported from_file(project.database().string(), kLooseTables);
  check_imported(from_file);
  const std::string& out = from_file.result.out;
  CHECK(has(out,
            "inventory rows whose store or product is not there: left out (2)\n"
            "    store 1, product 66\n    store 55, product 1\n"));
  CHECK(has(out, "orders whose store is not there: left out with their items (1)\n    order 2: store 44\n"));
  CHECK(has(out, "order items whose order is not there: left out (1)\n    order 99, product 1\n"));
  CHECK(has(out, "order items whose product is not there: left out (1)\n    order 1, product 88\n"));
  CHECK(has(out, "products without a price that can be read: 0.00 (1)\n    product 2\n"));
  CHECK(has(out, "products whose category is not there: in Uncategorized (1)\n    product 2: category 77\n"));
  CHECK(query_number(from_file.shop, "SELECT created_at FROM orders") == 1'740'823'200'005'000);

  const Imported from_dump(project.dump().string(), kLooseModels);
  check_imported(from_dump);
  // Products have no time there, so they have that of each import.
  CHECK(query_texts(from_dump.shop, "SELECT reason || change FROM movements ORDER BY id") ==
        query_texts(from_file.shop, "SELECT reason || change FROM movements ORDER BY id"));
}

TEST_CASE("the service that the program replaces comes over whole, with some thousand orders") {
  if (is_skipped()) return;
  const char* const data = std::getenv("AFORRO_DATA");
  const std::filesystem::path models =
      std::filesystem::path(data == nullptr ? "" : data) / "../peer/shop/models.py";
  if (data == nullptr || !std::filesystem::exists(models)) {
    MESSAGE("skipped: AFORRO_DATA does not say where the service that is replaced is");
    return;
  }
  // Its views take an order so, one line of a product each, all or nothing.
  constexpr const char* kFill = R"py(
import random
from django.db import transaction
from shop.models import *

random.seed(5)
kinds = Category.objects.bulk_create([Category(name="Category %d" % i) for i in range(5)])
products = Product.objects.bulk_create([Product(title="Thing %d" % i, price=random.randint(1, 99999) / 100,
                                                category=kinds[i % 5]) for i in range(200)])
stores = Store.objects.bulk_create([Store(name="Store %d" % (i // 2), location="x") for i in range(6)])
stock = {(s.pk, p.pk): 30 for s in stores for p in products[:150]}
lines = []
with transaction.atomic():
    for i in range(3000):
        store = random.choice(stores)
        wanted = {p.pk: random.randint(1, 3) for p in random.sample(products[:151], random.randint(1, 4))}
        enough = all(stock.get((store.pk, p), 0) >= n for p, n in wanted.items())
        order = Order.objects.create(store=store, status="CONFIRMED" if enough else "REJECTED")
        lines += [OrderItem(order=order, product_id=p, quantity_requested=n) for p, n in wanted.items()]
        if enough:
            for p, n in wanted.items():
                stock[store.pk, p] -= n
    OrderItem.objects.bulk_create(lines)
    Inventory.objects.bulk_create([Inventory(store_id=s, product_id=p, quantity=q) for (s, p), q in stock.items()])
)py";
  const TemporaryFolder folder;
  const DjangoProject project(free_location(folder, Engine::postgres),
                              {.apps = {{"shop", read_file(models)}}, .fill = kFill});
  const Imported imported(project.database().string(), {});
  check_imported(imported);
  CHECK(has(imported.result.out, "orders\t3000\t3000\n"));
  CHECK(has(imported.result.out,
            "names that another row has without regard to case and accents: numbered (3)\n"));
  // What was sold is what the shelves held at first, less what is there.
  CHECK(query_number(imported.shop, "SELECT sum(change) FROM movements WHERE reason = 'receive'") ==
        6 * 150 * 30);
  CHECK(query_number(imported.shop, "SELECT sum(-change) FROM movements WHERE reason = 'order'") ==
        6 * 150 * 30 - query_number(imported.shop, "SELECT sum(quantity) FROM inventory"));
  CHECK(query_number(imported.shop, "SELECT max(id) FROM orders") == 3000);
  drop_database(project.database());
}
