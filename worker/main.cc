// outerloop-worker: computes the steps of meta-training jobs for a coordinator.
#include "worker/process.h"

int main(int argc, char** argv) { return outerloop::worker::RunWorkerProcess(argc, argv); }
