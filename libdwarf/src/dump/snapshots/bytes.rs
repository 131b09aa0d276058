//! Sections by hand: little-endian, as [`TARGET`](super::TARGET) has them.

/// Bytes in the making.
#[derive(Clone, Debug, Default)]
pub struct Bytes(pub Vec<u8>);

/// None as yet.
pub fn bytes() -> Bytes {
    Bytes::default()
}

impl Bytes {
    /// Single bytes; small numbers in LEB128 are such.
    pub fn u8s(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn u16(self, number: u16) -> Self {
        self.u8s(&number.to_le_bytes())
    }

    pub fn u32(self, number: u32) -> Self {
        self.u8s(&number.to_le_bytes())
    }

    pub fn u64(self, number: u64) -> Self {
        self.u8s(&number.to_le_bytes())
    }

    /// A string with its closing zero byte.
    pub fn text(self, text: &str) -> Self {
        self.u8s(text.as_bytes()).u8s(&[0])
    }

    /// What has a length in front, of 4 bytes: units, tables, line number programs.
    pub fn unit(self, Self(contents): Self) -> Self {
        self.u32(contents.len() as u32).u8s(&contents)
    }
}
