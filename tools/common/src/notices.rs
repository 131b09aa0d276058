//! What is wrong with an object file without spoiling it, as the programs on top of
//! [`libelf::linkview`] say it.

use libelf::linkview::{self, Notice};

use crate::input::put_name;

/// The notices to print of the file with these bytes: see [`linkview::printed`].
pub fn printed(data: &[u8], notices: Vec<Notice>, is_recognized: bool) -> Vec<Notice> {
    match libelf::Header::parse(data) {
        Ok(header) => linkview::printed(notices, &header, is_recognized),
        Err(_) => notices,
    }
}

/// The text of notices of the file `name`: they are one message, and only its first line has the
/// program's name.
pub fn notice_lines(program: &str, name: &[u8], notices: &[Notice]) -> Vec<u8> {
    let mut text = Vec::new();
    for notice in notices {
        if text.is_empty() {
            text.extend_from_slice(program.as_bytes());
            text.extend_from_slice(b": ");
        }
        put_name(&mut text, &notice.text(name));
        text.push(b'\n');
    }
    text
}
