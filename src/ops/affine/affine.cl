// Fully connected, as ops/affine/reference.rs defines it. Several networks may be computed side by side: each has
// `examples` examples of its own, and their signals, weights and biases lie one after the other.
#define WEIGHTS (INPUTS * OUTPUTS)

// y[n, j] = f(b[j] + Σ x[n, i] · w[i, j]): a work-item for each neuron of each example, (j, n).
kernel void affine_forward(
    const int examples, global const float *x, global const float *w, global const float *b, global float *y)
{
    const int j = get_global_id(0), n = get_global_id(1), network = n / examples;
    float sum = 0;
    for (int i = 0; i < INPUTS; i++)
        sum += x[n * INPUTS + i] * w[network * WEIGHTS + i * OUTPUTS + j];
    sum += b[network * OUTPUTS + j];
    y[n * OUTPUTS + j] = ACTIVATE(sum);
}

// ∂C/∂w[i, j] = Σ x[n, i] · dy[n, j]: a work-item for each weight of each network, (j, i, network).
kernel void affine_weight_gradient(
    const int examples, global const float *x, global const float *dy, global float *target, global float *w,
    const Rule rule)
{
    const int j = get_global_id(0), i = get_global_id(1), network = get_global_id(2);
    float sum = 0;
    for (int n = network * examples; n < (network + 1) * examples; n++)
        sum += x[n * INPUTS + i] * dy[n * OUTPUTS + j];
    follow(target, w, rule, network * WEIGHTS + i * OUTPUTS + j, sum);
}

// ∂C/∂x[n, i] = Σ dy[n, j] · w[i, j]: a work-item for each input of each example, (i, n).
kernel void affine_input_gradient(const int examples, global const float *dy, global const float *w, global float *dx)
{
    const int i = get_global_id(0), n = get_global_id(1), network = n / examples;
    float sum = 0;
    for (int j = 0; j < OUTPUTS; j++)
        sum += dy[n * OUTPUTS + j] * w[network * WEIGHTS + i * OUTPUTS + j];
    dx[n * INPUTS + i] = sum;
}

#ifdef EXAMPLES
// The tiled kernels. A work-item has eight neurons, or eight weights, in a vector; a fetched weight is used for
// EXAMPLES examples at once; and the LANES work-items of a group share a sum, and add up their parts in one fixed
// order. A vector may reach beyond the end of a row: the numbers there are read, and not used.

// Blocks of EXAMPLES examples of a network; and example n of a block, or the network's last one again where there are
// no more.
#define BLOCKS ((examples + EXAMPLES - 1) / EXAMPLES)
#define EXAMPLE(n) min(first + (n), end - 1)

// y = f(x w + b): a work-group has eight neurons and EXAMPLES examples of a network.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void affine_forward_tiled(
    const int examples, global const float *x, global const float *w, global const float *b, global float *y)
{
    const int lane = get_local_id(0), neurons = get_group_id(1), block = get_group_id(2);
    const int j = 8 * neurons, network = block / BLOCKS;
    const int first = network * examples + block % BLOCKS * EXAMPLES, end = (network + 1) * examples;
    w += network * WEIGHTS;
    b += network * OUTPUTS;

    // A lane has every LANES-th input.
    float8 sum[EXAMPLES];
    int from[EXAMPLES];
    for (int n = 0; n < EXAMPLES; n++) {
        sum[n] = 0;
        from[n] = EXAMPLE(n) * INPUTS;
    }
    for (int i = lane; i < INPUTS; i += LANES) {
        const float8 weights = vload8(0, w + i * OUTPUTS + j);
        for (int n = 0; n < EXAMPLES; n++)
            sum[n] += x[from[n] + i] * weights;
    }

    // The lanes' sums meet in local memory.
    local float found[LANES][EXAMPLES * 8];
    for (int n = 0; n < EXAMPLES; n++)
        vstore8(sum[n], n, found[lane]);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = lane; k < EXAMPLES * 8; k += LANES) {
        const int n = first + k / 8, neuron = j + k % 8;
        if (n >= end || neuron >= OUTPUTS)
            continue;
        float z = b[neuron];
        for (int other = 0; other < LANES; other++)
            z += found[other][k];
        y[n * OUTPUTS + neuron] = ACTIVATE(z);
    }
}

// ∂C/∂w and ∂C/∂b, and what becomes of them: a work-item for eight weights of one input of one network, (block of
// neurons, i, network). The bias is the weight of one more input, which is always 1.
kernel void affine_weight_gradient_tiled(
    const int examples, global const float *x, global const float *dy, global float *target_w, global float *w,
    const Rule rule_w, global float *target_b, global float *b, const Rule rule_b)
{
    const int neurons = get_global_id(0), i = get_global_id(1), network = get_global_id(2), j = 8 * neurons;
    const bool bias = i == INPUTS;
    if (i > INPUTS)
        return; // only there to fill the last group
    float8 sum = 0;
    for (int n = network * examples; n < (network + 1) * examples; n++)
        sum += (bias ? 1.0f : x[n * INPUTS + i]) * vload8(0, dy + n * OUTPUTS + j);

    // Whole vectors at once; of the last one of a row, the numbers that are the row's.
    global float *target = bias ? target_b : target_w, *value = bias ? b : w;
    const int k = bias ? network * OUTPUTS + j : network * WEIGHTS + i * OUTPUTS + j;
    const Rule rule = bias ? rule_b : rule_w;
    if (j + 8 <= OUTPUTS)
        follow8(target, value, rule, k, sum);
    else
        for (int v = 0; j + v < OUTPUTS; v++)
            follow(target, value, rule, k + v, ((float *)&sum)[v]);
}

// ∂C/∂x = dy wᵀ: a work-group has one input after the other, STEP of them, and EXAMPLES examples of a
// network.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void affine_input_gradient_tiled(
    const int examples, global const float *dy, global const float *w, global float *dx)
{
    const int lane = get_local_id(0), step = get_group_id(1), block = get_group_id(2), network = block / BLOCKS;
    const int first = network * examples + block % BLOCKS * EXAMPLES, end = (network + 1) * examples;
    w += network * WEIGHTS;
    local float found[LANES][EXAMPLES];
    for (int i = STEP * step; i < min(STEP * step + STEP, INPUTS); i++) {
        // A lane has every LANES-th eight of the neurons, and what does not fill a vector.
        float8 sum[EXAMPLES];
        for (int n = 0; n < EXAMPLES; n++)
            sum[n] = 0;
        for (int j = 8 * lane; j + 8 <= OUTPUTS; j += 8 * LANES) {
            const float8 weights = vload8(0, w + i * OUTPUTS + j);
            for (int n = 0; n < EXAMPLES; n++)
                sum[n] += weights * vload8(0, dy + EXAMPLE(n) * OUTPUTS + j);
        }
        for (int n = 0; n < EXAMPLES; n++) {
            const float4 four = sum[n].lo + sum[n].hi;
            float rest = (four.x + four.y) + (four.z + four.w);
            for (int j = OUTPUTS / 8 * 8 + lane; j < OUTPUTS; j += LANES)
                rest += w[i * OUTPUTS + j] * dy[EXAMPLE(n) * OUTPUTS + j];
            found[lane][n] = rest;
        }

        // The lanes' sums meet in local memory.
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int n = lane; n < EXAMPLES && first + n < end; n += LANES) {
            float total = found[0][n];
            for (int other = 1; other < LANES; other++)
                total += found[other][n];
            dx[(first + n) * INPUTS + i] = total;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}
#endif
