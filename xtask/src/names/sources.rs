//! Where real names come from.

use ::tests::corpus::Subset;

/// A place that names come from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// A package of Debian.
    Package(&'static str),
    /// A file that `cargo xtask setup` provides.
    File(&'static str),
    /// Our programs, built without optimisation.
    Programs,
    /// The libraries of the Rust toolchain.
    Sysroot,
    /// This workspace, built with a mangling of Rust: `legacy` or `v0`.
    Build(&'static str),
}

use Source::{Build, File, Package, Programs, Sysroot};

impl Source {
    /// The smallest subset that has it.
    pub fn subset(&self) -> Subset {
        match self {
            File(_) | Programs | Package("libgphobos3") => Subset::Ci,
            _ => Subset::All,
        }
    }

    /// A name for files.
    pub fn key(&self) -> String {
        match self {
            Package(name) => (*name).to_owned(),
            File(path) => path.trim_start_matches('/').replace('/', "_"),
            Programs => "programs".to_owned(),
            Sysroot => "rust-sysroot".to_owned(),
            Build(mangling) => format!("built-{mangling}"),
        }
    }
}

/// A list of names.
#[derive(Debug)]
pub struct List {
    /// Its name.
    pub name: &'static str,
    /// What all of its names begin with, one of these.
    pub prefixes: &'static [&'static str],
    /// Where they come from.
    pub sources: &'static [Source],
    /// The lists whose names it shall not have.
    pub without: Option<&'static [&'static str]>,
}

impl List {
    /// Whether a subset has a source of it.
    pub fn has_any_in(&self, subset: Subset) -> bool {
        self.sources.iter().any(|source| source.subset() <= subset)
    }

    /// Whether a name is one for this list.
    pub fn takes(&self, name: &[u8]) -> bool {
        let bare = bare(name);
        self.prefixes.iter().any(|prefix| bare.starts_with(prefix.as_bytes()))
    }
}

/// A name without the underscores before it.
fn bare(name: &[u8]) -> &[u8] {
    let underscores = name.iter().take_while(|byte| **byte == b'_').count();
    name.get(underscores..).unwrap_or_default()
}

/// Whether a symbol's name looks like one of any list.
pub fn is_mangled(name: &[u8]) -> bool {
    name.starts_with(b"_") && LISTS.iter().any(|list| list.takes(name))
}

/// All lists.
pub const LISTS: &[List] = &[
    List { name: "cxx", prefixes: &["Z", "GLOBAL_"], sources: CXX, without: None },
    List { name: "rust", prefixes: &["R", "ZN"], sources: RUST, without: None },
    List { name: "dlang", prefixes: &["D"], sources: DLANG, without: None },
    List {
        name: "heldout",
        prefixes: &["Z", "R", "GLOBAL_"],
        sources: HELD_OUT,
        without: Some(&["cxx", "rust"]),
    },
];

const CXX: &[Source] = &[
    File("/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1"),
    File("/usr/lib/x86_64-linux-gnu/libstdc++.so.6"),
    File("/usr/lib/llvm-14/lib/libLLVMSupport.a"),
    File("/usr/lib/llvm-14/lib/libLLVMAnalysis.a"),
    Package("libabsl-dev"),
    Package("libabsl20220623"),
    Package("libboost-filesystem1.74.0"),
    Package("libboost-locale1.74.0"),
    Package("libboost-log1.74.0"),
    Package("libboost-math1.74.0"),
    Package("libboost-program-options1.74.0"),
    Package("libboost-python1.74.0"),
    Package("libboost-regex1.74.0"),
    Package("libboost-serialization1.74.0"),
    Package("libboost-wave1.74.0"),
    Package("libcasa-tables7"),
    Package("libceres-dev"),
    Package("libceres3"),
    Package("libclang-14-dev"),
    Package("libclang-cpp14"),
    Package("libgdal32"),
    Package("libgrpc++1.51"),
    Package("libgrpc-dev"),
    Package("libgrpc29"),
    Package("libicu72"),
    Package("libinsighttoolkit5.2"),
    Package("libjavascriptcoregtk-4.0-18"),
    Package("liblldb-14"),
    Package("libllvm14"),
    Package("libllvm15"),
    Package("libmapnik3.1"),
    Package("libmlir-14-dev"),
    Package("libmlir-14"),
    Package("libopenscenegraph161"),
    Package("libopenvdb10.0"),
    Package("libpcl-features1.13"),
    Package("libpcl-surface1.13"),
    Package("libpolymake4.6"),
    Package("libprotobuf32"),
    Package("libprotoc32"),
    Package("libqt5core5a"),
    Package("libqt5gui5"),
    Package("libqt5network5"),
    Package("libqt5qml5"),
    Package("libqt5quick5"),
    Package("libqt5widgets5"),
    Package("libqt6core6"),
    Package("libqt6gui6"),
    Package("libqt6network6"),
    Package("libqt6qml6"),
    Package("libqt6quick6"),
    Package("libqt6widgets6"),
    Package("librados2"),
    Package("libreoffice-writer"),
    Package("libsimgrid3.32"),
    Package("libstdc++6-12-dbg"),
    Package("libstdc++6"),
    Package("libtbb12"),
    Package("libtorch1.13"),
    Package("libtrilinos-ifpack2-13.2"),
    Package("libtrilinos-muelu-13.2"),
    Package("libtrilinos-tpetra-13.2"),
    Package("libvtk9.1"),
    Package("libwebkit2gtk-4.0-37"),
    Package("libxapian30"),
    Package("llvm-14-dev"),
];

const RUST: &[Source] = &[
    Programs,
    Sysroot,
    Build("legacy"),
    Build("v0"),
    Package("libstd-rust-1.63"),
    Package("libstd-rust-dev"),
];

const DLANG: &[Source] = &[
    Package("libgphobos3"),
    Package("libgphobos-12-dev"),
    Package("libphobos2-ldc-shared100"),
    Package("libphobos2-ldc-shared-dev"),
];

/// What nobody looks at while a demangler is written: it tells how names do that are new to it.
const HELD_OUT: &[Source] = &[
    Package("ceph-common"),
    Package("inkscape"),
    Package("kicad"),
    Package("libboost-test1.74-dev"),
    Package("libc++-14-dev"),
    Package("libdolfinx-real0.5"),
    Package("libdune-grid-dev"),
    Package("libfreecad-python3-0.20"),
    Package("libgtest-dev"),
    Package("libkf5archive5"),
    Package("libkf5coreaddons5"),
    Package("libkf5kiocore5"),
    Package("libkf5plasma5"),
    Package("libkf5plasmaquick5"),
    Package("libkf5service5"),
    Package("libkf5texteditor5"),
    Package("libkf5widgetsaddons5"),
    Package("libkf5xmlgui5"),
    Package("libogre1.12.10"),
    Package("libopencv-contrib406"),
    Package("libopencv-core406"),
    Package("libopencv-dnn406"),
    Package("libopencv-imgproc406"),
    Package("libpcl-search1.13"),
    Package("libreoffice-core"),
    Package("libtesseract5"),
    Package("paraview-dev"),
    Package("prusa-slicer"),
];
