// Maps side by side, as ops/concat.rs defines it: a work-item for each map of a part and each unit, (c, unit).

// The part's numbers take their place in y.
kernel void concat(const int all, const int first, global const float *part, global float *y)
{
    const int c = get_global_id(0), unit = get_global_id(1), maps = get_global_size(0);
    y[unit * all + first + c] = part[unit * maps + c];
}

// And out again.
kernel void split(const int all, const int first, global const float *dy, global float *part)
{
    const int c = get_global_id(0), unit = get_global_id(1), maps = get_global_size(0);
    part[unit * maps + c] = dy[unit * all + first + c];
}
