//! OpenCL from nothing: one kernel, which doubles a row of numbers.
//!
//! `cargo run --features opencl --example first_kernel`

use network3::opencl::{self, Defines};

/// A work-item for each number: `get_global_id(0)` says which one.
const DOUBLE: &str = "
kernel void twice(global const float *x, global float *y)
{
    const int k = get_global_id(0);
    y[k] = 2 * x[k];
}";

fn main() -> network3::Result<()> {
    // Platform and device: a driver, and what it drives. The queue belongs to the device.
    let device = match opencl::open(None) {
        Ok(device) => device,
        Err(e) => {
            println!("skipped: {e}");
            return Ok(());
        }
    };
    println!("on {}", device.description());

    // Buffers: memory of the device's own, which the host writes to and reads from.
    let numbers: Vec<f32> = (0..8).map(|k| k as f32).collect();
    let (x, y) = (device.buffer_of("x", &numbers)?, device.buffer::<f32>("y", numbers.len())?);

    // The text is compiled now, by the driver, for this very device.
    let program = device.program(&Defines::default(), &[DOUBLE])?;
    let kernel = device.kernel(&program, "twice")?;

    // Eight work-items are enqueued; the host goes on at once, and waits only when it reads.
    device.launch(&kernel, [numbers.len(), 1, 1], None, &[x.arg(), y.arg()])?;
    let mut result = vec![0.0; numbers.len()];
    device.read(&y, 0, &mut result)?;
    println!("{numbers:?}\ntwice is\n{result:?}");
    Ok(())
}
