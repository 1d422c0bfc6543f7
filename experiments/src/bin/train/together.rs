//! Several runs at a time: their networks side by side on a device.

use crate::{
    device::Device,
    keep::Claim,
    progress::Progress,
    run::{Plan, Run},
    say,
};
use experiments::record::Configuration;
use network3::{Result, data::Splits, opencl};

/// The device on which these runs can be made at a time, if they can. Steps are taken together, so all of them must
/// have the same number of epochs behind them; and they share images, so none may distort its own.
pub fn device<'a>(plans: &'a [Plan], claims: &[Claim]) -> Option<&'a Device> {
    let done = |claim: &Claim| claim.earlier.as_ref().map_or(0, |earlier| earlier.history.len());
    let shared = plans.iter().all(|plan| plan.experiment.distortion.is_none());
    let alike = shared && plans.len() > 1 && claims.iter().all(|claim| done(claim) == done(&claims[0]));
    plans.first().filter(|_| alike)?.device.as_ref()
}

/// Trains all of them to the end. When one cannot go on, the others do; the first error is told then.
pub fn run(
    plans: &[Plan],
    device: &Device,
    splits: &Splits,
    configuration: &Configuration,
    claims: Vec<Claim>,
) -> Result<Vec<Run>> {
    let first = &plans[0];
    let networks = plans.iter().map(|plan| plan.network(splits)).collect::<Result<Vec<_>>>()?;
    plans.iter().zip(&networks).try_for_each(|(plan, network)| plan.check_room(network))?;
    let seeds = format!("seeds {} to {}, side by side", first.seed, plans[plans.len() - 1].seed);
    first.announce(splits, configuration, &networks[0], &seeds);
    say!("on {}", device.description());
    let neighbours = opencl::side_by_side(networks, device)?;
    Progress::head("        ");
    let one = |plan: &Plan, mut neighbour: opencl::Neighbour, claim| -> Result<Run> {
        let processor = format!("{}, OpenCL, {} networks side by side", device.description(), plans.len());
        let shown = |progress: Progress| progress.among_others(plan.seed, plan.seed == first.seed);
        let trained = plan.train(splits, configuration.clone(), claim, (&mut neighbour, processor), shown)?;
        plan.keep(trained, neighbour.into_host()?)
    };
    std::thread::scope(|scope| {
        let start = |((plan, neighbour), claim)| {
            scope.spawn({
                let one = &one;
                move || one(plan, neighbour, claim)
            })
        };
        let threads: Vec<_> = plans.iter().zip(neighbours).zip(claims).map(start).collect();
        let ended: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("a run does not panic")).collect();
        ended.into_iter().collect()
    })
}
