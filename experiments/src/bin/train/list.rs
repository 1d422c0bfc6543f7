//! The experiments that there are.

use crate::say;
use experiments::Experiment;
use network3::{Error, Network, Result, Shape, layer::Parameters};
use serde_json::{Value, json};

/// A line for each.
pub fn table() -> Result<()> {
    say!("{:<30}{:>6}  {:>11}  what it shows", "experiment", "epochs", "the chapter");
    for Experiment { name, shows, hyper_parameters, chapter, .. } in experiments::all() {
        let chapter = chapter.map_or("–".to_string(), |accuracy| format!("{:.2} %", 100.0 * accuracy));
        say!("{name:<30}{:>6}  {chapter:>11}  {shows}", hyper_parameters.stopping.at_most());
    }
    Ok(())
}

/// An object for each, in a list.
pub fn json() -> Result<()> {
    let all = experiments::all().into_iter().map(describe).collect::<Result<Vec<_>>>()?;
    let json = serde_json::to_string_pretty(&all).map_err(|e| Error::input(format!("the list as JSON: {e}")))?;
    say!("{json}");
    Ok(())
}

/// An experiment with its network, layer by layer, for images of 28×28.
fn describe(experiment: Experiment) -> Result<Value> {
    let Experiment { name, layers, hyper_parameters: hyper, networks, chapter, .. } = experiment;
    let network = Network::new(Shape::image(1, 28, 28), &layers)?;
    let described = layers.iter().zip(network.layers()).map(|(spec, layer)| {
        let parameters = layer.parameters().map_or(0, Parameters::count);
        json!({ "layer": spec.to_string(), "output": layer.output_shape().to_string(), "parameters": parameters })
    });
    Ok(json!({
        "name": name,
        "layers": described.collect::<Vec<_>>(),
        "parameters": network.parameter_count(),
        "eta": hyper.eta.start(),
        "lambda": hyper.lambda,
        "mini_batch_size": hyper.mini_batch_size,
        "epochs": hyper.stopping.at_most(),
        "networks": networks,
        "chapter": chapter,
    }))
}
