//! The file that a program makes: whole, or not at all.
//!
//! What is written goes to a temporary file in the target's folder. [`OutputFile::commit`] gives it
//! the target's name in one step, so no one ever sees a part of it, and a file that stood there
//! before stays as it was until then. An `OutputFile` that is dropped without a commit leaves
//! nothing.
//!
//! Some targets must stay what they are, so another file cannot take their place:
//!
//! | target | what happens |
//! |---|---|
//! | a device, a FIFO, `/dev/stdout` | written at once, as there is nothing to keep |
//! | a file with several hard links, or of an owner that a new file cannot have | written in place by the commit, after its space is reserved |
//! | a writable file in a folder that is not | the same |
//! | a symbolic link | stays; what it names is replaced, or made |
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("a.o");
//! use std::io::{BufWriter, Write};
//! use common::output_file::{Mode, OutputFile};
//! let mut file = BufWriter::new(OutputFile::create(&path, Mode::Kept(0o666))?);
//! file.write_all(b"\x7fELF")?;
//! assert!(!path.exists());
//! file.into_inner()?.commit()?;
//! assert_eq!(std::fs::read(&path)?, b"\x7fELF");
//! # Ok(())
//! # }
//! ```

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::FallocateFlags;
use tempfile::NamedTempFile;

/// The beginning of a temporary file's name.
const TEMPORARY_PREFIX: &str = ".output-";
/// The bits of `st_mode` that chmod(2) sets.
const MODE_BITS: u32 = 0o7777;
/// More symbolic links than this on the way to a file are a loop, as for Linux.
const MOST_LINKS: usize = 40;
/// How much is copied at a time into a file that is written in place.
const COPY_BLOCK: usize = 1 << 18;

/// The permissions of the file that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As open(2) does: a file that exists keeps its own and must be writable, a new one gets
    /// these less the umask.
    Kept(u32),
    /// These less the umask, whether a file stood there or not: what linkers do, who remove what
    /// is there first.
    Fresh(u32),
    /// These exactly: a copy of another file.
    Exact(u32),
}

/// A file in the making. See the module.
#[derive(Debug)]
pub struct OutputFile {
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// A temporary file that takes the place of `path`.
    Renamed { temporary: NamedTempFile, path: PathBuf, mode: Option<u32> },
    /// A file without a name whose contents become those of `file`.
    InPlace { staged: File, file: File, mode: Option<u32> },
    /// A device, a FIFO or a stream.
    Direct(File),
}

impl OutputFile {
    /// Starts a file that will be `path`.
    ///
    /// # Errors
    /// What keeps the file from being written, as far as it can be known now: a folder that does
    /// not exist, a file that must not be changed.
    pub fn create(path: &Path, mode: Mode) -> io::Result<Self> {
        let target = match fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(rustix::io::Errno::ISDIR.into()),
            Ok(there) if there.is_file() => match follow_links(path)? {
                Some(path) => replace(path, &there, mode)?,
                None => Target::Direct(open_directly(path)?),
            },
            Ok(_) => Target::Direct(open_directly(path)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let path = follow_links(path)?.unwrap_or_else(|| path.to_owned());
                make(path, mode)?
            }
            Err(error) => return Err(error),
        };
        Ok(Self { target })
    }

    /// The file that is written to, for those who map it or write parts of it at offsets; `None`
    /// where bytes can only be appended.
    pub fn file(&self) -> Option<&File> {
        match &self.target {
            Target::Renamed { temporary, .. } => Some(temporary.as_file()),
            Target::InPlace { staged, .. } => Some(staged),
            Target::Direct(_) => None,
        }
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// Where that fails, the target is as it was before.
    pub fn commit(self) -> io::Result<()> {
        match self.target {
            Target::Renamed { temporary, path, mode } => {
                if let Some(mode) = mode {
                    temporary.as_file().set_permissions(Permissions::from_mode(mode))?;
                }
                temporary.persist(path).map_err(|error| error.error)?;
                Ok(())
            }
            Target::InPlace { staged, file, mode } => {
                overwrite(&file, &staged)?;
                match mode {
                    Some(mode) => file.set_permissions(Permissions::from_mode(mode)),
                    None => Ok(()),
                }
            }
            Target::Direct(mut file) => file.flush(),
        }
    }

    fn sink(&mut self) -> &mut File {
        match &mut self.target {
            Target::Renamed { temporary, .. } => temporary.as_file_mut(),
            Target::InPlace { staged, .. } => staged,
            Target::Direct(file) => file,
        }
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink().write(bytes)
    }

    fn write_vectored(&mut self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.sink().write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink().flush()
    }
}

impl Seek for OutputFile {
    /// Fails for a FIFO or a stream.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.sink().seek(to)
    }
}

/// Makes `path` hold `contents`: all of them, or what it held before.
///
/// # Errors
/// As [`OutputFile::create`], and where writing fails.
pub fn write(path: &Path, mode: Mode, contents: &[u8]) -> io::Result<()> {
    let mut file = OutputFile::create(path, mode)?;
    file.write_all(contents)?;
    file.commit()
}

/// What `path` names when no part of it is a symbolic link any more; it need not exist. `None` for
/// a stream that is open already: `/dev/stdout` and the like are links to a name that may be
/// stale, or none.
fn follow_links(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&path) else {
            return Ok(Some(path));
        };
        let folder = folder_of(&path);
        if folder.canonicalize().is_ok_and(|folder| folder.starts_with("/proc")) {
            return Ok(None);
        }
        path = folder.join(next);
    }
    Err(rustix::io::Errno::LOOP.into())
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn open_directly(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).truncate(true).open(path)
}

/// A new file.
fn make(path: PathBuf, mode: Mode) -> io::Result<Target> {
    let (asked, exact) = match mode {
        Mode::Kept(asked) | Mode::Fresh(asked) => (asked & MODE_BITS, None),
        Mode::Exact(asked) => (asked & MODE_BITS, Some(asked & MODE_BITS)),
    };
    Ok(Target::Renamed { temporary: temporary_beside(&path, asked)?, path, mode: exact })
}

/// A temporary file in the folder of `path`, with `mode` less the umask.
fn temporary_beside(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    // Opened here, as the crate would word the system's errors anew.
    tempfile::Builder::new().prefix(TEMPORARY_PREFIX).make_in(folder_of(path), |name| {
        OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(name)
    })
}

/// A file in place of `there`, a regular file at `path`.
fn replace(path: PathBuf, there: &Metadata, mode: Mode) -> io::Result<Target> {
    let kept = there.mode() & MODE_BITS;
    let (asked, after) = match mode {
        Mode::Kept(_) => (kept, Some(kept)),
        Mode::Fresh(asked) => (asked & MODE_BITS, None),
        Mode::Exact(asked) => (asked & MODE_BITS, Some(asked & MODE_BITS)),
    };
    let writable = match OpenOptions::new().write(true).open(&path) {
        // A program that runs can be replaced, though not written to.
        Err(error)
            if matches!(mode, Mode::Kept(_))
                && error.kind() != io::ErrorKind::ExecutableFileBusy =>
        {
            return Err(error);
        }
        opened => opened,
    };
    if there.nlink() == 1 {
        let made = temporary_beside(&path, asked);
        let refused = match made {
            Ok(temporary) if take_owner(temporary.as_file(), there) => {
                return Ok(Target::Renamed { temporary, path, mode: after });
            }
            Ok(_) => None,
            Err(error) => Some(error),
        };
        if let (Some(error), Err(_)) = (refused, &writable) {
            return Err(error);
        }
    }
    Ok(Target::InPlace {
        staged: stage(&path)?,
        file: writable?,
        mode: after.filter(|&m| m != kept),
    })
}

/// Gives `file` the owner of the file that it will replace; whether it has it then.
fn take_owner(file: &File, there: &Metadata) -> bool {
    let Ok(own) = file.metadata() else {
        return false;
    };
    (own.uid() == there.uid() && own.gid() == there.gid())
        || fchown(file, Some(there.uid()), Some(there.gid())).is_ok()
}

/// A file without a name, for contents that wait for the commit.
fn stage(path: &Path) -> io::Result<File> {
    tempfile::tempfile_in(folder_of(path)).or_else(|_| tempfile::tempfile())
}

/// Makes the contents of `file` those of `staged`.
fn overwrite(mut file: &File, mut staged: &File) -> io::Result<()> {
    let old = file.metadata()?.len();
    let new = staged.metadata()?.len();
    reserve(file, old, new)?;
    staged.seek(SeekFrom::Start(0))?;
    let mut block = vec![0; COPY_BLOCK];
    loop {
        let count = staged.read(&mut block)?;
        match block.get(..count) {
            Some(bytes) if !bytes.is_empty() => file.write_all(bytes)?,
            _ => break,
        }
    }
    file.set_len(new)
}

/// Reserves the space of a file's new contents, so that a full disk shows before the old ones are
/// touched.
fn reserve(file: &File, old: u64, new: u64) -> io::Result<()> {
    if new == 0 {
        return Ok(());
    }
    match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, new) {
        // Not every filesystem can reserve.
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => Ok(()),
        Err(error) => {
            // Some of it may have been reserved.
            file.set_len(old)?;
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::thread;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & MODE_BITS
    }

    /// What a mode becomes that the umask is taken from.
    fn less_umask(folder: &Path, mode: u32) -> u32 {
        let path = folder.join("umask");
        rustix::fs::open(
            &path,
            rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY,
            rustix::fs::Mode::from_raw_mode(mode),
        )
        .unwrap();
        let found = mode_of(&path);
        fs::remove_file(path).unwrap();
        found
    }

    #[test]
    fn nothing_is_left_without_a_commit() {
        let folder = folder();
        let path = folder.path().join("a");
        let mut file = OutputFile::create(&path, Mode::Fresh(0o666)).unwrap();
        file.write_all(b"part").unwrap();
        drop(file);
        assert!(names(folder.path()).is_empty());

        fs::write(&path, "old").unwrap();
        let mut file = OutputFile::create(&path, Mode::Fresh(0o666)).unwrap();
        file.write_all(b"part").unwrap();
        drop(file);
        assert_eq!(names(folder.path()), ["a"]);
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn modes_are_kept_fresh_or_exact() {
        let folder = folder();
        let path = folder.path().join("a");
        write(&path, Mode::Kept(0o777), b"1").unwrap();
        assert_eq!(mode_of(&path), less_umask(folder.path(), 0o777));
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        write(&path, Mode::Kept(0o777), b"2").unwrap();
        assert_eq!(mode_of(&path), 0o640);
        write(&path, Mode::Exact(0o4755), b"3").unwrap();
        assert_eq!(mode_of(&path), 0o4755);
        write(&path, Mode::Fresh(0o666), b"4").unwrap();
        assert_eq!(mode_of(&path), less_umask(folder.path(), 0o666));
        assert_eq!(fs::read(&path).unwrap(), b"4");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn hard_links_stay_together() {
        let folder = folder();
        let path = folder.path().join("a");
        let other = folder.path().join("b");
        fs::write(&path, "a long old text").unwrap();
        fs::hard_link(&path, &other).unwrap();
        for contents in ["short", "a text that is longer than the old one"] {
            let mut file = OutputFile::create(&path, Mode::Kept(0o666)).unwrap();
            file.write_all(b"?").unwrap();
            file.seek(SeekFrom::Start(0)).unwrap();
            file.write_all(contents.as_bytes()).unwrap();
            assert_ne!(fs::read(&other).unwrap(), contents.as_bytes());
            file.commit().unwrap();
            assert_eq!(fs::read(&other).unwrap(), contents.as_bytes());
        }
        assert_eq!(names(folder.path()), ["a", "b"]);
    }

    #[test]
    fn symbolic_links_stay() {
        let folder = folder();
        let link = folder.path().join("link");
        let target = folder.path().join("target");
        symlink("target", &link).unwrap();
        for contents in ["new", "again"] {
            write(&link, Mode::Kept(0o666), contents.as_bytes()).unwrap();
            assert_eq!(fs::read(&target).unwrap(), contents.as_bytes());
            assert!(link.is_symlink());
        }
        let ring = folder.path().join("ring");
        symlink("ring", &ring).unwrap();
        assert!(write(&ring, Mode::Kept(0o666), b"").is_err());
    }

    #[test]
    fn devices_and_fifos_are_written_to() {
        write(Path::new("/dev/null"), Mode::Fresh(0o777), b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());

        let folder = folder();
        let path = folder.path().join("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let reader = thread::spawn({
            let path = path.clone();
            move || fs::read(path).unwrap()
        });
        write(&path, Mode::Kept(0o666), b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert_eq!(names(folder.path()), ["fifo"]);
    }

    #[test]
    fn an_open_stream_is_not_renamed_over() {
        let folder = folder();
        let path = folder.path().join("a");
        let stream = File::create(&path).unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&stream);
        write(Path::new(&format!("/proc/self/fd/{number}")), Mode::Kept(0o666), b"x").unwrap();
        assert_eq!(stream.metadata().unwrap().ino(), fs::metadata(&path).unwrap().ino());
        assert_eq!(fs::read(&path).unwrap(), b"x");
    }

    #[test]
    fn errors_have_the_systems_words() {
        let message = |path: &Path| {
            let error = OutputFile::create(path, Mode::Kept(0o666)).unwrap_err();
            crate::output::system_message(&error)
        };
        let folder = folder();
        assert_eq!(message(&folder.path().join("no/a")), "No such file or directory");
        assert_eq!(message(folder.path()), "Is a directory");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(message(&file.join("a")), "Not a directory");
        assert_eq!(message(Path::new("/dev/full/a")), "Not a directory");
    }

    #[test]
    fn a_full_device_is_an_error() {
        let mut file = OutputFile::create(Path::new("/dev/full"), Mode::Kept(0o666)).unwrap();
        let error = file.write_all(b"x").unwrap_err();
        assert_eq!(crate::output::system_message(&error), "No space left on device");
    }
}
