//! What goes wrong is said in a sentence.

use super::*;
use network3::opencl::{Defines, DeviceNetwork};
use network3::{Network, Spec};

#[test]
fn a_device_that_there_is_not() {
    let Some(_) = device() else { return };
    let e = opencl::open(Some(999)).err().unwrap().to_string();
    assert!(e.starts_with("there is no device opencl:999: there "), "{e}");
    assert!(!opencl::devices().unwrap().is_empty());
}

#[test]
fn a_kernel_that_does_not_build() {
    let Some(device) = device() else { return };
    let e =
        device.program(&Defines::default(), &["kernel void k(global float *x) { x[0] = nonsense; }"]).err().unwrap();
    assert!(e.to_string().contains("cannot build a kernel: ") && e.to_string().contains("nonsense"), "{e}");
}

/// A network that no device has room for: the message says which buffer, and how much it would take.
#[test]
fn no_room() {
    let Some(device) = device() else { return };
    let e = device.buffer::<f32>("the outputs of layer 7", usize::MAX / 8).err().unwrap().to_string();
    assert!(e.contains("has no room for the outputs of layer 7: ") && e.contains(" MiB of its "), "{e}");
}

#[test]
fn images_of_another_shape() {
    let Some(device) = device() else { return };
    let network = Network::new(Shape::image(1, 5, 5), &[Spec::softmax(3)]).unwrap();
    let mut network = DeviceNetwork::new(network, &device).unwrap();
    let splits = network3::data::digits(20, 10, 10, 1).unwrap();
    let e = network3::train::evaluate(&mut network, &splits.test, 10).unwrap_err();
    assert!(e.is_shape() && e.to_string().starts_with("network: expected images of 1×5×5"), "{e}");
}
