//! Gradients, as they come together: a value that was used several times has the sum of what each use gives.

use super::{Node, Shape, Var};
use network3::Real;

/// The gradient of a value, to be added to.
pub struct Gradient<'a, R> {
    sum: &'a mut [R],
    /// Has anything been added? Otherwise the numbers are old ones.
    begun: bool,
}

impl<'a, R: Real> Gradient<'a, R> {
    /// Adds a term to each number, in their order: as many terms as numbers.
    pub fn add(self, terms: impl Iterator<Item = R>) {
        let each = self.sum.iter_mut().zip(terms);
        if self.begun { each.for_each(|(sum, term)| *sum += term) } else { each.for_each(|(sum, term)| *sum = term) }
    }

    /// The sums so far, which are zero where nothing was added, for terms that come in another order.
    pub fn sums(self) -> &'a mut [R] {
        if !self.begun {
            self.sum.fill(R::zero());
        }
        self.sum
    }
}

impl<R: Real> Node<R> {
    /// Makes room for the gradient. Says whether it had begun.
    fn begin(&mut self) -> bool {
        self.gradient.resize(self.value.len(), R::zero());
        std::mem::replace(&mut self.reached, true)
    }

    /// The gradient, to add to: zeros, if nobody has yet.
    pub fn reach(&mut self) -> &mut [R] {
        let begun = self.begin();
        Gradient { sum: &mut self.gradient, begun }.sums()
    }

    /// The same, for as long as the other nodes are needed beside it.
    pub fn take_gradient(&mut self) -> Vec<R> {
        self.reach();
        std::mem::take(&mut self.gradient)
    }
}

/// Hands a node's whole gradient over to `x`, which has the same numbers of it: a copy is made only where there is
/// something to add to.
pub fn hand_over<R: Real>(before: &mut [Node<R>], x: Var, from: &mut Node<R>) {
    let to = &mut before[x.0];
    debug_assert_eq!(to.value.len(), from.gradient.len(), "numbers of a gradient that is handed over");
    if to.wanted && !to.reached {
        to.reached = true;
        std::mem::swap(&mut to.gradient, &mut from.gradient);
    } else {
        with_gradient(before, x, |_, dx, _| dx.add(from.gradient.iter().copied()));
    }
}

/// Lets `f` add to the gradient of `x`, given all nodes and the shape; unless no parameter lies behind x.
pub fn with_gradient<R: Real>(before: &mut [Node<R>], x: Var, f: impl FnOnce(&[Node<R>], Gradient<R>, Shape)) {
    let node = &mut before[x.0];
    if node.wanted {
        let begun = node.begin();
        let (mut sum, shape) = (std::mem::take(&mut node.gradient), node.shape);
        f(before, Gradient { sum: &mut sum, begun }, shape);
        before[x.0].gradient = sum;
    }
}
