//! Room for deep programs. The grammar bounds how deep a program may nest; a thread's usual 2 MB do not hold that many levels of every
//! walk over it, so the work is done on threads with more. What is not touched costs nothing.
use std::panic::resume_unwind;
use std::thread;

/// Enough for the deepest program that the grammar lets through, several times over.
pub(crate) const STACK_BYTES: usize = 256 << 20;

/// Does some work on a thread with a deep stack; here, when there can be no other thread.
pub(crate) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    let done = thread::scope(|scope| {
        let slot = &mut work;
        let run = move || slot.take().map(|work| work());
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, run);
        thread.ok().map(thread::ScopedJoinHandle::join)
    });
    match (done, work) {
        (Some(Ok(Some(value))), _) => value,
        (Some(Err(panic)), _) => resume_unwind(panic),
        (_, work) => work.expect("the work was not begun: no thread could be started")(),
    }
}

/// Threads with deep stacks, one for each core; `None` when there can be none.
pub(crate) fn pool() -> Option<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_work_is_done_and_its_panics_come_back() {
        fn down(n: u64) -> u64 {
            if n == 0 { 0 } else { 1 + std::hint::black_box(down(n - 1)) }
        }
        assert_eq!(deep(|| down(300_000)), 300_000);
        assert!(std::panic::catch_unwind(|| deep(|| panic!("as expected"))).is_err());
    }
}
