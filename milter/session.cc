// SPDX-License-Identifier: GPL-2.0-only
#include "milter/session.h"

#include <stdexcept>

#include "conf/base/log.h"

namespace cordon {

namespace {

std::shared_ptr<Metrics> own_metrics() {
    auto made = Metrics::shared();
    if (!made) throw std::runtime_error(made.error().what);
    return *made;
}

}  // namespace

MilterProcess::MilterProcess(SnapshotPtr snapshot, std::shared_ptr<Metrics> metrics)
    : snapshot_(snapshot),
      budget_(snapshot->configuration->milter.memory.value),
      context_{budget_,
               snapshot->configuration->cordon.state_directory,
               snapshot->configuration->socket_path("keeper"),
               snapshot->configuration->milter.socket.family != MilterSocket::Family::unix_domain,
               metrics ? std::move(metrics) : own_metrics(),
               nullptr} {}

SnapshotPtr MilterProcess::snapshot() {
    return snapshot_.with([](const SnapshotPtr& snapshot) { return snapshot; });
}

void MilterProcess::replace_snapshot(SnapshotPtr snapshot) {
    snapshot_.with([&](SnapshotPtr& current) { current.swap(snapshot); });
}

void Session::connect(std::string client_name, const IpAddress& client) {
    client_name_ = std::move(client_name);
    client_ = client;
    prefetch_client(*process_.snapshot(), client);
}

void Session::helo(std::string name) {
    helo_ = std::move(name);
}

void Session::forget_message() {
    transaction_.reset();
    failure_.clear();
}

void Session::mail(const std::vector<std::string>& arguments, std::string_view auth_user) {
    forget_message();
    transaction_ = std::make_unique<Transaction>(process_.snapshot(), process_.context());
    transaction_->examination().connect(client_name_, client_);
    transaction_->examination().helo(helo_);
    transaction_->mail(arguments, auth_user);
}

void Session::rcpt(const std::vector<std::string>& arguments) {
    if (transaction_) transaction_->rcpt(arguments);
}

void Session::header(std::string_view name, std::string_view value) {
    if (transaction_) transaction_->header(name, value);
}

void Session::end_of_header() {
    if (transaction_) transaction_->end_of_header();
}

bool Session::body(std::string_view chunk) {
    if (!transaction_) return false;
    transaction_->body(chunk);
    return transaction_->wants_more();
}

namespace {

class CountedIn {
 public:
    CountedIn(std::atomic<int>& counter, Metrics& metrics) : counter_(counter), metrics_(metrics) {
        ++counter_;
        metrics_.add_in_flight(1);
    }
    ~CountedIn() {
        --counter_;
        metrics_.add_in_flight(-1);
    }
    CountedIn(const CountedIn&) = delete;
    CountedIn& operator=(const CountedIn&) = delete;

 private:
    std::atomic<int>& counter_;
    Metrics& metrics_;
};

}  // namespace

sfsistat Session::end_of_message(Reply& reply) {
    // Without MAIL there is no message; an answer of "fine" would pass one unseen.
    if (!transaction_) return SMFIS_TEMPFAIL;
    const CountedIn counted(process_.in_flight(), *process_.context().metrics);
    const auto transaction = std::exchange(transaction_, nullptr);
    const std::string failure = std::exchange(failure_, {});
    try {
        if (!failure.empty()) return transaction->fail_safely(reply, failure);
        return transaction->end_of_message(reply);
    } catch (const std::exception& error) {
        return transaction->fail_safely(reply, error.what());
    }
}

void Session::step_failed(std::string_view what) {
    failure_ = what;
    log::error("step-failed", {{"error", what}});
}

}  // namespace cordon
