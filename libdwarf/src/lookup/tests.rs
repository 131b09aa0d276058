use std::path::Path;

use super::*;
use crate::load::{Backing, Places};
use libelf::File;

/// Shared between threads, as its documentation says.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Lookup<'static, 'static>>();
    is_shared::<Found<'static>>();
};

/// Asks about the file at a path.
fn with_lookup(path: &Path, ask: impl FnOnce(&Lookup<'_, '_>)) {
    let bytes = libelf::map::read(path).unwrap();
    let file = File::parse(&bytes).unwrap();
    let backing = Backing::new();
    let debug = Debug::load(file, path, &Places::default(), &backing);
    ask(&Lookup::new(&debug));
}

/// Where the first byte of this process's program is mapped.
fn load_bias(path: &Path) -> u64 {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let line = maps.lines().find(|line| line.ends_with(path.to_str().unwrap())).unwrap();
    u64::from_str_radix(line.split('-').next().unwrap(), 16).unwrap()
}

#[inline(never)]
fn here() -> u32 {
    std::hint::black_box(line!())
}

#[test]
fn the_running_test_knows_its_own_lines() {
    let path = std::env::current_exe().unwrap();
    let address = (here as fn() -> u32 as usize as u64).wrapping_sub(load_bias(&path));
    let line = here();
    with_lookup(&path, |lookup| {
        let found = lookup.find(address).unwrap();
        let frames: Vec<_> = lookup.frames(&found).collect();
        let last = frames.last().unwrap();
        let mut place = Vec::new();
        last.location.write_path(&mut place);
        assert!(place.ends_with(b"lookup/tests.rs"), "{}", place.escape_ascii());
        assert!(last.location.line.abs_diff(line.into()) <= 2);
        // And back, from the line of the address itself.
        let first = frames.first().unwrap().location;
        place.clear();
        first.write_path(&mut place);
        let addresses = lookup.addresses_of_line(&place, first.line as u32);
        assert!(addresses.contains(&address), "{address:#x} {addresses:x?}");
    });
}

#[test]
fn threads_get_the_answers_of_one() {
    let path = std::env::current_exe().unwrap();
    let start = (here as fn() -> u32 as usize as u64).wrapping_sub(load_bias(&path));
    let addresses: Vec<u64> = (0..400).map(|number| start + number * 97).collect();
    let answers = |lookup: &Lookup<'_, '_>, address: &u64| {
        let found = lookup.find(*address)?;
        let frames = lookup.frames(&found);
        Some(frames.map(|frame| (frame.function, frame.location.line)).collect::<Vec<_>>())
    };
    with_lookup(&path, |lookup| {
        let alone: Vec<_> = addresses.iter().map(|address| answers(lookup, address)).collect();
        with_lookup(&path, |shared| {
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for (address, expected) in addresses.iter().zip(&alone).rev() {
                            assert_eq!(&answers(shared, address), expected);
                        }
                    });
                }
            });
        });
    });
}

#[test]
fn addresses_of_nothing_are_not_found() {
    with_lookup(&std::env::current_exe().unwrap(), |lookup| {
        assert!(lookup.find(u64::MAX).is_none());
        assert!(lookup.variable(u64::MAX).is_none());
        assert!(lookup.functions_named(b"no function has this name").is_empty());
    });
}
