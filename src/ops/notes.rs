//! What a backend leaves itself on the way forward, for the way back.

use std::any::Any;

/// A backend's own notes on one operation: who won a window of max-pooling, which inputs were dropped. A layer keeps
/// them between the forward and the backward pass, and cannot look inside.
///
/// ```
/// use network3::ops::Notes;
/// let mut notes = Notes::default();
/// notes.of::<Vec<u8>>().push(7);
/// assert_eq!(notes.read::<Vec<u8>>(), Some(&vec![7]));
/// assert_eq!(notes.read::<String>(), None);
/// ```
#[derive(Debug, Default)]
pub struct Notes(Option<Box<dyn Any + Send>>);

impl Notes {
    /// The notes of this type, to be written. What there was of another type (another backend's) is dropped.
    pub fn of<T: Any + Send + Default>(&mut self) -> &mut T {
        if !self.0.as_ref().is_some_and(|notes| notes.is::<T>()) {
            self.0 = Some(Box::<T>::default());
        }
        let notes = self.0.as_mut().and_then(|notes| notes.downcast_mut());
        notes.expect("they have just been made")
    }

    /// The notes of this type, if they were taken.
    pub fn read<T: Any>(&self) -> Option<&T> {
        self.0.as_ref().and_then(|notes| notes.downcast_ref())
    }
}
