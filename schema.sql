-- The shop's tables for SQLite, as they are in a file of the present version. A new file runs this whole page; an
-- older one is brought here by the numbered steps in lib/shop/schema.cpp.
--
-- What holds everywhere:
--   * ids are positive 64-bit numbers given by the database and never given again;
--   * money is in whole minor units (cents), time in microseconds since 1970 (UTC);
--   * text is in Unicode NFC. A column `…_key` holds the text folded (no case, no accents): it is what texts are
--     compared and sorted by, bytewise, and `…_words` its folded words, one space between: it is what is searched
--     (lib/base/text.h says how both are made);
--   * PostgreSQL gets the same tables from a page of its own; what differs is only the types' names and the search.

-- Versions ---------------------------------------------------------------------------------------------------------

-- One row. Raised by every transaction that changes what a listing shows of the catalogue: a title, a price, a
-- category's name, or rows of inventory that come and go. With the inventory rows' own versions it tells whether a
-- cached listing is still true.
CREATE TABLE catalogue (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO catalogue (id, version) VALUES (1, 1);

-- Catalogue --------------------------------------------------------------------------------------------------------

CREATE TABLE categories (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  name     TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE  -- "Café" and "CAFE" are one category
) STRICT;

CREATE TABLE products (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  sku               TEXT UNIQUE,           -- the shop's own code, case matters; optional
  title             TEXT    NOT NULL,
  title_key         TEXT    NOT NULL,
  description       TEXT    NOT NULL,
  price_minor       INTEGER NOT NULL CHECK (price_minor BETWEEN 0 AND 999999999),
  category_id       INTEGER NOT NULL REFERENCES categories (id),
  created_at        INTEGER NOT NULL,
  title_words       TEXT    NOT NULL,
  category_words    TEXT    NOT NULL,      -- of its category's name, written again when that is renamed
  description_words TEXT    NOT NULL,
  sku_words         TEXT    NOT NULL DEFAULT '',
  title_pairs       TEXT    NOT NULL DEFAULT ''  -- one and two characters of Chinese, Japanese or Korean
) STRICT;
CREATE INDEX products_by_title    ON products (title_key, id);
CREATE INDEX products_by_price    ON products (price_minor, id);
CREATE INDEX products_by_age      ON products (created_at, id);
CREATE INDEX products_by_category ON products (category_id, price_minor);
CREATE INDEX products_by_title_in_category ON products (category_id, title_key, id);

-- Search -----------------------------------------------------------------------------------------------------------

-- Words, found whole or by their beginning. The words are split and folded already: the tokenizer has only the spaces
-- to look at. No index keeps a copy of the text; all follow from `products` by the triggers below.
CREATE VIRTUAL TABLE product_words USING fts5 (
  title_words, category_words, description_words, sku_words,
  content = 'products', content_rowid = 'id', tokenize = 'ascii', prefix = '1 2 3'
);
-- The inside of titles: every three characters that follow each other.
CREATE VIRTUAL TABLE title_trigrams USING fts5 (
  title_key,
  content = 'products', content_rowid = 'id', tokenize = 'trigram case_sensitive 1', detail = 'none'
);
-- The same of one and two characters, for scripts without spaces; only of titles that have such.
CREATE VIRTUAL TABLE paired_titles USING fts5 (
  title_pairs,
  content = 'products', content_rowid = 'id', tokenize = 'ascii', detail = 'none'
);

CREATE TRIGGER products_inserted AFTER INSERT ON products BEGIN
  INSERT INTO product_words (rowid, title_words, category_words, description_words, sku_words)
  VALUES (new.id, new.title_words, new.category_words, new.description_words, new.sku_words);
  INSERT INTO title_trigrams (rowid, title_key) VALUES (new.id, new.title_key);
  INSERT INTO paired_titles (rowid, title_pairs) SELECT new.id, new.title_pairs WHERE new.title_pairs <> '';
END;
CREATE TRIGGER products_deleted AFTER DELETE ON products BEGIN
  INSERT INTO product_words (product_words, rowid, title_words, category_words, description_words, sku_words)
  VALUES ('delete', old.id, old.title_words, old.category_words, old.description_words, old.sku_words);
  INSERT INTO title_trigrams (title_trigrams, rowid, title_key) VALUES ('delete', old.id, old.title_key);
  INSERT INTO paired_titles (paired_titles, rowid, title_pairs)
  SELECT 'delete', old.id, old.title_pairs WHERE old.title_pairs <> '';
END;
CREATE TRIGGER products_reworded AFTER UPDATE OF title_words, category_words, description_words, sku_words ON products
WHEN (old.title_words, old.category_words, old.description_words, old.sku_words)
  <> (new.title_words, new.category_words, new.description_words, new.sku_words) BEGIN
  INSERT INTO product_words (product_words, rowid, title_words, category_words, description_words, sku_words)
  VALUES ('delete', old.id, old.title_words, old.category_words, old.description_words, old.sku_words);
  INSERT INTO product_words (rowid, title_words, category_words, description_words, sku_words)
  VALUES (new.id, new.title_words, new.category_words, new.description_words, new.sku_words);
END;
CREATE TRIGGER products_retitled AFTER UPDATE OF title_key ON products WHEN old.title_key <> new.title_key BEGIN
  INSERT INTO title_trigrams (title_trigrams, rowid, title_key) VALUES ('delete', old.id, old.title_key);
  INSERT INTO title_trigrams (rowid, title_key) VALUES (new.id, new.title_key);
END;
CREATE TRIGGER products_paired AFTER UPDATE OF title_pairs ON products WHEN old.title_pairs <> new.title_pairs BEGIN
  INSERT INTO paired_titles (paired_titles, rowid, title_pairs)
  SELECT 'delete', old.id, old.title_pairs WHERE old.title_pairs <> '';
  INSERT INTO paired_titles (rowid, title_pairs) SELECT new.id, new.title_pairs WHERE new.title_pairs <> '';
END;

-- The folded words of titles, categories and descriptions (not of SKUs), each with the number of products that have
-- it: what spelling is corrected by and words are weighed by. Words of more than 32 characters, with a digit, or with a
-- Chinese, Japanese or Korean character are left out. Written with the products by all that write those
-- (lib/shop/vocabulary.h). A row stays when its count falls to 0.
CREATE TABLE vocabulary (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order of commits: what is past the last one known is new
  word     TEXT    NOT NULL UNIQUE,            -- '' counts all products
  products INTEGER NOT NULL CHECK (products >= 0)
) STRICT;
INSERT INTO vocabulary (word, products) VALUES ('', 0);

-- What else a search looks for: a query that has the word or phrase `term` finds `also` as well. One row for each
-- direction, so that two words which stand for each other have two. `…_words` are the folded words of the texts as they
-- were typed. Written by lib/shop/synonyms.cpp, which keeps their number within bounds.
CREATE TABLE synonyms (
  term_words TEXT NOT NULL,
  also_words TEXT NOT NULL,
  term       TEXT NOT NULL,
  also       TEXT NOT NULL,
  PRIMARY KEY (term_words, also_words),
  CHECK (term_words <> also_words)
) STRICT, WITHOUT ROWID;

-- Stock ------------------------------------------------------------------------------------------------------------

CREATE TABLE stores (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  name     TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  location TEXT NOT NULL
) STRICT;

-- What can be sold of a product in a store. No row: the store does not carry it.
CREATE TABLE inventory (
  store_id   INTEGER NOT NULL REFERENCES stores (id),
  product_id INTEGER NOT NULL REFERENCES products (id),
  quantity   INTEGER NOT NULL CHECK (quantity >= 0),  -- the last line of defence against overselling
  version    INTEGER NOT NULL DEFAULT 1,              -- raised by every change of the quantity
  PRIMARY KEY (store_id, product_id)
) STRICT, WITHOUT ROWID;
-- Which products are in stock anywhere. Partial, so that an order touches it only when a quantity reaches 0.
CREATE INDEX inventory_in_stock ON inventory (product_id) WHERE quantity > 0;

-- Orders -----------------------------------------------------------------------------------------------------------

CREATE TABLE orders (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  store_id          INTEGER NOT NULL REFERENCES stores (id),
  status            TEXT    NOT NULL
    CHECK (status IN ('PENDING', 'CONFIRMED', 'REJECTED', 'CANCELLED', 'EXPIRED')),
  created_at        INTEGER NOT NULL,
  expires_at        INTEGER,  -- of a reservation, whatever became of it; PENDING past it means EXPIRED
  customer_email    TEXT,
  total_items       INTEGER NOT NULL CHECK (total_items > 0),     -- lines
  total_quantity    INTEGER NOT NULL CHECK (total_quantity > 0),  -- pieces
  total_price_minor INTEGER NOT NULL,
  CHECK (status NOT IN ('PENDING', 'EXPIRED') OR expires_at IS NOT NULL)
) STRICT;
CREATE INDEX orders_by_store ON orders (store_id, created_at, id);
-- Most orders are confirmed, and a filter for that reads the index above; the few others have their own, so that
-- looking for them does not read through all orders.
CREATE INDEX orders_not_confirmed ON orders (store_id, status, created_at, id) WHERE status <> 'CONFIRMED';
-- Reservations by the time they end. Whoever needs stock asks it whether any is due, and where none is it costs one
-- look at its beginning; an order without a reservation never touches it.
CREATE INDEX orders_due ON orders (expires_at, store_id, id) WHERE status = 'PENDING';

CREATE TABLE order_lines (
  order_id         INTEGER NOT NULL REFERENCES orders (id),
  position         INTEGER NOT NULL,  -- from 0, in the order of the request
  product_id       INTEGER NOT NULL,
  product_title    TEXT    NOT NULL,  -- title and price as they were at that time
  quantity         INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
  unit_price_minor INTEGER NOT NULL,
  available        INTEGER,           -- of a rejected order: what the store had of it; of none of its lines where
                                      -- the order came from another program and nobody knows it
  PRIMARY KEY (order_id, position)
) STRICT, WITHOUT ROWID;

-- The ledger: every change of a quantity. The quantity of a row of inventory is the sum of its changes, always.
-- Rows are only ever added.
CREATE TABLE movements (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  store_id       INTEGER NOT NULL,
  product_id     INTEGER NOT NULL,
  reason         TEXT    NOT NULL CHECK (
    reason IN ('seed', 'receive', 'order', 'reserve', 'cancel', 'expire', 'adjust', 'transfer')
  ),
  change         INTEGER NOT NULL,
  quantity_after INTEGER NOT NULL CHECK (quantity_after >= 0),
  order_id       INTEGER,  -- what caused it, where that is an order
  created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX movements_by_store ON movements (store_id, id);

-- The first answer to a request that carried an Idempotency-Key, written with its order, kept for a day.
CREATE TABLE idempotency_keys (
  key         TEXT    NOT NULL PRIMARY KEY,
  fingerprint TEXT    NOT NULL,  -- a hash of what the request means
  order_id    INTEGER NOT NULL,
  answer      TEXT    NOT NULL,  -- the body, byte for byte
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Background -------------------------------------------------------------------------------------------------------

-- What is to be done later. A row leaves when its job is done, but for a periodic one, of which there is one a kind.
CREATE TABLE jobs (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       TEXT    NOT NULL,
  payload    TEXT    NOT NULL,
  state      TEXT    NOT NULL CHECK (state IN ('waiting', 'dead')),
  run_at     INTEGER NOT NULL,            -- not before; while a worker has it: when it counts as lost;
                                          -- of a dead one: when it died
  attempts   INTEGER NOT NULL DEFAULT 0,  -- begun
  last_error TEXT,
  created_at INTEGER NOT NULL,
  period     INTEGER                      -- microseconds from the end of one run to the next
) STRICT;
CREATE INDEX jobs_due ON jobs (kind, run_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_dead ON jobs (run_at, id) WHERE state = 'dead';
CREATE UNIQUE INDEX jobs_periodic ON jobs (kind) WHERE period IS NOT NULL;

-- Administration ---------------------------------------------------------------------------------------------------

CREATE TABLE users (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  username      TEXT    NOT NULL,
  username_key  TEXT    NOT NULL UNIQUE,
  email         TEXT,
  password_hash TEXT    NOT NULL,  -- Argon2id, in libsodium's encoded form; empty: none is set, so nobody may sign in
  is_superuser  INTEGER NOT NULL CHECK (is_superuser IN (0, 1)),
  created_at    INTEGER NOT NULL
) STRICT;
