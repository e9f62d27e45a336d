//! Runs a plan: scheduling, processes, results found again, events.
