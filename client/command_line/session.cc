#include "client/command_line/session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace outerloop::client {
namespace {

constexpr absl::Duration kBetweenNotes = absl::Seconds(15);

// Says now and then that the coordinator is away, however often calls are tried.
class AwayNote {
 public:
  explicit AwayNote(std::function<void(const std::string&)> note) : note_(std::move(note)) {}

  void operator()(const absl::Status& failure) {
    const absl::Time now = absl::Now();
    if (now - last_ < kBetweenNotes) return;
    last_ = now;
    note_(absl::StrCat("the coordinator is away, trying again: ", failure.message()));
  }

 private:
  const std::function<void(const std::string&)> note_;
  absl::Time last_ = absl::InfinitePast();
};

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Session::Connect(
    const std::function<void(const std::string&)>& note) const {
  ClientOptions options;
  options.security = security;
  options.retry_for = absl::Seconds(retry_seconds);
  options.stop = stop;
  options.on_retry = AwayNote(note);
  return Client::Create(address, options);
}

absl::StatusOr<std::unique_ptr<Client>> Session::Connect() const {
  return Connect([&err = console.err](const std::string& text) { err << text << std::endl; });
}

StatusDisplay Session::MakeDisplay() const {
  return StatusDisplay(console.err,
                       {.is_terminal = console.err_is_terminal, .columns = console.columns});
}

void Session::Print(const Json& json_result, const std::string& text) const {
  console.out << (json() ? JsonToString(json_result) : text) << std::flush;
}

void Session::PrintError(const absl::Status& status) const {
  console.err << "outerloop: " << status.message() << std::endl;
  if (!json()) return;
  console.out << JsonToString({{"error",
                                {{"code", absl::StatusCodeToString(status.code())},
                                 {"message", std::string(status.message())}}}})
              << std::flush;
}

}  // namespace outerloop::client
