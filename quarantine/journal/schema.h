// SPDX-License-Identifier: GPL-2.0-only
// The tables of the journal. An older version is made anew from the vault, a newer one is refused.
#pragma once

namespace cordon {

constexpr int kJournalVersion = 1;

constexpr const char* kJournalSchema = R"sql(
CREATE TABLE items(
  id TEXT PRIMARY KEY, state INTEGER NOT NULL, received_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL, change INTEGER NOT NULL, mail_from TEXT NOT NULL,
  header_from TEXT NOT NULL, subject TEXT NOT NULL, score TEXT NOT NULL, rules TEXT NOT NULL,
  reason TEXT NOT NULL, virus TEXT NOT NULL, home TEXT NOT NULL, size INTEGER NOT NULL,
  sha256 TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', folder TEXT NOT NULL DEFAULT '',
  uid_validity INTEGER NOT NULL DEFAULT 0, uid INTEGER NOT NULL DEFAULT 0,
  learned INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX items_by_time ON items(received_at, id);
CREATE UNIQUE INDEX items_by_change ON items(change);
CREATE TABLE recipients(
  id TEXT NOT NULL, number INTEGER NOT NULL, path TEXT NOT NULL, state INTEGER NOT NULL,
  is_added INTEGER NOT NULL, reply TEXT NOT NULL DEFAULT '', changed_at INTEGER NOT NULL DEFAULT 0,
  release INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(id, number)) WITHOUT ROWID;
CREATE TABLE orders(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, who TEXT NOT NULL,
  at INTEGER NOT NULL, is_redirect INTEGER NOT NULL, allow_virus INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL,
  in_flight INTEGER NOT NULL DEFAULT 0);
CREATE INDEX orders_by_due ON orders(due);
CREATE INDEX orders_by_item ON orders(id);
CREATE TABLE events(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, at INTEGER NOT NULL,
  who TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX events_by_item ON events(id);
CREATE TABLE nonces(
  hash TEXT PRIMARY KEY, purpose TEXT NOT NULL, id TEXT NOT NULL, release INTEGER NOT NULL,
  expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE state(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counter(value INTEGER NOT NULL);
INSERT INTO counter VALUES(0);
)sql";

/// Tables that came later; made where they are missing.
constexpr const char* kJournalAdditions = R"sql(
CREATE TABLE IF NOT EXISTS digests(
  address TEXT PRIMARY KEY, sent_at INTEGER NOT NULL, listed_until INTEGER NOT NULL,
  not_before INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lessons(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, what INTEGER NOT NULL,
  who TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL);
)sql";

}  // namespace cordon
