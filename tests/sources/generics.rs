// The start of a large program: each `part!(name);` line that follows makes some hundred functions
// of the standard library's generics for a type of its own, and all that debuggers need of them.
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};

macro_rules! part {
    ($name:ident) => {
        mod $name {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
            pub struct Item {
                id: u64,
                name: String,
                parts: Vec<Option<Box<Item>>>,
            }

            pub fn run(seed: u64) -> usize {
                let item = |id| Item { id, name: format!("{id}"), parts: vec![None] };
                let items: Vec<Item> = (0..seed).map(item).collect();
                let names: BTreeMap<String, Item> =
                    items.iter().cloned().map(|item| (item.name.clone(), item)).collect();
                let ordered: BTreeSet<Item> = items.iter().cloned().collect();
                let hashed: HashMap<Item, Vec<Item>> =
                    items.iter().cloned().map(|item| (item.clone(), vec![item])).collect();
                let set: HashSet<Item> = items.iter().cloned().collect();
                let mut queue: VecDeque<Item> = items.iter().rev().cloned().collect();
                queue.rotate_left(queue.len() / 2);
                let mut heap: BinaryHeap<Item> =
                    items.iter().filter(|item| item.id % 2 == 0).cloned().collect();
                let mut sorted = items.clone();
                sorted.sort_by_key(|item| std::cmp::Reverse(item.id));
                sorted.sort_unstable();
                sorted.dedup();
                sorted.retain(|item| !item.parts.is_empty());
                let shared = Arc::new(Mutex::new(sorted));
                let copy = Arc::clone(&shared);
                let thread = std::thread::spawn(move || {
                    let guard = copy.lock().unwrap();
                    guard.iter().zip(names.values()).filter(|(a, b)| a == b).count()
                });
                let chunks = items.chunks(3).flat_map(|chunk| chunk.iter().skip(1).step_by(2));
                let folded = chunks.take_while(|item| item.id < 9).fold(0, |sum, item| sum + item.id);
                let printed: usize = queue.iter().map(|item| format!("{item:?}").len()).sum();
                thread.join().unwrap() + folded as usize + printed + ordered.len()
                    + hashed.len() + set.len() + heap.pop().map_or(0, |item| item.id as usize)
            }
        }
    };
}

