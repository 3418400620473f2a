#include "worker/reducers/nccl_api.h"

namespace outerloop::worker {

std::shared_ptr<NcclApi> MakeNcclApi(int) { return nullptr; }

}  // namespace outerloop::worker
