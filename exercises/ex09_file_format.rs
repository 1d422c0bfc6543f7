//! # A file format of your own
//!
//! A network that took a night to train should be there in the morning. In this exercise you invent the file that it
//! sleeps in: which bytes stand for what is up to you. It is judged by two things alone. What has been saved comes back
//! to the last bit, and a file that is not what it should be is refused, with a reason, instead of becoming a network
//! that is subtly wrong.
//!
//! What is to be saved is a [`State`], the library's own type: a list of tensors, each with a name, in `f32`. A name is
//! any text, also an empty one, and no two tensors have the same; a tensor has any number of dimensions, also none, and
//! any lengths, also 0. An `f32` has four bytes, which `to_le_bytes` and `from_le_bytes` give and take, whatever it
//! holds: −0, infinities, all the kinds of NaN.
//!
//! Bytes are enough: `std::fs::write` and `std::fs::read` do the rest.

use network3::State;

/// The bytes that a state is saved as. The same state gives the same bytes, always.
pub fn to_bytes(state: &State) -> Vec<u8> {
    todo!()
}

/// The state that these bytes were made of, to the last bit.
///
/// # Errors
/// In words, whenever the bytes are not exactly what [`to_bytes`] makes of a state: when the end is missing or
/// something follows it, when they are not of this format at all, and also when a single byte has been changed or two
/// neighbours have changed places, in the numbers, too. Whatever the bytes are, this neither panics nor asks for more
/// memory than they can fill.
pub fn from_bytes(bytes: &[u8]) -> Result<State, String> {
    todo!()
}

/// Puts the tensors that the bytes hold into a network's state, which has the right names and shapes already, in this
/// order.
///
/// # Errors
/// When the bytes are refused by [`from_bytes`], or when they hold other names, another order, other shapes, fewer or
/// more tensors than `state`; the message says which. Then `state` is what it was, all of it.
pub fn load(state: &mut State, bytes: &[u8]) -> Result<(), String> {
    todo!()
}
