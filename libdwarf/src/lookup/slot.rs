//! A place for what is made when it is asked for, and may be dropped when there is too much.

use std::sync::{Arc, RwLock};

#[derive(Debug)]
pub(super) struct Slot<T>(RwLock<Option<Arc<T>>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(RwLock::new(None))
    }
}

impl<T> Slot<T> {
    /// What is there, or is made now.
    pub(super) fn get_or_make(&self, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(value) = self.get() {
            return value;
        }
        let Ok(mut slot) = self.0.write() else { return Arc::new(make()) };
        // Another thread may have been first.
        if let Some(value) = &*slot {
            return Arc::clone(value);
        }
        let value = Arc::new(make());
        *slot = Some(Arc::clone(&value));
        value
    }

    fn get(&self) -> Option<Arc<T>> {
        self.0.read().ok()?.as_ref().map(Arc::clone)
    }

    /// Drops what is there, unless somebody still uses it.
    pub(super) fn clear(&self) {
        if let Ok(mut slot) = self.0.write() {
            *slot = None;
        }
    }
}
