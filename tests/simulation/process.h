// A process of the simulated cluster.
#ifndef OUTERLOOP_TESTS_SIMULATION_PROCESS_H_
#define OUTERLOOP_TESTS_SIMULATION_PROCESS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/timeline.h"

namespace outerloop::simulation {

// Lives, may be paused (as by SIGSTOP), dies, and lives again. What it has put down for later dies
// with it; while it is paused, what comes waits, in order. Thread-compatible.
class Process {
 public:
  // `timeline` must outlive the process.
  explicit Process(Timeline& timeline) : timeline_(timeline) {}
  // It must be dead, or nothing may be left that it knows of.
  virtual ~Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool alive() const { return alive_; }
  bool paused() const { return paused_; }
  // Counts its lives.
  uint64_t life() const { return life_; }

  void Pause() { paused_ = alive_; }
  void Continue();

  // In this life: now, or when it continues. Nothing if it is dead.
  void Run(std::function<void()> what);
  // Later in this life.
  void After(absl::Duration wait, std::function<void()> what);
  // Called when this life ends, after the process has died.
  void OnDeath(std::function<void()> what) { on_death_.push_back(std::move(what)); }

 protected:
  // For subclasses, whose Start and Kill are public.
  void Begin();
  void Die();
  // Everything that runs, runs in here.
  virtual void Execute(const std::function<void()>& what) { what(); }

  Timeline& timeline_;

 private:
  // Runs what came while it was paused, before anything that comes now.
  void CatchUp();

  bool alive_ = false;
  bool paused_ = false;
  uint64_t life_ = 0;
  std::deque<std::function<void()>> backlog_;  // While it is paused, and until it has caught up.
  std::vector<std::function<void()>> on_death_;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_PROCESS_H_
