// A coordinator and workers as child processes: outerloop on one machine.
#ifndef OUTERLOOP_CLIENT_LOCAL_CLUSTER_H_
#define OUTERLOOP_CLIENT_LOCAL_CLUSTER_H_

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/supervisor.h"

namespace outerloop::client {

struct LocalClusterOptions {
  std::string bin_dir;                    // Folder of outerloop-coordinator and -worker.
  std::string listen = "localhost:7070";  // Of the coordinator; port 0 takes a free one.
  int metrics_port = 9464;                // Of the coordinator; 0 takes a free one.
  int worker_metrics_port = 0;            // Of the first worker, the others' follow; 0: free ones.
  std::string data_dir;                   // Of the coordinator; workers keep their caches in it.
  bool insecure = false;                  // Others than this machine may reach it.
  int workers = 1;                        // At least 0.
  int threads = 1;                        // Of each worker. At least 1.
  absl::Duration start_timeout = absl::Seconds(60);  // For the coordinator to serve.
  absl::Duration stop_timeout = absl::Seconds(15);   // For workers, then for the coordinator.
  BackoffOptions restart_backoff = RestartOptions().backoff;
  // Lines for people: what workers print, and who is started again. From any thread.
  std::function<void(const std::string& text)> log = [](const std::string&) {};

  // INVALID_ARGUMENT if a value is outside its range; NOT_FOUND if a program is missing.
  absl::Status Validate() const;
};

// Starts the coordinator, waits until it serves, and starts the workers; whoever ends is started
// again (RestartPolicy; the coordinator may fail 5 times before it first serves). Thread-safe, but
// for Stop.
class LocalCluster {
 public:
  // Blocks until the coordinator serves. FAILED_PRECONDITION with the reason if it gives up,
  // DEADLINE_EXCEEDED after `start_timeout`, CANCELLED once `stop` is requested; nothing is left
  // running then.
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Start(const LocalClusterOptions& options,
                                                             const std::stop_token& stop);
  // As Stop.
  ~LocalCluster();

  // HOST:PORT where clients find the coordinator. Stays the same when that is started again.
  std::string address() const;
  // Where its metrics are; likewise. "" until it has said so.
  std::string metrics_address() const;

  // Blocks until `stop` is requested (OK) or a process is given up (why).
  absl::Status Wait(const std::stop_token& stop);

  // Ends the workers, then the coordinator: SIGTERM, and SIGKILL after `stop_timeout`.
  void Stop();

 private:
  explicit LocalCluster(const LocalClusterOptions& options);

  void StartCoordinator();
  void StartWorker(int number);
  absl::Status WaitUntilServing(const std::stop_token& stop);
  // Until the coordinator has said where it listens.
  absl::Status WaitForAddress(absl::Time deadline, const std::stop_token& stop);
  // Why starting cannot go on; OK while it can.
  absl::Status StartStatus(absl::Time deadline, const std::stop_token& stop) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  SupervisorOptions ChildOptions(const std::string& name);
  std::vector<std::string> CoordinatorCommand() const;
  std::vector<std::string> WorkerCommand(int number) const;
  void ReadCoordinatorLine(const std::string& line);

  const LocalClusterOptions options_;

  mutable absl::Mutex mutex_;
  std::string address_ ABSL_GUARDED_BY(mutex_);  // As the coordinator said it; "" until then.
  std::string metrics_address_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);  // Why a process was given up.

  // Last: their threads use all of the above.
  std::unique_ptr<Supervisor> coordinator_;
  std::vector<std::unique_ptr<Supervisor>> workers_;
};

// `listen` as an address to connect to: an address that stands for all interfaces becomes
// localhost.
std::string ConnectAddress(const std::string& listen);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_LOCAL_CLUSTER_H_
