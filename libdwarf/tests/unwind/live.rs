//! Calls C++, which calls C, which calls back; then the stack is captured.

use std::ffi::{CStr, CString, c_char, c_int};

type Next = extern "C" fn(*const c_char) -> c_int;

unsafe extern "C" {
    fn written_in_cpp(folder: *const c_char, next: Next) -> c_int;
    fn capture(folder: *const c_char);
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn written_in_rust(folder: *const c_char) -> c_int {
    let length = unsafe { CStr::from_ptr(folder) }.to_bytes().len();
    let words: Vec<usize> = (0..length).collect();
    unsafe { capture(folder) };
    words.len() as c_int
}

#[unsafe(no_mangle)]
#[inline(never)]
fn called_by_main(folder: &CStr) -> c_int {
    let result = unsafe { written_in_cpp(folder.as_ptr(), written_in_rust) };
    assert!(result > 0);
    result
}

fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let folder = CString::new(folder).expect("no zero byte");
    println!("{}", called_by_main(&folder));
}
