//! The experiments that there are.

use experiments::{Experiment, program::print};
use network3::{Error, Network, Result, Shape, layer::Parameters};
use serde_json::{Value, json};

/// A line for each, none wider than a terminal; a sweep over λ is one line.
pub fn table() -> Result<()> {
    let mut lines = vec![format!("{:<24}{:>6} {:>8}  what it shows", "experiment", "epochs", "chapter")];
    let mut swept = vec![];
    for Experiment { name, shows, hyper_parameters, chapter, .. } in experiments::all() {
        let (name, shows) = match name.split_once("-lambda-") {
            Some((of, _)) if swept.contains(&of.to_string()) => continue,
            Some((of, _)) => {
                swept.push(of.to_string());
                (format!("{of}-lambda-X"), "how much regularisation: λ = X")
            }
            None => (name, shows),
        };
        let chapter = chapter.map_or("–".to_string(), |accuracy| format!("{:.2} %", 100.0 * accuracy));
        lines.push(format!("{name:<24}{:>6} {chapter:>8}  {shows}", hyper_parameters.stopping.at_most()));
    }
    let lambdas: Vec<_> = experiments::LAMBDAS.iter().map(f64::to_string).collect();
    let lambdas = lambdas.join(", ");
    lines.push(format!("\nX is one of {lambdas};\ntwo-conv-relu itself has 0.1, and two-conv has 0."));
    let beyond: Vec<_> = experiments::beyond().into_iter().map(|experiment| experiment.name).collect();
    let (last, others) = beyond.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
    let mut beyond = String::from("Beyond the chapter:");
    for word in format!("{} and {last}.", others.join(", ")).split(' ') {
        let wide = beyond.chars().rev().take_while(|&c| c != '\n').count() + 1 + word.len() > 80;
        beyond.extend([if wide { "\n" } else { " " }, word]);
    }
    lines.push(beyond);
    print(&lines.join("\n"))
}

/// An object for each, in a list.
pub fn json() -> Result<()> {
    let chapter = experiments::all().into_iter().map(|experiment| describe(experiment, false));
    let beyond = experiments::beyond().into_iter().map(|experiment| describe(experiment, true));
    let all = chapter.chain(beyond).collect::<Result<Vec<_>>>()?;
    let json = serde_json::to_string_pretty(&all).map_err(|e| Error::input(format!("the list as JSON: {e}")))?;
    print(&json)
}

/// An experiment with its network, layer by layer, for images of 28×28.
fn describe(experiment: Experiment, beyond: bool) -> Result<Value> {
    let Experiment { name, layers, hyper_parameters: hyper, distortion, networks, chapter, .. } = experiment;
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
        "schedule": hyper.eta.to_string(),
        "lambda": hyper.lambda,
        "momentum": hyper.momentum,
        "distortion": distortion,
        "mini_batch_size": hyper.mini_batch_size,
        "epochs": hyper.stopping.at_most(),
        "networks": networks,
        "chapter": chapter,
        "beyond": beyond,
    }))
}
