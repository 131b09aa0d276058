//! Many answers at once, worked out on all processors.
//!
//! What does not depend on other answers is printed where it was found, in the order of addresses;
//! the texts are put in the order of questions afterwards. The few answers that do depend on those
//! before are settled and printed then.

use std::sync::Mutex;

use common::Output;

use crate::options::Options;
use crate::print::Printer;
use crate::session::{Answer, Session, Spot};

/// What answers many questions.
#[derive(Debug)]
pub struct Many<'o> {
    /// One for each thread: they know names that were printed before.
    printers: Vec<Mutex<Printer<'o>>>,
}

/// The answers for neighbours.
struct Piece<'m, 'o, 'data> {
    printer: Option<&'m Mutex<Printer<'o>>>,
    /// The question's number, the unit, and where the text ends that starts where the one before
    /// ended.
    done: Vec<(u32, u64, u32)>,
    text: Vec<u8>,
    open: Vec<(u32, Answer<'data>)>,
    scratch: Answer<'data>,
}

/// Where the answer to a question is.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    /// The piece, the unit, and the text.
    Done(usize, u64, (u32, u32)),
    Open(usize, usize),
}

impl<'o> Many<'o> {
    pub fn new(options: &'o Options, is_64: bool) -> Self {
        let printer = |_| Mutex::new(Printer::new(options, is_64));
        Self { printers: (0..rayon::current_num_threads().max(1)).map(printer).collect() }
    }

    /// Answers for the addresses of all lines, in their order.
    pub fn answer(&self, out: &mut Output, session: &mut Session<'_, '_>, lines: &[&[u8]]) {
        let spots: Vec<Spot> = lines.iter().map(|line| session.spot(line)).collect();
        let mut pieces = {
            let session = &*session;
            // An address of no section is asked for as 0, and nothing of the answer is used.
            let addresses: Vec<u64> =
                spots.iter().map(|spot| spot.asked.unwrap_or_default()).collect();
            session.lookup().fold(
                &addresses,
                || Piece::new(self),
                |piece, number, found| {
                    let Some(spot) = spots.get(number) else { return };
                    let found = found.filter(|_| spot.asked.is_some());
                    session.find(*spot, found, &mut piece.scratch);
                    piece.keep(number as u32);
                },
            )
        };
        let mut places = vec![Place::Nowhere; lines.len()];
        for (piece, answers) in pieces.iter().enumerate() {
            let mut start = 0;
            for &(number, unit, end) in &answers.done {
                if let Some(place) = places.get_mut(number as usize) {
                    *place = Place::Done(piece, unit, (start, end));
                }
                start = end;
            }
            for (index, (number, _)) in answers.open.iter().enumerate() {
                if let Some(place) = places.get_mut(*number as usize) {
                    *place = Place::Open(piece, index);
                }
            }
        }
        let printer = self.printer().map(Mutex::lock);
        let Some(Ok(mut printer)) = printer else { return };
        for place in places {
            match place {
                Place::Nowhere => {}
                Place::Done(piece, unit, (start, end)) => {
                    session.see_unit(unit);
                    let text = pieces.get(piece).map_or(&[][..], |piece| &piece.text);
                    out.put(text.get(start as usize..end as usize).unwrap_or_default());
                }
                Place::Open(piece, index) => {
                    let piece = pieces.get_mut(piece);
                    let answer = piece.and_then(|piece| piece.open.get_mut(index));
                    if let Some((_, answer)) = answer {
                        session.settle(answer);
                        printer.print(out.buf(), answer);
                    }
                }
            }
        }
    }

    /// That of the thread which asks.
    fn printer(&self) -> Option<&Mutex<Printer<'o>>> {
        self.printers.get(rayon::current_thread_index().unwrap_or(0)).or(self.printers.first())
    }
}

impl<'m, 'o> Piece<'m, 'o, '_> {
    fn new(many: &'m Many<'o>) -> Self {
        Self {
            printer: many.printer(),
            done: Vec::new(),
            text: Vec::new(),
            open: Vec::new(),
            scratch: Answer::default(),
        }
    }

    /// Prints the answer of `scratch`, or keeps it if it depends on others.
    fn keep(&mut self, number: u32) {
        // What is longer than 4 GiB is not printed here.
        let is_short = u32::try_from(self.text.len()).is_ok_and(|length| length < u32::MAX / 2);
        let printer = self.printer.and_then(|printer| printer.lock().ok());
        match self.scratch.settled_unit().filter(|_| is_short).zip(printer) {
            Some((unit, mut printer)) => {
                printer.print(&mut self.text, &self.scratch);
                self.done.push((number, unit, self.text.len() as u32));
            }
            None => self.open.push((number, self.scratch.clone())),
        }
    }
}
