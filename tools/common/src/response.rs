//! `@file` arguments, as the GNU programs expand them.
//!
//! An argument `@NAME` is replaced by the words of the file NAME when that file can be read, and
//! stays as it is when not. Words are parted by white space; quotes of either kind keep white
//! space, a backslash keeps the character after it. Words of a file may name further files.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// Files that include each other end here.
const EXPANSION_LIMIT: usize = 2000;

/// `args` with every `@file` replaced, or `Err` with the message when files name each other
/// without end.
pub fn expand(args: Vec<OsString>) -> Result<Vec<OsString>, String> {
    let mut todo: Vec<OsString> = args.into_iter().rev().collect();
    let mut done = Vec::with_capacity(todo.len());
    let mut expansions = 0;
    while let Some(arg) = todo.pop() {
        match words_of_file_named_by(&arg) {
            Some(words) => {
                expansions += 1;
                if expansions > EXPANSION_LIMIT {
                    return Err("error: too many @-files encountered".to_owned());
                }
                todo.extend(words.into_iter().rev());
            }
            None => done.push(arg),
        }
    }
    Ok(done)
}

fn words_of_file_named_by(arg: &OsString) -> Option<Vec<OsString>> {
    let name = arg.as_bytes().strip_prefix(b"@")?;
    let path = Path::new(std::ffi::OsStr::from_bytes(name));
    if path.is_dir() {
        return None;
    }
    std::fs::read(path).ok().map(|text| words(&text))
}

/// The words of a response file.
fn words(text: &[u8]) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (_, b'\\') => word.get_or_insert_default().extend(bytes.next()),
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(byte),
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (None, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c) => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    words.into_iter().map(OsString::from_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_quotes_and_escapes() {
        let found = words(b"a 'b c' \"d\\\"e\"\n\\ f ''");
        assert_eq!(found, ["a", "b c", "d\"e", " f", ""].map(OsString::from));
    }

    #[test]
    fn an_unreadable_file_stays_an_argument() {
        let args = vec![OsString::from("@/nonexistent/file")];
        assert_eq!(expand(args.clone()), Ok(args));
    }

    #[test]
    fn files_that_name_themselves_are_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut arg = OsString::from("@");
        arg.push(file.path());
        std::fs::write(file.path(), arg.as_bytes()).unwrap();
        assert!(expand(vec![arg]).is_err());
    }
}
