//! Literals.
//!
//! Floating-point values are mangled as the digits of their bits, and printed as C's `%a` does:
//! `0x1.8p+3`. An extended double has its leading bit written out, and so its first digit is 8 or
//! more: `0xcp-2`.

use super::super::arena::{Node, NodeId, Span};
use super::super::operators;
use super::super::spell::{Print, Spell as _};
use super::Printer;
use crate::Error;

/// A format of floating-point values, and how one is printed.
struct Format {
    /// Hexadecimal digits of a value.
    digits: u32,
    /// Bits of the exponent.
    exponent_bits: u32,
    /// Bits of the fraction.
    fraction_bits: u32,
    /// Whether the leading bit of the significand stands before the fraction.
    explicit: bool,
    /// What follows the number.
    suffix: &'static str,
}

const FLOAT: Format =
    Format { digits: 8, exponent_bits: 8, fraction_bits: 23, explicit: false, suffix: "f" };
const DOUBLE: Format =
    Format { digits: 16, exponent_bits: 11, fraction_bits: 52, explicit: false, suffix: "" };
const EXTENDED: Format =
    Format { digits: 20, exponent_bits: 15, fraction_bits: 63, explicit: true, suffix: "L" };

impl Printer<'_> {
    /// Prints a literal.
    pub(super) fn literal(&mut self, of: NodeId, value: Span, negative: bool) -> Print {
        match self.arena.node(of) {
            Node::Builtin(place) => {
                let builtin = operators::builtin_at(place).ok_or(Error::NotMangled)?;
                match &builtin.code {
                    b"b\0" => self.boolean(value, negative),
                    b"f\0" => self.float(&FLOAT, value, negative),
                    b"d\0" => self.float(&DOUBLE, value, negative),
                    b"e\0" => self.float(&EXTENDED, value, negative),
                    b"Dn" if value.len == 0 && !negative => self.put("nullptr"),
                    b"g\0" | [b'D', _] => Err(Error::NotMangled),
                    b"i\0" => self.integer(value, negative, ""),
                    b"j\0" => self.integer(value, negative, "u"),
                    b"l\0" => self.integer(value, negative, "l"),
                    b"m\0" => self.integer(value, negative, "ul"),
                    b"x\0" => self.integer(value, negative, "ll"),
                    b"y\0" => self.integer(value, negative, "ull"),
                    _ => self.cast(of, value, negative),
                }
            }
            Node::Array { .. } if value.len == 0 => {
                self.put("\"<")?;
                self.node(of)?;
                self.put(">\"")
            }
            Node::Lambda { head, parameters, .. } if value.len == 0 => {
                self.put("[]")?;
                self.closure(head, parameters)?;
                self.put("{...}")
            }
            _ if value.len == 0 && !negative => self.node(of),
            _ => self.cast(of, value, negative),
        }
    }

    /// Prints a value behind its type.
    fn cast(&mut self, of: NodeId, value: Span, negative: bool) -> Print {
        self.put("(")?;
        self.node(of)?;
        self.put(")")?;
        self.integer(value, negative, "")
    }

    fn integer(&mut self, value: Span, negative: bool, suffix: &str) -> Print {
        let digits = self.bytes(value);
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Error::NotMangled);
        }
        if negative {
            self.put("-")?;
        }
        self.span(value)?;
        self.put(suffix)
    }

    fn boolean(&mut self, value: Span, negative: bool) -> Print {
        match self.bytes(value) {
            b"0" if !negative => self.put("false"),
            b"1" if !negative => self.put("true"),
            _ => Err(Error::NotMangled),
        }
    }

    fn float(&mut self, format: &Format, value: Span, negative: bool) -> Print {
        if value.len != format.digits || negative {
            return Err(Error::NotMangled);
        }
        let mut bits: u128 = 0;
        for &byte in self.bytes(value) {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                _ => return Err(Error::NotMangled),
            };
            bits = bits << 4 | u128::from(digit);
        }
        self.float_of_bits(format, bits)
    }

    fn float_of_bits(&mut self, format: &Format, bits: u128) -> Print {
        let explicit = u32::from(format.explicit);
        let significand_bits = format.fraction_bits + explicit;
        let exponent_mask = (1_u128 << format.exponent_bits) - 1;
        let exponent = bits >> significand_bits & exponent_mask;
        let fraction = bits & ((1 << format.fraction_bits) - 1);
        let leading = if format.explicit {
            bits >> format.fraction_bits & 1
        } else {
            u128::from(exponent != 0)
        };
        if bits >> (significand_bits + format.exponent_bits) & 1 == 1 {
            self.put("-")?;
        }
        if exponent == exponent_mask {
            self.put(if fraction == 0 { "inf" } else { "nan" })?;
            return self.put(format.suffix);
        }
        let bias = (exponent_mask >> 1) as i32;
        let mut power = exponent.max(1) as i32 - bias;
        // The significand with its first hexadecimal digit at the top of 128 bits.
        let mut significand =
            (leading << format.fraction_bits | fraction) << (127 - format.fraction_bits);
        if significand == 0 {
            power = 0;
        } else if format.digits == FLOAT.digits && leading == 0 {
            // Printed as a double, for which it is not too small.
            let shift = significand.leading_zeros();
            significand <<= shift;
            power -= shift as i32;
        }
        if format.explicit {
            power = if significand == 0 { 0 } else { power - 3 };
        } else {
            // The leading bit is a digit by itself.
            self.put(if significand >> 127 == 1 { "0x1" } else { "0x0" })?;
            significand <<= 1;
        }
        if format.explicit {
            self.put("0x")?;
            self.hexadecimal_digit(significand)?;
            significand <<= 4;
        }
        if significand != 0 {
            self.put(".")?;
        }
        while significand != 0 {
            self.hexadecimal_digit(significand)?;
            significand <<= 4;
        }
        self.put(if power < 0 { "p-" } else { "p+" })?;
        self.number(power.unsigned_abs().into())?;
        self.put(format.suffix)
    }

    /// Prints the topmost digit.
    fn hexadecimal_digit(&mut self, number: u128) -> Print {
        let digit = (number >> 124) as u8;
        self.text.put(&[if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }])
    }
}
