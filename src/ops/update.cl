// Gradient descent: the one rule by which parameters change. See ops/update.rs.

typedef struct {
    // target = keep · target + scale · gradient
    float keep, scale;
    // With momentum the target is the velocity v: then v += shrink · w, and w += v.
    float shrink, moves;
} Rule;

// What becomes of the k-th gradient. Without momentum, w is not touched.
static void follow(global float *target, global float *w, const Rule rule, const int k, const float gradient)
{
    float t = rule.keep * target[k] + rule.scale * gradient;
    if (rule.moves != 0) {
        t += rule.shrink * w[k];
        w[k] += t;
    }
    target[k] = t;
}

// The same for the eight numbers from k on.
static void follow8(global float *target, global float *w, const Rule rule, const int k, const float8 gradient)
{
    float8 t = rule.keep * vload8(0, target + k) + rule.scale * gradient;
    if (rule.moves != 0) {
        const float8 old = vload8(0, w + k);
        t += rule.shrink * old;
        vstore8(old + t, 0, w + k);
    }
    vstore8(t, 0, target + k);
}

// ∂C/∂b[f] = Σ dy[row, f]: a work-item for each bias of each network, (f, network).
kernel void bias_gradient(
    const int rows, global const float *dy, global float *target, global float *b, const Rule rule)
{
    const int f = get_global_id(0), columns = get_global_size(0), network = get_global_id(1);
    float sum = 0;
    for (int row = network * rows; row < (network + 1) * rows; row++)
        sum += dy[row * columns + f];
    follow(target, b, rule, network * columns + f, sum);
}

// sum += x, number by number.
kernel void add(global const float *x, global float *sum)
{
    const int k = get_global_id(0);
    sum[k] += x[k];
}
