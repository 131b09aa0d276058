//! Threads, a procedural macro, thread-local variables with destructors, and a backtrace with lines.
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

#[derive(derive::Named)]
struct Lever;

static DROPPED: AtomicU64 = AtomicU64::new(0);

struct Tally(Vec<u64>);

impl Drop for Tally {
    fn drop(&mut self) {
        DROPPED.fetch_add(self.0.iter().sum(), Ordering::SeqCst);
    }
}

thread_local!(static TALLY: RefCell<Tally> = const { RefCell::new(Tally(Vec::new())) });

#[inline(never)]
fn deep(level: u32) -> String {
    if level == 0 { Backtrace::force_capture().to_string() } else { deep(level - 1) + "" }
}

fn main() {
    assert_eq!(Lever::name(), "Lever");
    let (sender, receiver) = mpsc::channel();
    let threads: Vec<_> = (0..8_u64)
        .map(|number| {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for item in 0..100 {
                    TALLY.with_borrow_mut(|tally| tally.0.push(number * item));
                }
                sender.send(number).unwrap();
            })
        })
        .collect();
    drop(sender);
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(receiver.iter().sum::<u64>(), 28);
    assert_eq!(DROPPED.load(Ordering::SeqCst), 28 * 4950);
    let caught = std::panic::catch_unwind(|| "x".parse::<u32>().unwrap());
    assert!(caught.is_err());
    print!("{}", deep(3));
}

#[cfg(test)]
mod tests {
    #[test]
    fn backtraces_have_names_and_lines() {
        let text = super::deep(2);
        assert_eq!(text.matches("program::deep").count(), 3, "{text}");
        assert_eq!(text.matches("src/main.rs:24").count(), 3, "{text}");
    }

    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn panics_unwind() {
        let empty: Vec<u8> = Vec::new();
        let _ = std::hint::black_box(&empty)[3];
    }
}
