//! What a dump says: lines for standard output, and diagnostics that stand between them.
//!
//! A unit of work (a section, a unit of entries) writes to a [`Text`]; units that run on other
//! threads have one each. Whoever prints takes the pieces in order.

use std::fmt;

/// How serious a diagnostic is; the words that stand before it are the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something to know.
    Information,
    /// Something is odd, and is shown as well as can be.
    Warning,
    /// The same, where what is printed next continues the line.
    OpenWarning,
    /// Something cannot be shown.
    Error,
    /// The same, where what is printed next continues the line.
    OpenError,
}

/// Turned over in a control character, it gives the letter that stands for it.
const CONTROL: u8 = 0x40;

/// A diagnostic, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How many bytes of text come before it.
    pub at: usize,
    /// How serious it is.
    pub level: Level,
    /// What it says, without a line end.
    pub text: Vec<u8>,
}

/// Lines, and the diagnostics between them.
#[derive(Debug, Default)]
pub struct Text {
    /// The lines. Append only.
    pub buf: Vec<u8>,
    messages: Vec<Message>,
}

impl Text {
    /// Appends bytes.
    pub fn put(&mut self, bytes: &[u8]) {
        self.buf.extend_from_slice(bytes);
    }

    /// Appends formatted text; see [`crate::put!`].
    pub fn print(&mut self, text: fmt::Arguments<'_>) {
        // Memory takes all that is written.
        let _ = std::io::Write::write_fmt(&mut self.buf, text);
    }

    /// Says that something is odd.
    pub fn warn(&mut self, message: fmt::Arguments<'_>) {
        self.say(Level::Warning, message.to_string().into_bytes());
    }

    /// Says that something cannot be shown.
    pub fn error(&mut self, message: fmt::Arguments<'_>) {
        self.say(Level::Error, message.to_string().into_bytes());
    }

    /// Appends a name of the file. Control characters other than tabs are shown as `^X`, so that no
    /// file can drive the terminal.
    pub fn put_name(&mut self, name: &[u8]) {
        Self::push_name(&mut self.buf, name);
    }

    /// As [`Self::put_name`], to a buffer.
    #[inline]
    pub fn push_name(buf: &mut Vec<u8>, name: &[u8]) {
        // Looked at to the end, so that many bytes are looked at at once.
        let has_controls = name.iter().fold(false, |any, byte| any | byte.is_ascii_control());
        if !has_controls {
            buf.extend_from_slice(name);
            return;
        }
        Self::push_controls(buf, name);
    }

    /// Appends a name that has control characters. Damaged names can be megabytes of them, so that
    /// no step of this depends on what a byte is.
    fn push_controls(buf: &mut Vec<u8>, name: &[u8]) {
        /// So many bytes are made fit at a time.
        const STEP: usize = 32;
        let mut shown = [0; 2 * STEP];
        for bytes in name.chunks(STEP) {
            let mut len = 0;
            for &byte in bytes {
                let is_control = byte.is_ascii_control() && byte != b'\t';
                // Overwritten at once, unless the byte is shown behind it.
                if let Some(place) = shown.get_mut(len) {
                    *place = b'^';
                }
                len += usize::from(is_control);
                if let Some(place) = shown.get_mut(len) {
                    *place = byte ^ (u8::from(is_control) * CONTROL);
                }
                len += 1;
            }
            buf.extend_from_slice(shown.get(..len).unwrap_or_default());
        }
    }

    /// Says something, in bytes that are fit for a terminal.
    pub fn say(&mut self, level: Level, text: Vec<u8>) {
        self.messages.push(Message { at: self.buf.len(), level, text });
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.buf.is_empty() && self.messages.is_empty()
    }

    /// How many diagnostics are in it.
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    /// Appends the diagnostics of `other`, which hold here, and takes them away from it.
    pub fn append_messages(&mut self, other: &mut Self) {
        let at = self.buf.len();
        self.messages.extend(other.messages.drain(..).map(|message| Message { at, ..message }));
    }

    /// Appends all of `other`, and makes that empty.
    pub fn append(&mut self, other: &mut Self) {
        let before = self.buf.len();
        self.buf.append(&mut other.buf);
        self.messages.extend(other.messages.drain(..).map(|mut message| {
            message.at = message.at.saturating_add(before);
            message
        }));
    }

    /// Hands each stretch of lines to `put` and each diagnostic to `say`, in order; empties it.
    pub fn drain<O>(
        &mut self,
        out: &mut O,
        put: impl Fn(&mut O, &[u8]),
        say: impl Fn(&mut O, Level, &[u8]),
    ) {
        let mut done = 0;
        for message in self.messages.drain(..) {
            put(out, self.buf.get(done..message.at).unwrap_or_default());
            say(out, message.level, &message.text);
            done = message.at;
        }
        put(out, self.buf.get(done..).unwrap_or_default());
        self.buf.clear();
    }
}

/// Appends formatted text to a [`Text`]: `put!(text, "{}\n", number)`. Not for hot loops.
#[macro_export]
macro_rules! put {
    ($text:expr, $($format:tt)*) => { $text.print(format_args!($($format)*)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stand_where_they_were_said() {
        let mut first = Text::default();
        first.put(b"one\n");
        let mut second = Text::default();
        second.warn(format_args!("odd"));
        crate::put!(second, "two\n");
        second.error(format_args!("bad"));
        first.append(&mut second);
        assert!(second.is_empty());
        assert_eq!(first.message_count(), 2);
        let mut all = Vec::new();
        first.drain(
            &mut all,
            |all: &mut Vec<String>, bytes| all.push(String::from_utf8_lossy(bytes).into_owned()),
            |all, level, text| all.push(format!("{level:?} {}", String::from_utf8_lossy(text))),
        );
        assert_eq!(all, ["one\n", "Warning odd", "two\n", "Error bad", ""]);
    }
    #[test]
    fn control_characters_of_names_are_shown() {
        let shown = |name: &[u8]| {
            let mut text = Text::default();
            text.put_name(name);
            text.buf
        };
        assert_eq!(shown(b"plain"), b"plain");
        assert_eq!(shown(b"a\x01b\tc\x7f\xff"), b"a^Ab\tc^?\xff");
        assert_eq!(shown(&[0x1b; 100]), b"^[".repeat(100));
    }
}
