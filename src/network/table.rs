//! A network as a table.

use super::Network;
use crate::{Real, layer::Parameters, thousands};
use std::fmt;

/// A table: layer, output shape, parameters.
impl<R: Real> fmt::Display for Network<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Eighty columns, as far as the layers' own descriptions allow.
        let mut row = |n: &dyn fmt::Display, what: &str, shape: &str, count: &str| {
            let row = format!("{n:>2}  {what:<52} {shape:>9} {count:>12}");
            writeln!(f, "{}", row.trim_end())
        };
        row(&"", "layer", "output", "parameters")?;
        row(&"", "input", &self.input().to_string(), "")?;
        for (k, (spec, layer)) in self.specs.iter().zip(self.layers()).enumerate() {
            let mut count = 0;
            layer.visit(&mut vec![], &mut |_, _, p: &Parameters<R>| count += p.count());
            row(&(k + 1), &spec.to_string(), &layer.output_shape().to_string(), &thousands(count))?;
        }
        row(&"", "total", "", &thousands(self.parameter_count()))
    }
}
