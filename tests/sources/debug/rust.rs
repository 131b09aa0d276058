// What Rust has that shows in debugging information: enums with data, traits, generics, closures,
// slices, modules.
pub mod shapes {
    #[derive(Clone, Debug)]
    pub enum Shape<'a, T> {
        Round(T),
        Flat { wide: u16, high: Option<&'a T> },
        Named(&'a str),
        Nothing,
    }
    pub trait Area {
        fn area(&self) -> f64;
    }
    impl<T: Copy + Into<f64>> Area for Shape<'_, T> {
        fn area(&self) -> f64 {
            match self {
                Shape::Round(radius) => (*radius).into() * 3.0,
                Shape::Flat { wide, high } => f64::from(*wide) * high.map_or(0.0, |high| (*high).into()),
                Shape::Named(name) => name.len() as f64,
                Shape::Nothing => 0.0,
            }
        }
    }
}
use shapes::{Area, Shape};
pub fn total(shapes: &[Box<dyn Area>], limit: Result<u8, std::num::ParseIntError>) -> f64 {
    let scale = limit.unwrap_or(1);
    let scaled = |area: f64| area * f64::from(scale);
    shapes.iter().map(|shape| scaled(shape.area())).sum()
}
pub static NAMES: [&str; 2] = ["one", "two"];
pub union Bits {
    pub int: u32,
    pub float: f32,
}
pub fn run(text: &str) -> f64 {
    let value = 3.5f32;
    let list: Vec<Box<dyn Area>> = vec![
        Box::new(Shape::Round(1.0f32)),
        Box::new(Shape::Flat { wide: 3, high: Some(&2u8) }),
        Box::new(Shape::Named::<f32>("x")),
    ];
    let bits = Bits { float: value };
    // SAFETY: every pattern of bits is a number.
    total(&list, text.parse()) + f64::from(unsafe { bits.int })
}
