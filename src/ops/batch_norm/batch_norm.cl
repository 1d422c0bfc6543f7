// Batch normalisation, as ops/batch_norm/reference.rs defines it. Several networks may be computed side by side: each
// has `units` units of CHANNELS numbers, and their signals, parameters and moments lie one after the other.

// r = 1/√(σ² + ε)
#define R(variance) (1.0f / sqrt((variance) + EPSILON))

// What the LANES work-items of a group have found together, added up in one fixed order: all of them are told.
static float total(local float *found, const float sum)
{
    const int lane = get_local_id(0);
    barrier(CLK_LOCAL_MEM_FENCE); // whoever still reads the last one
    found[lane] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    float all = 0;
    for (int other = 0; other < LANES; other++)
        all += found[other];
    return all;
}

// μ and σ²: a work-group for each channel of each network, (lane, channel, network).
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void batch_moments(
    const int units, global const float *x, global float *mean, global float *variance)
{
    const int lane = get_local_id(0), c = get_group_id(1), network = get_group_id(2), k = network * CHANNELS + c;
    local float found[LANES];
    x += network * units * CHANNELS + c;
    float sum = 0;
    for (int unit = lane; unit < units; unit += LANES)
        sum += x[unit * CHANNELS];
    const float mu = total(found, sum) / units;

    // Squares of what is left; what rounding left of the sum itself is taken off.
    float left = 0, squares = 0;
    for (int unit = lane; unit < units; unit += LANES) {
        const float d = x[unit * CHANNELS] - mu;
        left += d;
        squares += d * d;
    }
    left = total(found, left);
    squares = total(found, squares);
    if (lane == 0) {
        mean[k] = mu;
        variance[k] = fmax((squares - left * left / units) / units, 0.0f);
    }
}

// y = γ r (x − μ) + β: a work-item for each channel of each unit, (c, unit).
kernel void batch_norm_forward(
    const int units, global const float *x, global const float *mean, global const float *variance,
    global const float *w, global const float *b, global float *y)
{
    const int c = get_global_id(0), unit = get_global_id(1), k = unit / units * CHANNELS + c, at = unit * CHANNELS + c;
    y[at] = w[k] * R(variance[k]) * (x[at] - mean[k]) + b[k];
}

// ∂C/∂γ = Σ dy·x̂ and ∂C/∂β = Σ dy: a work-group for each channel of each network, (lane, channel, network).
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void batch_norm_gradients(
    const int units, global const float *x, global const float *dy, global const float *mean,
    global const float *variance, global float *dgamma, global float *dbeta)
{
    const int lane = get_local_id(0), c = get_group_id(1), network = get_group_id(2), k = network * CHANNELS + c;
    local float found[LANES];
    x += network * units * CHANNELS + c;
    dy += network * units * CHANNELS + c;
    float products = 0, sum = 0;
    for (int unit = lane; unit < units; unit += LANES) {
        products += dy[unit * CHANNELS] * (x[unit * CHANNELS] - mean[k]);
        sum += dy[unit * CHANNELS];
    }
    products = total(found, products);
    sum = total(found, sum);
    if (lane == 0) {
        dgamma[k] = products * R(variance[k]);
        dbeta[k] = sum;
    }
}

// ∂C/∂x = γ r (dy − part · (∂C/∂β + x̂ · ∂C/∂γ)): a work-item for each channel of each unit, (c, unit). `part` is 1/m
// where the moments are those of the mini-batch, and otherwise 0.
kernel void batch_norm_input_gradient(
    const int units, const float part, global const float *x, global const float *dy, global const float *mean,
    global const float *variance, global const float *w, global const float *dgamma, global const float *dbeta,
    global float *dx)
{
    const int c = get_global_id(0), unit = get_global_id(1), k = unit / units * CHANNELS + c, at = unit * CHANNELS + c;
    const float r = R(variance[k]);
    dx[at] = w[k] * r * (dy[at] - part * (dbeta[k] + (x[at] - mean[k]) * r * dgamma[k]));
}

// What becomes of the gradients: a work-item for each channel of each network.
kernel void batch_norm_follow(
    global const float *dgamma, global const float *dbeta, global float *target_w, global float *w, const Rule rule_w,
    global float *target_b, global float *b, const Rule rule_b)
{
    const int k = get_global_id(0);
    follow(target_w, w, rule_w, k, dgamma[k]);
    follow(target_b, b, rule_b, k, dbeta[k]);
}

// Running moments go a part of the way to those of the mini-batch; of its variance, `unbiased` times as much counts.
kernel void batch_norm_run(
    const float rate, const float unbiased, global const float *mean, global const float *variance,
    global float *running_mean, global float *running_variance)
{
    const int k = get_global_id(0);
    running_mean[k] += rate * (mean[k] - running_mean[k]);
    running_variance[k] += rate * (unbiased * variance[k] - running_variance[k]);
}
