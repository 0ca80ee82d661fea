// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "conf/base/file_descriptor.h"

namespace cordon {

namespace {

constexpr int kBusyMilliseconds = 10'000;
constexpr std::string_view kNewer = "written by a newer version of Cordon";

tl::unexpected<Error> sql_failure(sqlite3* database) {
    const char* const name = ::sqlite3_db_filename(database, "main");
    auto what =
        fmt::format("{}: {}", name != nullptr ? name : "database", ::sqlite3_errmsg(database));
    // "disk I/O error" says too little of a disk that is full.
    const bool is_of_system = (::sqlite3_errcode(database) & 0xff) == SQLITE_IOERR;
    if (const int error = is_of_system ? ::sqlite3_system_errno(database) : 0; error != 0)
        what += std::string(": ") + std::strerror(error);
    return fail(std::move(what));
}

}  // namespace

std::string SqlStatement::text(int column) const {
    const void* const bytes = ::sqlite3_column_blob(raw(), column);
    const int size = ::sqlite3_column_bytes(raw(), column);
    if (bytes == nullptr || size <= 0) return {};
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

void SqlStatement::bind_one(std::string_view value) {
    // A null pointer would bind NULL, which is another thing than the empty text.
    ::sqlite3_bind_text64(raw(), next_++, value.empty() ? "" : value.data(), value.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8);
}

Result<bool> SqlStatement::step() {
    const int code = ::sqlite3_step(raw());
    if (code == SQLITE_ROW) return true;
    ::sqlite3_reset(raw());
    if (code == SQLITE_DONE) return false;
    return sql_failure(::sqlite3_db_handle(raw()));
}

Result<void> SqlStatement::run() {
    for (;;) {
        const auto row = step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return {};
    }
}

namespace {

/// SQLite would make it with the umask's mode. One that is there is not opened here: to close it
/// would drop the locks that SQLite has on it in this process, and whoever looked at it then would
/// delete its log.
Result<void> make_private(const std::string& path) {
    const UniqueFd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made && errno != EEXIST) return fail_errno(path);
    return {};
}

}  // namespace

Result<SqlDatabase> SqlDatabase::open(const std::string& path) {
    if (auto done = make_private(path); !done) return tl::unexpected(done.error());
    sqlite3* raw = nullptr;
    const int code = ::sqlite3_open_v2(
        path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        nullptr);
    Handle handle(raw);
    if (code != SQLITE_OK) return fail(fmt::format("{}: {}", path, ::sqlite3_errstr(code)));
    ::sqlite3_busy_timeout(raw, kBusyMilliseconds);
    SqlDatabase out(std::move(handle), path);
    if (auto done = out.run("PRAGMA journal_mode=WAL"); !done) return tl::unexpected(done.error());
    if (auto done = out.set_durable(true); !done) return tl::unexpected(done.error());
    return out;
}

Result<void> SqlDatabase::set_durable(bool value) {
    return run(value ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

Result<void> SqlDatabase::run(const char* sql) {
    if (::sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return sql_failure(handle_.get());
    return {};
}

Result<SqlStatement> SqlDatabase::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    if (::sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw,
                             nullptr) != SQLITE_OK)
        return sql_failure(handle_.get());
    return SqlStatement(SqlStatement::Handle(raw));
}

Result<void> SqlDatabase::adopt(int version, const char* schema) {
    std::int64_t found = 0;
    {
        auto statement = prepare("PRAGMA user_version");
        if (!statement) return tl::unexpected(statement.error());
        if (auto row = statement->step(); !row) return tl::unexpected(row.error());
        found = statement->integer(0);
    }
    if (found == version) return {};
    if (found > version)
        return fail(
            fmt::format("{}: {} (its version is {}, this one knows {}); put that version "
                        "of Cordon back, or restore a backup from before",
                        path_, kNewer, found, version));
    if (found != 0)
        return fail(fmt::format("{}: its version is {}, this one knows {}", path_, found, version));
    SqlTransaction transaction(*this);
    if (auto done = run(schema); !done) return done;
    const std::string pragma = fmt::format("PRAGMA user_version={}", version);
    if (auto done = run(pragma.c_str()); !done) return done;
    return transaction.commit();
}

bool is_newer_store(const Error& error) {
    return error.what.find(kNewer) != std::string::npos;
}

SqlTransaction::SqlTransaction(SqlDatabase& database)
    : database_(database), begun_(database.run("BEGIN IMMEDIATE")), is_open_(begun_.has_value()) {}

SqlTransaction::~SqlTransaction() {
    if (is_open_) static_cast<void>(database_.run("ROLLBACK"));
}

Result<void> SqlTransaction::commit() {
    if (!begun_) return begun_;
    auto done = database_.run("COMMIT");
    if (done) is_open_ = false;
    return done;
}

}  // namespace cordon
