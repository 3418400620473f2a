#ifndef OUTERLOOP_COORDINATOR_SERVICE_SWEEP_SERVICE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_SWEEP_SERVICE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/security/access.h"
#include "coordinator/service/board.h"
#include "coordinator/service/dataset_catalogue.h"
#include "coordinator/service/sweep_board.h"
#include "coordinator/sweeps/sweep_controller.h"
#include "outerloop/v1/sweep_service.grpc.pb.h"

namespace outerloop::coordinator {

// Sweeps, for clients (sweep_service.proto). Thread-safe. All arguments must outlive it.
class SweepService final : public v1::SweepService::CallbackService {
 public:
  SweepService(SweepController& sweeps, const Board& board, DatasetCatalogue& catalogue,
               const Access& access)
      : sweeps_(sweeps), board_(board), catalogue_(catalogue), access_(access) {}

  grpc::ServerUnaryReactor* SubmitSweep(grpc::CallbackServerContext* context,
                                        const v1::SubmitSweepRequest* request,
                                        v1::SubmitSweepResponse* response) override;
  grpc::ServerUnaryReactor* GetSweep(grpc::CallbackServerContext* context,
                                     const v1::GetSweepRequest* request,
                                     v1::GetSweepResponse* response) override;
  grpc::ServerUnaryReactor* ListSweeps(grpc::CallbackServerContext* context,
                                       const v1::ListSweepsRequest* request,
                                       v1::ListSweepsResponse* response) override;
  grpc::ServerUnaryReactor* CancelSweep(grpc::CallbackServerContext* context,
                                        const v1::CancelSweepRequest* request,
                                        v1::CancelSweepResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchSweepResponse>* WatchSweep(
      grpc::CallbackServerContext* context, const v1::WatchSweepRequest* request) override;
  grpc::ServerUnaryReactor* DeleteSweep(grpc::CallbackServerContext* context,
                                        const v1::DeleteSweepRequest* request,
                                        v1::DeleteSweepResponse* response) override;

  // Sweeps, or jobs, may have changed: tells those who watch.
  void Refresh() { watched_.Refresh(); }

 private:
  absl::StatusOr<v1::Sweep> Submit(const v1::SubmitSweepRequest& request, const Caller& caller);
  absl::StatusOr<std::string> Delete(const v1::DeleteSweepRequest& request, const Caller& caller);
  // Whether the data has what this trial's job and the sweep's evaluations of it need. Fills in the
  // digest of its data set, and keeps that.
  absl::Status CheckTrial(v1::Sweep& sweep, int trial, const Caller& caller,
                          std::vector<SweepController::Hold>& holds);
  // The sweep, with its trials' jobs as they are now.
  v1::Sweep Describe(v1::Sweep sweep) const;
  // The same without its trials' specifications, which are large and stay the same.
  v1::Sweep DescribeBriefly(v1::Sweep sweep) const;
  SweepBoard::View Look(const std::string& sweep_id) const;

  SweepController& sweeps_;
  const Board& board_;
  DatasetCatalogue& catalogue_;
  const Access& access_;
  SweepBoard watched_{[this](const std::string& id) { return Look(id); }};
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_SWEEP_SERVICE_H_
