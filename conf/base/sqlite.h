// SPDX-License-Identifier: GPL-2.0-only
// SQLite: one connection, prepared statements, transactions. Errors name the file. A Database and
// its statements belong to one thread at a time.
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "conf/base/owned.h"
#include "conf/base/result.h"

namespace cordon {

class SqlStatement {
 public:
    template <typename... Values>
    SqlStatement& bind(const Values&... values) {
        next_ = 1;
        (bind_one(values), ...);
        return *this;
    }
    /// True: a row is there. After the last one the statement is ready to be bound again.
    Result<bool> step();
    /// For what gives no rows; nor does it mind some.
    Result<void> run();

    std::int64_t integer(int column) const { return ::sqlite3_column_int64(raw(), column); }
    double real(int column) const { return ::sqlite3_column_double(raw(), column); }
    std::string text(int column) const;  // also of a blob
    bool is_null(int column) const { return ::sqlite3_column_type(raw(), column) == SQLITE_NULL; }

 private:
    friend class SqlDatabase;
    using Handle = Owned<sqlite3_stmt, ::sqlite3_finalize>;
    explicit SqlStatement(Handle handle) : handle_(std::move(handle)) {}
    sqlite3_stmt* raw() const { return handle_.get(); }

    void bind_one(std::string_view value);
    void bind_one(double value) { ::sqlite3_bind_double(raw(), next_++, value); }
    template <std::integral T>
    void bind_one(T value) {
        ::sqlite3_bind_int64(raw(), next_++, static_cast<std::int64_t>(value));
    }

    Handle handle_;
    int next_ = 1;
};

class SqlDatabase {
 public:
    /// Opens or makes the file (mode 0600), with a write-ahead log; what is no database is an
    /// error. Commits are durable (fsync) unless set_durable(false).
    static Result<SqlDatabase> open(const std::string& path);
    /// Whether a commit waits for the disk. Without it a power failure may undo the last commits,
    /// never damage the file.
    Result<void> set_durable(bool value);

    /// Makes the tables of a new file and notes the version of its schema; a file of a newer
    /// version is refused in a sentence (is_newer_store), one of an older version likewise.
    Result<void> adopt(int version, const char* schema);

    /// One or several statements without parameters.
    Result<void> run(const char* sql);
    Result<SqlStatement> prepare(std::string_view sql);
    /// Prepares, binds, runs once.
    template <typename... Values>
    Result<void> run_with(std::string_view sql, const Values&... values) {
        auto statement = prepare(sql);
        if (!statement) return tl::unexpected(statement.error());
        return statement->bind(values...).run();
    }
    std::int64_t last_row_id() const { return ::sqlite3_last_insert_rowid(handle_.get()); }
    std::int64_t changed_rows() const { return ::sqlite3_changes64(handle_.get()); }

 private:
    using Handle = Owned<sqlite3, ::sqlite3_close>;
    SqlDatabase(Handle handle, std::string path)
        : handle_(std::move(handle)), path_(std::move(path)) {}
    Handle handle_;
    std::string path_;
};

/// The file was written by a newer version of Cordon: it is whole, and must not be put aside.
bool is_newer_store(const Error& error);

/// Undone unless committed.
class SqlTransaction {
 public:
    explicit SqlTransaction(SqlDatabase& database);
    ~SqlTransaction();
    SqlTransaction(const SqlTransaction&) = delete;
    SqlTransaction& operator=(const SqlTransaction&) = delete;

    Result<void> commit();

 private:
    SqlDatabase& database_;
    Result<void> begun_;
    bool is_open_ = true;
};

}  // namespace cordon
