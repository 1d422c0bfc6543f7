//! Runs on a device: alone, and several at a time.
#![cfg(feature = "opencl")]

mod train;

use experiments::record::Record;
use train::{ok, run};

/// A run is to the bit what it is alone, though others are computed beside it.
#[test]
fn several_runs_at_a_time_are_each_what_they_are_alone() {
    let folder = tempfile::tempdir().unwrap();
    if run(folder.path(), "--list-devices").0 != 0 {
        return println!("skipped: no OpenCL device");
    }
    let shallow = |more| ok(folder.path(), &format!("shallow --images 60 --epochs 2 --device opencl {more}"));
    let said = shallow("--runs 2 --seed 3 --record together.json --save net");
    assert!(said.contains("seeds 3 to 4, side by side") && said.contains("seed 4  epoch  1"), "{said}");
    shallow("--seed 4 --folder alone --record alone.json");
    let read = |name: &str| Record::read(folder.path().join(name)).unwrap();
    let (alone, together) = (read("alone.json"), read("together-4.json"));
    assert!(together.processor.contains("2 networks side by side"), "{}", together.processor);
    let results = |record: &Record| {
        let epochs = record.epochs.iter().cloned().map(|mut epoch| {
            epoch.images_per_second = None;
            epoch
        });
        (epochs.collect::<Vec<_>>(), record.misclassified.clone())
    };
    assert_eq!(results(&together), results(&alone));
    assert_ne!(results(&together), results(&read("together-3.json")));
    assert!(network3::model_file::load(folder.path().join("net-4")).is_ok());
}
