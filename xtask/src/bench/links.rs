//! Links: each linker in turn with the command line of a real build, the output on a file system
//! in memory.
//!
//! The build runs once, with a script in place of ld that keeps what the compiler driver passes to
//! it and copies of the inputs, so that all linkers are given the same words.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::tests::corpus::root;
use anyhow::{Context, Result, bail};

use super::{Contender, Workload, made_once};
use crate::{build, builds, shell};

/// Where outputs go, if it is there.
const MEMORY: &str = "/dev/shm";
/// The program that stands in for ld while an input is built.
const RECORDER: &str = include_str!("record-ld.sh");
/// The Rust program.
const RIPGREP: &str = "14.1.1";
/// The linker from crates.io that ours is compared with.
const WILD: &str = "0.10.0";
/// The linker from Debian's archive that is newer than the release; it is not installed.
const NEWER_LLD: &str = "22";
/// The package with the sources of the kernel.
const KERNEL: &str = "linux-source-6.1";
/// The folder of LLVM's libraries.
const LLVM: &str = "/usr/lib/llvm-14";

/// A link of each kind.
///
/// # Errors
/// Where an input or a linker cannot be made.
pub fn workloads(links: &Path) -> Result<Vec<Workload>> {
    let place = Place::new()?;
    let linkers = linkers(links, &place.folder)?;
    let inputs = [
        ("clang -cc1", place.recorded("clang", clang)?),
        ("Rust program with debugging data, ripgrep", place.recorded("rg", ripgrep)?),
        ("hello, world in C", place.recorded("hello", hello)?),
        ("Linux with its script", place.recorded("vmlinux", vmlinux)?),
    ];
    inputs
        .into_iter()
        .map(|(title, words)| {
            let title = format!("ld, {title} ({} of input)", size_of_inputs(&words)?);
            Ok(workload(title, &words, &linkers))
        })
        .collect()
}

fn workload(title: String, words: &Path, linkers: &[(&'static str, PathBuf)]) -> Workload {
    let memory = Path::new(MEMORY);
    let output = if memory.is_dir() {
        memory.join("elftoolchain-bench")
    } else {
        words.with_extension("output")
    };
    let contenders = linkers
        .iter()
        .map(|(name, linker)| {
            let mut words = vec![shell::text(linker), "-o".to_owned(), shell::text(&output)];
            // They would work in a process that goes on when the first one has ended.
            if matches!(*name, "mold" | "wild") {
                words.push("--no-fork".to_owned());
            }
            Contender { name, words, input: None }
        })
        .collect();
    Workload { title, input: format!("@{}", words.display()).into(), contenders }
}

/// Fails unless our linker writes the same bytes whatever number of threads it has.
///
/// # Errors
/// A link fails, or what it wrote differs.
pub fn check_threads(links: &Path, workload: &Workload) -> Result<()> {
    let output = build::target().join("bench/links/checked");
    let mut first: Option<Vec<u8>> = None;
    for threads in ["1", "2", "16", "16"] {
        let mut command = Command::new(links.join("ld"));
        command.arg(format!("--threads={threads}")).arg("-o").arg(&output);
        shell::quiet(command.arg(&workload.input))?;
        let bytes = fs::read(&output)?;
        if *first.get_or_insert_with(|| bytes.clone()) != bytes {
            bail!("{}: {threads} threads make another output", workload.title);
        }
    }
    fs::remove_file(&output)?;
    Ok(())
}

/// Our linker and the others.
fn linkers(links: &Path, folder: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    Ok(vec![
        ("ours", links.join("ld")),
        ("GNU", "/usr/bin/ld.bfd".into()),
        ("gold", "/usr/bin/ld.gold".into()),
        ("LLVM", "/usr/bin/ld.lld-14".into()),
        ("LLVM 22", newer_lld(folder)?),
        ("mold", "/usr/bin/mold".into()),
        ("wild", wild(folder)?),
    ])
}

/// wild, installed where nothing else is.
fn wild(folder: &Path) -> Result<PathBuf> {
    made_once(folder.join("peers/bin/wild"), |_| {
        let root = shell::text(&folder.join("peers"));
        let mut command = build::cargo(&["install", "--quiet", "--locked", "wild-linker"]);
        shell::run(command.args(["--version", WILD, "--root", &root]))
    })
}

/// LLVM's newer linker, unpacked from its packages where nothing else is.
fn newer_lld(folder: &Path) -> Result<PathBuf> {
    let folder = folder.join(format!("peers/lld-{NEWER_LLD}"));
    // A program that finds the libraries that lie beside it.
    made_once(folder.join("ld.lld"), |path| {
        fs::create_dir_all(&folder)?;
        let packages = [format!("lld-{NEWER_LLD}"), format!("libllvm{NEWER_LLD}")];
        shell::run(Command::new("apt-get").arg("download").args(&packages).current_dir(&folder))?;
        for package in glob::glob(&format!("{}/*.deb", folder.display()))? {
            shell::quiet(Command::new("dpkg-deb").arg("-x").arg(package?).arg(&folder))?;
        }
        let root = folder.display();
        let text = format!(
            "#!/bin/sh\nexport LD_LIBRARY_PATH={root}/usr/lib/x86_64-linux-gnu:\
             {root}/usr/lib/llvm-{NEWER_LLD}/lib\n\
             exec {root}/usr/lib/llvm-{NEWER_LLD}/bin/ld.lld \"$@\"\n"
        );
        executable(path, &text)
    })
}

/// Where builds are recorded.
struct Place {
    folder: PathBuf,
    recorder: PathBuf,
}

/// The record of one build.
struct Record<'p> {
    /// Where it goes, and what is built.
    folder: PathBuf,
    /// The program whose link is kept.
    program: &'static str,
    place: &'p Place,
}

impl Place {
    fn new() -> Result<Self> {
        let folder = build::target().join("bench");
        fs::create_dir_all(&folder)?;
        let folder = fs::canonicalize(folder)?;
        let recorder = folder.join("recorder");
        fs::create_dir_all(&recorder)?;
        executable(&recorder.join("ld.bfd"), RECORDER)?;
        Ok(Self { folder, recorder })
    }

    /// The file with the words of the link of a program, kept when `make` builds it.
    fn recorded(
        &self,
        program: &'static str,
        make: fn(&Record<'_>) -> Result<()>,
    ) -> Result<PathBuf> {
        let folder = self.folder.join("links").join(program);
        made_once(folder.join("words"), |words| {
            make(&Record { folder: folder.clone(), program, place: self })?;
            if words.is_file() { Ok(()) } else { bail!("the build linked no {program}") }
        })
    }
}

impl Record<'_> {
    /// The options by which a compiler driver finds the program that keeps its words, and passes
    /// no plug-in, which some linkers would load and others not.
    fn driver_options(&self) -> [String; 3] {
        let folder = format!("-B{}", self.place.recorder.display());
        [folder, "-fuse-ld=bfd".to_owned(), "-fno-use-linker-plugin".to_owned()]
    }

    /// Runs a command of the build.
    fn run(&self, command: &mut Command) -> Result<()> {
        command.env("RECORD", &self.folder).env("RECORD_OUTPUT", self.program);
        shell::quiet(command)
    }

    /// Links with a compiler driver.
    fn link(&self, driver: &str, words: &[String]) -> Result<()> {
        let mut command = Command::new(driver);
        command.args(self.driver_options()).arg("-o").arg(self.folder.join(self.program));
        self.run(command.args(words))
    }

    /// Compiles a source of the tests.
    fn compile(&self, driver: &str, options: &[&str], source: &str) -> Result<String> {
        let object = self.folder.join(source).with_extension("o");
        let mut command = Command::new(driver);
        command.args(options).args(["-O1", "-c", "-o"]).arg(&object);
        shell::quiet(command.arg(root().join("tests/sources").join(source)))?;
        Ok(shell::text(&object))
    }
}

fn clang(record: &Record<'_>) -> Result<()> {
    let include = format!("-I{LLVM}/include");
    let object = record.compile("g++", &["-std=c++17", "-fno-rtti", &include], "compiler.cc")?;
    let mut words = vec![object, "-Wl,--start-group".to_owned()];
    for name in ["clang", "LLVM"] {
        for library in glob::glob(&format!("{LLVM}/lib/lib{name}*.a"))? {
            words.push(shell::text(&library?));
        }
    }
    words.push("-Wl,--end-group".to_owned());
    words.push("-l:libz3.so.4".to_owned());
    words.extend(["-lz", "-ltinfo", "-lxml2"].map(str::to_owned));
    record.link("g++", &words)
}

fn ripgrep(record: &Record<'_>) -> Result<()> {
    let flags = record.driver_options().map(|option| format!("-Clink-arg={option}")).join(" ");
    let mut command = build::cargo(&["install", "--quiet", "--locked", "--debug", "ripgrep"]);
    command.args(["--version", RIPGREP, "--root"]).arg(record.folder.join("root"));
    command.arg("--target-dir").arg(record.folder.join("target")).env("RUSTFLAGS", flags);
    record.run(&mut command)
}

fn hello(record: &Record<'_>) -> Result<()> {
    let object = record.compile("gcc", &[], "hello.c")?;
    record.link("gcc", &[object])
}

/// The kernel with modules of the recipe `linux`; its objects go once the link is kept.
fn vmlinux(record: &Record<'_>) -> Result<()> {
    let folder = record.folder.join("source");
    builds::unpack_tarball(KERNEL, &folder)?;
    let linker = format!("LD={}", record.place.recorder.join("ld.bfd").display());
    let make = |words: &[&str]| {
        let mut command = Command::new("make");
        command.args([linker.as_str(), "O=modular"]).args(words).current_dir(&folder);
        record.run(command.env("RECORD_INPUT", "vmlinux.a"))
    };
    make(&["tinyconfig"])?;
    let options = folder.join("modular/.config");
    let mut text = fs::read_to_string(&options)?;
    text.push_str(&fs::read_to_string(builds::recipes().join("linux-modular.config"))?);
    fs::write(&options, text)?;
    make(&["olddefconfig"])?;
    make(&["vmlinux"])?;
    Ok(fs::remove_dir_all(&folder)?)
}

/// How much a command line links, of what it names by path.
fn size_of_inputs(words: &Path) -> Result<String> {
    let text = fs::read_to_string(words).with_context(|| words.display().to_string())?;
    let files = text.lines().filter(|word| word.starts_with('/'));
    let size: u64 = files.filter_map(|file| Some(fs::metadata(file).ok()?.len())).sum();
    Ok(format!("{} KB", size / 1000))
}

/// Writes a program's text.
fn executable(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}
