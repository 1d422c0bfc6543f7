//! A device's queue, its buffers and its kernels: the one file of `opencl` with `unsafe` in it.
//!
//! Everything is enqueued in one queue that works in order, so a command sees what those before it have written, and
//! the host need not wait. What could go wrong is what the safe interface rules out:
//!
//! * A kernel reads and writes the memory that it is handed: [`Queue::launch`] is given whole [`Buffer`]s, whose
//!   lengths the callers check, and a kernel's indices follow from the dimensions that were built into it. The tests
//!   run every kernel under a checker of reads and writes.
//! * A write that does not wait needs its numbers until it is done: [`Mailbox`] owns them until its event says so.
//! * Memory that was never written holds anything: buffers are filled first.
#![allow(unsafe_code)]

use super::device::Description;
use super::errors::{self, short};
use super::program::{Defines, Program};
use crate::{Error, Result};
use ocl::core::{
    self, ArgVal, CommandQueue, Context, DeviceId, Event, KernelWorkGroupInfo, KernelWorkGroupInfoResult, Mem,
    MemFlags, OclPrm,
};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// A device's context and queue, and the programs that were built for it.
pub struct Queue {
    id: DeviceId,
    description: Description,
    context: Context,
    queue: CommandQueue,
    programs: Mutex<HashMap<String, Arc<Program>>>,
    launches: AtomicU64,
    written: AtomicU64,
    read: AtomicU64,
    waits: AtomicU64,
}

/// What was asked of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Kernels launched.
    pub launches: u64,
    /// Bytes written to the device's memory.
    pub written: u64,
    /// Bytes read from it.
    pub read: u64,
    /// How often the host waited until everything was done.
    pub waits: u64,
}

impl std::ops::Sub for Counts {
    type Output = Counts;
    fn sub(self, before: Counts) -> Counts {
        Counts {
            launches: self.launches - before.launches,
            written: self.written - before.written,
            read: self.read - before.read,
            waits: self.waits - before.waits,
        }
    }
}

/// Numbers in a device's memory.
pub struct Buffer<T> {
    memory: Mem,
    len: usize,
    /// What they are, for messages.
    what: String,
    numbers: PhantomData<T>,
}

impl<T> Buffer<T> {
    /// How many there are.
    #[allow(clippy::len_without_is_empty)] // nobody asks for nothing
    pub fn len(&self) -> usize {
        self.len
    }

    /// As an argument of a kernel.
    pub fn arg(&self) -> Arg<'_> {
        Arg::Buffer(&self.memory)
    }
}

/// How much longer a buffer is than was asked for, in numbers: a kernel that takes several vectors of eight at a time,
/// thirteen at the most, may read beyond the last.
const MARGIN: usize = 8 * 13;

/// An argument of a kernel.
#[derive(Clone, Copy)]
pub enum Arg<'a> {
    /// `global float *` and its like.
    Buffer(&'a Mem),
    /// `int`
    Int(i32),
    /// `float`
    Float(f32),
    /// `ulong`
    Ulong(u64),
    /// `Rule`: keep, scale, shrink, and 1 where a velocity is the target.
    Rule([f32; 4]),
}

/// A kernel that can be launched.
pub struct Kernel {
    kernel: core::Kernel,
    name: String,
}

/// Numbers on their way to the device, which the host does not wait for: there are several, taken in turn.
pub struct Mailbox<T> {
    letters: Vec<(Vec<T>, Option<Event>)>,
    next: usize,
}

/// How many mini-batches may be under way at a time: enough that the device never runs dry, and few enough that the
/// driver's list of commands stays short.
const UNDER_WAY: usize = 64;

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Mailbox { letters: (0..UNDER_WAY).map(|_| (vec![], None)).collect(), next: 0 }
    }
}

impl<T> Drop for Mailbox<T> {
    fn drop(&mut self) {
        // A device that is lost reads no more.
        self.letters.iter().for_each(|(_, event)| _ = event.as_ref().map(core::wait_for_event));
    }
}

impl Queue {
    /// # Errors
    /// When the driver refuses.
    pub(super) fn new(id: DeviceId, description: Description) -> Result<Self> {
        let refused = |e| Error::input(format!("{} cannot be used ({})", description.name, short(&e)));
        let context = core::create_context(None, &[id], None, None).map_err(refused)?;
        let queue = core::create_command_queue(&context, id, None).map_err(refused)?;
        let (programs, zero) = (Mutex::default(), || AtomicU64::new(0));
        let (launches, written, read, waits) = (zero(), zero(), zero(), zero());
        Ok(Queue { id, description, context, queue, programs, launches, written, read, waits })
    }

    /// Which device it is.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// What has been asked of it so far.
    pub fn counts(&self) -> Counts {
        Counts {
            launches: self.launches.load(Relaxed),
            written: self.written.load(Relaxed),
            read: self.read.load(Relaxed),
            waits: self.waits.load(Relaxed),
        }
    }

    /// Memory for `len` numbers, all of them NaN (or, if they are whole numbers, with all bits set): a kernel that
    /// forgets one is found out. `what` says what they are.
    ///
    /// # Errors
    /// When the device has no room: says for what, and how much it would take.
    pub fn buffer<T: OclPrm>(&self, what: &str, len: usize) -> Result<Buffer<T>> {
        let full = || errors::full(&self.description, what, (len as u64).saturating_mul(size_of::<T>() as u64));
        let numbers = len.saturating_add(MARGIN).next_multiple_of(4 / size_of::<T>().min(4));
        let bytes = numbers.checked_mul(size_of::<T>()).ok_or_else(full)?;
        if bytes as u64 > self.description.largest_buffer {
            return Err(full());
        }
        // Safety: no host memory is handed over.
        let memory = unsafe { core::create_buffer(&self.context, MemFlags::new().read_write(), numbers, None::<&[T]>) };
        let memory = memory.map_err(|_| full())?;
        let fill =
            core::enqueue_fill_buffer(&self.queue, &memory, u32::MAX, 0, bytes / 4, None::<()>, None::<()>, None);
        fill.map_err(|_| full())?;
        Ok(Buffer { memory, len, what: what.into(), numbers: PhantomData })
    }

    /// Memory with these numbers in it.
    ///
    /// # Errors
    /// As [`buffer`](Queue::buffer).
    pub fn buffer_of<T: OclPrm>(&self, what: &str, numbers: &[T]) -> Result<Buffer<T>> {
        let buffer = self.buffer(what, numbers.len())?;
        self.write(&buffer, 0, numbers)?;
        Ok(buffer)
    }

    /// Sets all numbers to zero.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn clear(&self, buffer: &Buffer<f32>) -> Result<()> {
        let zero =
            core::enqueue_fill_buffer(&self.queue, &buffer.memory, 0f32, 0, buffer.len, None::<()>, None::<()>, None);
        zero.map_err(|e| self.lost(&buffer.what, &e))
    }

    /// Writes to a buffer from its `first` number on, and waits until that is done.
    ///
    /// # Errors
    /// When there is not so much room, or the device is lost.
    pub fn write<T: OclPrm>(&self, buffer: &Buffer<T>, first: usize, numbers: &[T]) -> Result<()> {
        fits(buffer, first + numbers.len())?;
        self.written.fetch_add(size_of_val(numbers) as u64, Relaxed);
        self.waits.fetch_add(1, Relaxed);
        // Safety: it waits, so the numbers outlive it; and they fit.
        let done = unsafe {
            core::enqueue_write_buffer(
                &self.queue,
                &buffer.memory,
                true,
                first,
                numbers,
                None::<()>,
                None::<&mut Event>,
            )
        };
        done.map_err(|e| self.lost(&buffer.what, &e))
    }

    /// Writes to the beginning of a buffer, and does not wait: only when 64 others are not done yet, for the oldest
    /// of them.
    ///
    /// # Errors
    /// When there is not so much room, or the device is lost.
    pub fn post<T: OclPrm>(&self, mailbox: &mut Mailbox<T>, buffer: &Buffer<T>, numbers: &[T]) -> Result<()> {
        fits(buffer, numbers.len())?;
        self.written.fetch_add(size_of_val(numbers) as u64, Relaxed);
        let (letter, event) = &mut mailbox.letters[mailbox.next];
        mailbox.next = (mailbox.next + 1) % UNDER_WAY;
        if let Some(event) = event.take() {
            core::wait_for_event(&event).map_err(|e| self.lost(&buffer.what, &e))?;
        }
        letter.clear();
        letter.extend_from_slice(numbers);
        let mut done = Event::null();
        // Safety: the letter stays as it is until the event says that it was read, and it fits.
        let posted = unsafe {
            core::enqueue_write_buffer(&self.queue, &buffer.memory, false, 0, letter, None::<()>, Some(&mut done))
        };
        posted.map_err(|e| self.lost(&buffer.what, &e))?;
        *event = Some(done);
        core::flush(&self.queue).map_err(|e| self.lost(&buffer.what, &e))
    }

    /// Reads a buffer from its `first` number on, when everything that was enqueued before is done.
    ///
    /// # Errors
    /// When there are not so many numbers, or the device is lost.
    pub fn read<T: OclPrm>(&self, buffer: &Buffer<T>, first: usize, numbers: &mut [T]) -> Result<()> {
        fits(buffer, first + numbers.len())?;
        self.read.fetch_add(size_of_val(numbers) as u64, Relaxed);
        self.waits.fetch_add(1, Relaxed);
        // Safety: it waits, so the numbers outlive it; and they fit.
        let done = unsafe {
            core::enqueue_read_buffer(&self.queue, &buffer.memory, true, first, numbers, None::<()>, None::<&mut Event>)
        };
        done.map_err(|e| self.lost(&buffer.what, &e))
    }

    /// Copies `len` numbers from the beginning of one buffer to the beginning of another.
    ///
    /// # Errors
    /// When there are not so many, or the device is lost.
    pub fn copy(&self, from: &Buffer<f32>, to: &Buffer<f32>, len: usize) -> Result<()> {
        fits(from, len)?;
        fits(to, len)?;
        // Safety is the wrapper's: both ranges lie within their buffers.
        let copy = core::enqueue_copy_buffer::<f32, _, _, _>(
            &self.queue,
            &from.memory,
            &to.memory,
            0,
            0,
            len,
            None::<()>,
            None::<&mut Event>,
        );
        copy.map_err(|e| self.lost(&to.what, &e))
    }

    /// A program, built for this device: at most once for each text.
    ///
    /// # Errors
    /// When it does not build: with the compiler's log.
    pub fn program(&self, defines: &Defines, sources: &[&str]) -> Result<Arc<Program>> {
        let text = defines.to_string() + &sources.concat();
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = programs.get(&text) {
            return Ok(program.clone());
        }
        let program = Arc::new(Program::build(&self.context, self.id, &self.description.name, &text)?);
        programs.insert(text, program.clone());
        Ok(program)
    }

    /// A kernel of a program, by name.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn kernel(&self, program: &Program, name: &str) -> Result<Kernel> {
        let missing = |e| Error::input(format!("{} has no kernel {name} ({})", self.description.name, short(&e)));
        Ok(Kernel { kernel: core::create_kernel(&program.0, name).map_err(missing)?, name: name.into() })
    }

    /// How many work-items a group of this kernel may have, and a number of which it should have a multiple.
    pub fn group_limits(&self, kernel: &Kernel) -> (usize, usize) {
        let ask = |what| match core::get_kernel_work_group_info(&kernel.kernel, self.id, what) {
            Ok(KernelWorkGroupInfoResult::WorkGroupSize(n)) => n,
            Ok(KernelWorkGroupInfoResult::PreferredWorkGroupSizeMultiple(n)) => n,
            _ => 1,
        };
        (ask(KernelWorkGroupInfo::WorkGroupSize), ask(KernelWorkGroupInfo::PreferredWorkGroupSizeMultiple))
    }

    /// Enqueues a kernel over a grid of work-items, in groups of `local`, or of whatever size the driver likes.
    ///
    /// # Errors
    /// When the device is lost, or refuses.
    pub fn launch(&self, kernel: &Kernel, global: [usize; 3], local: Option<[usize; 3]>, args: &[Arg]) -> Result<()> {
        if global.contains(&0) {
            return Ok(()); // nothing to do, which OpenCL 1.2 does not allow to be said
        }
        for (k, arg) in args.iter().enumerate() {
            let value = match arg {
                Arg::Buffer(memory) => ArgVal::mem(memory),
                Arg::Int(x) => ArgVal::scalar(x),
                Arg::Float(x) => ArgVal::scalar(x),
                Arg::Ulong(x) => ArgVal::scalar(x),
                // Safety: sixteen bytes that live until they are copied, which is at once.
                Arg::Rule(rule) => unsafe { ArgVal::from_raw(size_of_val(rule), rule.as_ptr().cast(), false) },
            };
            core::set_kernel_arg(&kernel.kernel, k as u32, value).map_err(|e| self.lost(&kernel.name, &e))?;
        }
        self.launches.fetch_add(1, Relaxed);
        // Safety: see the head of this file.
        let launched = unsafe {
            core::enqueue_kernel(&self.queue, &kernel.kernel, 3, None, &global, local, None::<()>, None::<&mut Event>)
        };
        launched.map_err(|e| self.lost(&kernel.name, &e))
    }

    fn lost(&self, what: &str, e: &core::Error) -> Error {
        errors::lost(&self.description.name, what, e)
    }
}

fn fits<T>(buffer: &Buffer<T>, len: usize) -> Result<()> {
    match len <= buffer.len {
        true => Ok(()),
        false => Err(Error::shape(&buffer.what, format!("at most {} numbers", buffer.len), len)),
    }
}
