//! A list whose elements keep their key while it is edited.

/// A list in an order of its own, whose elements have keys that stay when others come, go or move.
#[derive(Clone, Debug)]
pub struct Slots<T> {
    /// The elements by key; `None` where one was removed.
    slots: Vec<Option<T>>,
    /// The keys in order.
    order: Vec<u32>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), order: Vec::new() }
    }
}

impl<T: PartialEq> PartialEq for Slots<T> {
    /// Equal elements in equal order; keys are not compared.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().map(|(_, a)| a).eq(other.iter().map(|(_, b)| b))
    }
}

impl<T> Slots<T> {
    /// A list with room for `count` elements.
    pub fn with_capacity(count: usize) -> Self {
        Self { slots: Vec::with_capacity(count), order: Vec::with_capacity(count) }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Adds an element at the end; its key.
    pub fn push(&mut self, element: T) -> u32 {
        let key = self.slots.len() as u32;
        self.slots.push(Some(element));
        self.order.push(key);
        key
    }

    /// Adds an element before the one at `index`, or at the end; its key.
    pub fn insert(&mut self, index: usize, element: T) -> u32 {
        let key = self.slots.len() as u32;
        self.slots.push(Some(element));
        self.order.insert(index.min(self.order.len()), key);
        key
    }

    /// Takes the element with this key out.
    pub fn remove(&mut self, key: u32) -> Option<T> {
        let element = self.slots.get_mut(key as usize)?.take()?;
        self.order.retain(|&other| other != key);
        Some(element)
    }

    /// The element with this key.
    pub fn get(&self, key: u32) -> Option<&T> {
        self.slots.get(key as usize)?.as_ref()
    }

    /// The element with this key, to be changed.
    pub fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        self.slots.get_mut(key as usize)?.as_mut()
    }

    /// The keys in order.
    pub fn keys(&self) -> &[u32] {
        &self.order
    }

    /// Puts the elements in the order of their keys in `order`. Keys that are not there are left
    /// out; elements that `order` does not name follow in the order they had.
    pub fn reorder(&mut self, order: &[u32]) {
        let mut is_placed = vec![false; self.slots.len()];
        let mut placed = Vec::with_capacity(self.order.len());
        for &key in order.iter().chain(&self.order) {
            let here = self.get(key).is_some();
            if let Some(seen) = is_placed.get_mut(key as usize)
                && here
                && !std::mem::replace(seen, true)
            {
                placed.push(key);
            }
        }
        self.order = placed;
    }

    /// Key and element of each, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.order.iter().filter_map(|&key| Some((key, self.get(key)?)))
    }

    /// Each element, to be changed, in the order of their keys.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        (0..).zip(&mut self.slots).filter_map(|(key, slot)| Some((key, slot.as_mut()?)))
    }

    /// Takes out all elements of which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(u32, &T) -> bool) {
        let slots = &mut self.slots;
        self.order.retain(|&key| {
            let Some(slot) = slots.get_mut(key as usize) else { return false };
            let stays = slot.as_ref().is_some_and(|element| keep(key, element));
            if !stays {
                *slot = None;
            }
            stays
        });
    }

    /// The key of the element at this position.
    pub fn key_at(&self, position: usize) -> Option<u32> {
        self.order.get(position).copied()
    }

    /// For each key its position in the order: [`u32::MAX`] for a removed one.
    pub fn positions(&self) -> Vec<u32> {
        let mut positions = vec![u32::MAX; self.slots.len()];
        for (position, &key) in self.order.iter().enumerate() {
            if let Some(slot) = positions.get_mut(key as usize) {
                *slot = position as u32;
            }
        }
        positions
    }
}
