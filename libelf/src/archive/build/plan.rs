//! From the model to bytes: what is implied, where each member lies, and the writing.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use super::field::{DATE, END, GID, HEADER_SIZE, HeaderText, MODE, NAME, SIZE, UID};
use super::index::{self, Draft, Pointer, Symbol};
use super::name::{self, Stored, Table};
use super::{Build, Contents, Entries, Flavour, Index, Member, MemberId, symbols};
use crate::archive::IndexKind;
use crate::error::Result;

/// What an archive's bytes will be: its size and offsets, and the parts to write, which are
/// borrowed where they are members' contents.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    magic: &'a [u8],
    pieces: Vec<Piece<'a>>,
    size: u64,
    /// For each piece its offset.
    offsets: Vec<u64>,
    /// For each id the position of its piece; `usize::MAX` for none.
    positions: Vec<usize>,
}

/// All bytes of a member.
#[derive(Clone, Debug)]
struct Piece<'a> {
    header: Option<[u8; HEADER_SIZE]>,
    prefix: Cow<'a, [u8]>,
    body: Cow<'a, [u8]>,
    padding: Cow<'a, [u8]>,
}

impl Plan<'_> {
    /// The size of the archive in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the header of a member will lie, in bytes from the start of the archive; of a
    /// [`Contents::Gap`], its bytes.
    pub fn offset(&self, id: MemberId) -> Option<u64> {
        self.offsets.get(*self.positions.get(id.0 as usize)?).copied()
    }

    /// The contents of a member, less its prefix.
    pub(super) fn body(&self, id: MemberId) -> &[u8] {
        let position = self.positions.get(id.0 as usize);
        let piece = position.and_then(|&position| self.pieces.get(position));
        piece.map_or(&[], |piece| &piece.body)
    }

    /// The parts of the archive, in order: together they are all of it.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let members = self.pieces.iter().flat_map(|piece| {
            let header = piece.header.as_ref().map_or(&[][..], |header| &header[..]);
            [header, &piece.prefix[..], &piece.body[..], &piece.padding[..]]
        });
        std::iter::once(self.magic).chain(members).filter(|part| !part.is_empty())
    }

    /// Whether the other plan writes the same bytes.
    pub(super) fn writes_same(&self, other: &Plan) -> bool {
        let mut others = other.parts();
        let mut left = &[][..];
        for mut part in self.parts() {
            while !part.is_empty() {
                if left.is_empty() {
                    let Some(next) = others.next() else { return false };
                    left = next;
                }
                let length = part.len().min(left.len());
                let (ours, rest) = part.split_at(length);
                let (theirs, their_rest) = left.split_at(length);
                // Most are the same borrowed contents.
                if !std::ptr::eq(ours, theirs) && ours != theirs {
                    return false;
                }
                (part, left) = (rest, their_rest);
            }
        }
        left.is_empty() && others.next().is_none()
    }

    /// Writes the archive. Small parts are gathered, large ones written from where they lie.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(BUFFER, out);
        for part in self.parts() {
            out.write_all(part)?;
        }
        out.flush()
    }

    /// The archive's bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        for part in self.parts() {
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// The bytes that are gathered for one write.
const BUFFER: usize = 1 << 16;

/// What the implied members are: with nothing given.
static IMPLIED_INDEX: Member<'static> = implied(Contents::Index(Index {
    kind: None,
    order: None,
    entries: Entries::Computed,
    tail: None,
}));
static IMPLIED_NAMES: Member<'static> = implied(Contents::Names(None));

const fn implied(contents: Contents<'static>) -> Member<'static> {
    use super::{Fields, Text};
    Member {
        name: Cow::Borrowed(&[]),
        header: Fields {
            name: None,
            date: Text::Auto,
            uid: Text::Auto,
            gid: Text::Auto,
            mode: Text::Auto,
            size: Text::Auto,
            end: None,
        },
        prefix: None,
        contents,
        padding: None,
    }
}

impl Build<'_> {
    /// Lays the archive out.
    ///
    /// # Errors
    /// [`crate::error::Problem::TooWide`] for a number that its field does not hold,
    /// [`crate::error::Problem::Malformed`] for a name that cannot be stored,
    /// [`crate::error::Problem::NoSuch`] for an index entry whose member was removed.
    pub fn plan(&self) -> Result<Plan<'_>> {
        let items = Items::of(self)?;
        let table = Table::new(self.flavour, &items.members)?;
        let mut layout = Layout::new(self, &items, &table, false)?;
        if layout.is_too_wide(&items) {
            layout = Layout::new(self, &items, &table, true)?;
        }
        layout.plan(self, &items, &table)
    }
}

/// The members to write, implied ones among them, and the symbols for computed indexes.
struct Items<'a> {
    members: Vec<&'a Member<'a>>,
    /// For each id its position in `members`; `usize::MAX` for none.
    positions: Vec<usize>,
    has_objects: bool,
    /// The global symbols of all members.
    symbols: Vec<Symbol<'a>>,
}

impl<'a> Items<'a> {
    fn of<'data: 'a>(build: &'a Build<'data>) -> Result<Self> {
        let mut items = Self {
            members: Vec::with_capacity(build.members.len().saturating_add(2)),
            positions: Vec::new(),
            has_objects: false,
            symbols: Vec::new(),
        };
        items.members.extend(build.members.iter().map(|(_, member)| member));
        let mut has_index = false;
        let mut has_names = false;
        let mut is_computed = false;
        let mut leading = 0;
        for (position, member) in items.members.iter().enumerate() {
            match &member.contents {
                Contents::Index(index) => {
                    has_index = true;
                    is_computed |= index.entries == Entries::Computed;
                    if leading == position {
                        leading += 1;
                    }
                }
                Contents::Names(_) => has_names = true,
                _ => {}
            }
        }
        let may_imply = build.implied_index && !has_index;
        if is_computed || may_imply {
            items.collect_symbols(build.flavour == Flavour::Gnu)?;
        }
        let needs_names =
            !has_names && items.members.iter().any(|item| name::needs_table(build.flavour, item));
        let needs_index = may_imply && (items.has_objects || build.flavour == Flavour::Darwin);
        if needs_names {
            items.members.insert(leading, &IMPLIED_NAMES);
        }
        if needs_index {
            items.members.insert(0, &IMPLIED_INDEX);
        }
        items.count_positions(build, needs_index, needs_names.then_some(leading));
        Ok(items)
    }

    fn collect_symbols(&mut self, has_plugin: bool) -> Result<()> {
        /// How much longer than the members the names of their symbols may be, in bytes.
        const NAMES_BEYOND: u64 = 128 << 20;
        let data = self.members.iter().filter_map(|member| member.data());
        let total = data.fold(0u64, |total, data| total.saturating_add(data.len() as u64));
        let mut budget = total.saturating_add(NAMES_BEYOND);
        for (position, &member) in self.members.iter().enumerate() {
            let Some(data) = member.data() else { continue };
            let Some(names) = symbols::globals(data, has_plugin, &mut budget)? else { continue };
            self.has_objects = true;
            let target = Pointer::Item(position);
            self.symbols.extend(names.into_iter().map(|name| Symbol { name, target }));
        }
        Ok(())
    }

    /// Tells each id's position, and corrects those of symbols, past the implied members.
    fn count_positions(&mut self, build: &Build, has_index: bool, names_at: Option<usize>) {
        let shift = |position: usize| {
            let names = names_at.is_some_and(|at| position >= at);
            position.saturating_add(usize::from(names)).saturating_add(usize::from(has_index))
        };
        for (position, &key) in build.members.keys().iter().enumerate() {
            let key = key as usize;
            if self.positions.len() <= key {
                self.positions.resize(key.saturating_add(1), usize::MAX);
            }
            if let Some(slot) = self.positions.get_mut(key) {
                *slot = shift(position);
            }
        }
        for symbol in &mut self.symbols {
            if let Pointer::Item(position) = &mut symbol.target {
                *position = shift(*position);
            }
        }
    }

    fn position(&self, id: MemberId) -> Option<usize> {
        self.positions.get(id.0 as usize).copied().filter(|&position| position != usize::MAX)
    }
}

/// Where everything lies.
struct Layout<'a, 'b> {
    /// The indexes whose contents are made, and their positions.
    drafts: Vec<(usize, Draft<'b>)>,
    /// For each item the name as stored.
    names: Vec<Stored<'a>>,
    /// For each item the offset of its first byte, and after all the archive's end.
    offsets: Vec<u64>,
    /// For each item the size of its padding in bytes.
    paddings: Vec<u64>,
}

impl<'a, 'b> Layout<'a, 'b>
where
    'a: 'b,
{
    fn new(
        build: &'a Build<'_>,
        items: &'b Items<'a>,
        table: &Table,
        is_wide: bool,
    ) -> Result<Self> {
        let mut layout = Self {
            drafts: Vec::new(),
            names: Vec::new(),
            offsets: Vec::new(),
            paddings: Vec::new(),
        };
        layout.draft_indexes(build, items, is_wide)?;
        let mut at = build.magic.bytes().len() as u64;
        for (position, member) in items.members.iter().enumerate() {
            layout.offsets.push(at);
            let place = table.offsets.get(position).copied().flatten();
            let is_gap = matches!(member.contents, Contents::Gap(_));
            let stored = if is_gap {
                Stored::default()
            } else {
                let kind = kind(member, build.flavour, is_wide);
                name::store(build.flavour, member, kind, place, at)?
            };
            let header = if is_gap { 0 } else { HEADER_SIZE as u64 };
            at = at
                .saturating_add(header)
                .saturating_add(stored.prefix.len() as u64)
                .saturating_add(layout.body_size(position, member, table));
            let padding = padding_size(build.flavour, member, at);
            at = at.saturating_add(padding);
            layout.paddings.push(padding);
            layout.names.push(stored);
        }
        layout.offsets.push(at);
        Ok(layout)
    }

    fn draft_indexes(
        &mut self,
        build: &'a Build<'_>,
        items: &'b Items<'a>,
        is_wide: bool,
    ) -> Result<()> {
        for (position, member) in items.members.iter().enumerate() {
            let Contents::Index(index) = &member.contents else { continue };
            let symbols = match &index.entries {
                Entries::Bytes(_) => continue,
                Entries::Computed if member.name.ends_with(SORTED) => {
                    let mut symbols = items.symbols.clone();
                    symbols.sort_by_key(|symbol| symbol.name);
                    symbols.into()
                }
                Entries::Computed => Cow::Borrowed(&items.symbols[..]),
                Entries::Given(entries) => {
                    let count = build.members.len() as u64;
                    index::given(entries, |id| items.position(id), count)?.into()
                }
            };
            let draft = Draft::new(index, build.flavour, is_wide, items.has_objects, symbols);
            self.drafts.push((position, draft));
        }
        Ok(())
    }

    /// Whether an index whose layout is not given must have 64-bit offsets.
    fn is_too_wide(&self, items: &Items) -> bool {
        self.drafts.iter().any(|(position, draft)| {
            let is_free = items.members.get(*position).is_some_and(|member| {
                matches!(&member.contents, Contents::Index(Index { kind: None, .. }))
            });
            is_free && draft.is_too_wide(&self.offsets)
        })
    }

    fn draft(&self, position: usize) -> Option<&Draft<'b>> {
        let found = self.drafts.binary_search_by_key(&position, |(at, _)| *at).ok()?;
        self.drafts.get(found).map(|(_, draft)| draft)
    }

    fn body_size(&self, position: usize, member: &Member, table: &Table) -> u64 {
        match (&member.contents, self.draft(position)) {
            (Contents::Names(None), _) => table.computed.len() as u64,
            (_, Some(draft)) => draft.size(),
            (contents, None) => stored_bytes(contents).len() as u64,
        }
    }

    fn plan(&self, build: &'a Build<'_>, items: &Items<'a>, table: &Table) -> Result<Plan<'a>> {
        let mut plan = Plan {
            magic: build.magic.bytes(),
            pieces: Vec::with_capacity(items.members.len()),
            size: self.offsets.last().copied().unwrap_or_default(),
            // Less the end.
            offsets: self.offsets.get(..items.members.len()).unwrap_or_default().to_vec(),
            positions: items.positions.clone(),
        };
        for (position, (&member, stored)) in items.members.iter().zip(&self.names).enumerate() {
            let body = match (&member.contents, self.draft(position)) {
                (Contents::Names(None), _) => table.computed.clone().into(),
                (_, Some(draft)) => draft.write(&self.offsets)?.into(),
                (contents, None) => Cow::Borrowed(stored_bytes(contents)),
            };
            let filler = || {
                let size = self.paddings.get(position).copied().unwrap_or_default();
                Cow::Owned(vec![PADDING; size as usize])
            };
            let padding =
                member.padding.as_ref().map_or_else(filler, |padding| Cow::Borrowed(&padding[..]));
            plan.pieces.push(Piece {
                header: header(build.flavour, member, stored, body.len(), padding.len())?,
                prefix: stored.prefix.clone(),
                body,
                padding,
            });
        }
        Ok(plan)
    }
}

/// What names of indexes that are sorted by name end with.
const SORTED: &[u8] = b"SORTED";
/// What fills up to an even offset.
pub(super) const PADDING: u8 = b'\n';

fn kind(member: &Member, flavour: Flavour, is_wide: bool) -> IndexKind {
    let given = match &member.contents {
        Contents::Index(index) => index.kind,
        _ => None,
    };
    given.unwrap_or(index::default_kind(flavour, is_wide))
}

/// The bytes that contents hold themselves.
pub(super) fn stored_bytes<'a>(contents: &'a Contents<'_>) -> &'a [u8] {
    match contents {
        Contents::File(bytes) | Contents::Names(Some(bytes)) | Contents::Gap(bytes) => bytes,
        Contents::Index(Index { entries: Entries::Bytes(bytes), .. }) => bytes,
        Contents::Index(_) | Contents::Names(None) | Contents::External { .. } => &[],
    }
}

/// How many bytes follow a member that ends at the offset `end`.
pub(super) fn padding_size(flavour: Flavour, member: &Member, end: u64) -> u64 {
    if let Some(padding) = &member.padding {
        return padding.len() as u64;
    }
    let alignment = match (&member.contents, flavour) {
        (Contents::Gap(_) | Contents::External { .. }, _) => 1,
        (_, Flavour::Darwin) => name::ALIGNMENT,
        _ => 2,
    };
    end.checked_next_multiple_of(alignment).map_or(0, |aligned| aligned - end)
}

/// The header of a member whose contents and padding have these sizes in bytes; `None` for a gap.
fn header(
    flavour: Flavour,
    member: &Member,
    stored: &Stored,
    body: usize,
    padding: usize,
) -> Result<Option<[u8; HEADER_SIZE]>> {
    /// `-rw-r--r--`
    const FILE_MODE: u64 = 0o644;
    let mode = match member.contents {
        Contents::Gap(_) => return Ok(None),
        Contents::Names(_) => None,
        Contents::Index(_) => Some(0),
        Contents::File(_) | Contents::External { .. } => Some(FILE_MODE),
    };
    let zero = mode.map(|_| 0);
    let mut size = match member.contents {
        Contents::External { size, .. } => size,
        _ => body as u64,
    };
    size = size.saturating_add(stored.prefix.len() as u64);
    if flavour == Flavour::Darwin && member.padding.is_none() {
        size = size.saturating_add(padding as u64);
    }
    let fields = &member.header;
    let mut header = HeaderText::new();
    header.put(NAME, &stored.field);
    header.put_number(DATE, &fields.date, zero)?;
    header.put_number(UID, &fields.uid, zero)?;
    header.put_number(GID, &fields.gid, zero)?;
    header.put_number(MODE, &fields.mode, mode)?;
    header.put_number(SIZE, &fields.size, Some(size))?;
    header.put(END, fields.end.as_deref().unwrap_or(b"`\n"));
    Ok(Some(header.0))
}
