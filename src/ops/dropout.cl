// Dropout, as ops/dropout.rs defines it: the same masks to the bit, because the k-th random number of an example
// depends on nothing but its own number.

// The finaliser of SplitMix64.
static ulong mix(ulong z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
    return z ^ (z >> 31);
}

// Is unit k of this example kept? One random word makes two decisions, each with 32 of its bits.
static bool kept(const ulong dropped, const ulong stream, const ulong example, const int k)
{
    const ulong start = mix(stream ^ mix(example + 1)), word = mix(start + (ulong)(k / 2 + 1) * 0x9E3779B97F4A7C15UL);
    return (k % 2 == 0 ? word >> 32 : word & 0xFFFFFFFFUL) >= dropped;
}

// y = x masked: a work-item for each input, (k, n, network); each network has its own stream of random numbers. Back,
// the same mask goes over the gradients.
kernel void dropout(
    const ulong dropped, const ulong first, global const ulong *streams, global const float *x, global float *y)
{
    const int k = get_global_id(0), n = get_global_id(1), network = get_global_id(2);
    const int inputs = get_global_size(0), examples = get_global_size(1), at = (network * examples + n) * inputs + k;
    y[at] = kept(dropped, streams[network], first + n, k) ? x[at] : 0.0f;
}

// y = factor · x: all inputs take part.
kernel void scale(const float factor, global const float *x, global float *y)
{
    const int k = get_global_id(0);
    y[k] = factor * x[k];
}
