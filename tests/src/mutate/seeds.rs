//! The whole files that broken inputs are made from.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::corpus::{self, Subset};

/// Files above this size are no seeds: most changes would hit what nobody reads.
const LARGEST: u64 = 40_000;
/// At most so many seeds of one form and machine, so that all machines come.
const OF_ONE_KIND: usize = 8;
/// Where files with debugging information are, and as many seeds of one machine there.
const DEBUG_FOLDER: &str = "made/debug/";
const OF_DEBUG: usize = 24;
/// Fewer seeds than this prove little.
const FEWEST: usize = 200;
/// What is taken of core files, which are large: their notes stand first.
const CORE_START: usize = 24_000;

/// A seed.
#[derive(Debug)]
pub struct Seed {
    /// Its path in the corpus folder.
    pub path: String,
    /// Its contents, or the start of them.
    pub bytes: Vec<u8>,
}

/// The seeds, in an order that is always the same for the same corpus.
///
/// # Errors
/// Where the corpus is not there, or has too few small files.
pub fn read() -> Result<Vec<Seed>> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut seeds = Vec::new();
    for entry in corpus::read_list(Subset::Ci)? {
        let kind = &entry.kind;
        let is_core = kind.form == "CORE";
        if entry.size > LARGEST && !is_core {
            continue;
        }
        // Debugging information has more forms than a machine has files otherwise.
        let has_debug = entry.path.starts_with(DEBUG_FOLDER);
        let count = taken.entry(format!("{kind} {has_debug}")).or_default();
        if *count >= if has_debug { OF_DEBUG } else { OF_ONE_KIND } {
            continue;
        }
        *count += 1;
        let mut bytes = std::fs::read(corpus::folder().join(&entry.path))?;
        if is_core {
            bytes.truncate(CORE_START);
        }
        seeds.push(Seed { path: entry.path, bytes });
    }
    if seeds.len() < FEWEST {
        bail!("{} seeds, wanted are {FEWEST}: is the corpus whole?", seeds.len());
    }
    Ok(seeds)
}
