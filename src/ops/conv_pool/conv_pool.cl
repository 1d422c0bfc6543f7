// The chapter's convolutional layer in one kernel each way: convolution, max-pooling, bias and activation, for one
// group of maps and an input that has its margin already. The plain kernels (conv.cl, pool.cl) do the same one after
// the other.
//
// On the way forward it is noted who won each window, a bit for every unit of it; so on the way back both gradients are
// sums over winners: with windows of 2×2 a quarter of the work.
//
// Several networks may be computed side by side: each has `units` pooled units of its own in each map, and their
// signals, weights and biases lie one after the other.

// Units of a window, pooled units of a map, and numbers in a row of a receptive field, which lie side by side.
#define WINDOW (POOL_HEIGHT * POOL_WIDTH)
#define POOLED (POOLED_HEIGHT * POOLED_WIDTH)
#define ROW (KERNEL_WIDTH * MAPS)
#define WEIGHTS (FILTERS * TAPS)

// From the field of a window's first output to that of its k-th.
#define FIELD(k) (((k) / POOL_WIDTH * STRIDE_DOWN * WIDTH + (k) % POOL_WIDTH * STRIDE_ACROSS) * MAPS)

// Where in x the field of the first output of a pooled unit begins; units are counted through all examples.
static int origin(const int unit)
{
    const int n = unit / POOLED, i = unit % POOLED / POOLED_WIDTH, j = unit % POOLED_WIDTH;
    return ((n * HEIGHT + i * POOL_DOWN * STRIDE_DOWN) * WIDTH + j * POOL_ACROSS * STRIDE_ACROSS) * MAPS;
}

// y = f(max(x ⋆ w) + b), and the winners: a work-item computes one window for eight filters, a work-group GROUP windows
// of a network.
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void conv_pool_forward(
    const int units, global const float *x, global const float *w, global const float *b, global float *y,
    global ushort *winners)
{
    const int id = get_local_id(0), block = get_group_id(1), network = get_group_id(2), f = 8 * block;

    // The group's filters go to local memory, turned, so that the eight weights of a tap lie side by side.
    local float tile[8 * TAPS];
    for (int k = id; k < 8 * TAPS; k += GROUP)
        tile[k % TAPS * 8 + k / TAPS] = f + k / TAPS < FILTERS ? w[network * WEIGHTS + f * TAPS + k] : 0.0f;
    barrier(CLK_LOCAL_MEM_FENCE);

    // Those beyond the last window do nothing more: there is no barrier to come.
    const int window = get_global_id(0), unit = network * units + window;
    if (window >= units)
        return;

    // All outputs of the window at once: a tap's weights are fetched once and used for each of them.
    float8 sum[WINDOW];
    for (int k = 0; k < WINDOW; k++)
        sum[k] = 0;
    global const float *field = x + origin(unit);
    for (int l = 0; l < KERNEL_HEIGHT; l++)
        for (int tap = 0; tap < ROW; tap++) {
            const float8 weights = vload8(l * ROW + tap, tile);
            for (int k = 0; k < WINDOW; k++)
                sum[k] += weights * field[l * WIDTH * MAPS + tap + FIELD(k)];
        }

    // The largest wins, of several the first; what is not a number always does.
    float8 best = sum[0];
    int8 winner = 1;
    for (int k = 1; k < WINDOW; k++) {
        const int8 better = sum[k] > best || isnan(sum[k]);
        best = select(best, sum[k], better);
        winner = select(winner, (int8)(1 << k), better);
    }
    for (int k = 0; ALL_TIES && k < WINDOW; k++)
        winner |= select((int8)0, (int8)(1 << k), sum[k] == best);

    // Bias and activation come last, once for each window.
    const int8 bits = winner;
    for (int k = 0; k < 8 && f + k < FILTERS; k++) {
        const float z = ((float *)&best)[k] + b[network * FILTERS + f + k];
        y[unit * FILTERS + f + k] = ACTIVATE(z);
        winners[unit * FILTERS + f + k] = ((int *)&bits)[k];
    }
}

// ∂C/∂w and ∂C/∂b, and what becomes of them. A work-group has one filter of one network, and SLICE · 8 numbers of ROWS
// rows of its field; its LANES work-items share the windows, and add up what each of them has found in one fixed order.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void conv_pool_weight_gradient(
    const int units, global const float *x, global const float *dy, global const ushort *winners,
    global float *target_w, global float *w, const Rule rule_w, global float *target_b, global float *b,
    const Rule rule_b)
{
    const int lane = get_local_id(0), slice = get_group_id(0), rows = get_group_id(1), filter = get_group_id(2);
    const int first = 8 * SLICE * slice, l = ROWS * rows, f = filter % FILTERS, network = filter / FILTERS;

    // Each window with a gradient adds its winner's field, weighted.
    float8 sum[ROWS * SLICE];
    for (int k = 0; k < ROWS * SLICE; k++)
        sum[k] = 0;
    float bias = 0;
    for (int unit = network * units + lane; unit < (network + 1) * units; unit += LANES) {
        const float d = dy[unit * FILTERS + f];
        if (d == 0)
            continue;
        bias += d;
        global const float *field = x + origin(unit) + l * WIDTH * MAPS + first;
        for (int bits = winners[unit * FILTERS + f]; bits != 0; bits &= bits - 1) {
            const int k = 31 - clz(bits & -bits);
            global const float *won = field + FIELD(k);
            for (int row = 0; row < ROWS; row++)
                for (int v = 0; v < SLICE; v++)
                    sum[row * SLICE + v] += d * vload8(v, won + row * WIDTH * MAPS);
        }
    }

    // The lanes' sums meet in local memory.
    local float found[LANES][ROWS * SLICE * 8 + 1];
    for (int k = 0; k < ROWS * SLICE; k++)
        vstore8(sum[k], k, found[lane]);
    found[lane][ROWS * SLICE * 8] = bias;
    barrier(CLK_LOCAL_MEM_FENCE);

    // Each lane adds up some of the numbers, and follows them.
    for (int k = lane; k < ROWS * SLICE * 8; k += LANES) {
        const int row = k / (SLICE * 8), column = first + k % (SLICE * 8);
        if (l + row >= KERNEL_HEIGHT || column >= ROW)
            continue;
        float gradient = found[0][k];
        for (int other = 1; other < LANES; other++)
            gradient += found[other][k];
        follow(target_w, w, rule_w, network * WEIGHTS + f * TAPS + (l + row) * ROW + column, gradient);
    }
    if (lane == 0 && l == 0 && first == 0) {
        for (int other = 1; other < LANES; other++)
            bias += found[other][ROWS * SLICE * 8];
        follow(target_b, b, rule_b, network * FILTERS + f, bias);
    }
}

// ∂C/∂x: a work-group has one row of one input in local memory, and each of its LANES work-items the numbers that are
// its own.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void conv_pool_input_gradient(
    const int examples, global const float *dy, global const ushort *winners, global const float *w, global float *dx)
{
    const int lane = get_local_id(0), r = get_group_id(1), n = get_group_id(2);
    w += n / examples * WEIGHTS;
    local float sums[WIDTH * MAPS];
    for (int k = lane; k < WIDTH * MAPS; k += LANES)
        sums[k] = 0;

    // Rows of windows with an output whose field has this row in it.
    const int least = r - KERNEL_HEIGHT + 1, span = (POOL_HEIGHT - 1) * STRIDE_DOWN;
    const int first_i = least <= span ? 0 : (least - span + POOL_DOWN * STRIDE_DOWN - 1) / (POOL_DOWN * STRIDE_DOWN);
    const int last_i = min(r / (POOL_DOWN * STRIDE_DOWN), POOLED_HEIGHT - 1);
    for (int i = first_i; i <= last_i; i++)
        for (int j = 0; j < POOLED_WIDTH; j++)
            for (int f = 0; f < FILTERS; f++) {
                const int unit = ((n * POOLED_HEIGHT + i) * POOLED_WIDTH + j) * FILTERS + f;
                const float d = dy[unit];
                if (d == 0)
                    continue;
                for (int bits = winners[unit]; bits != 0; bits &= bits - 1) {
                    const int k = 31 - clz(bits & -bits);
                    const int l = r - (i * POOL_DOWN + k / POOL_WIDTH) * STRIDE_DOWN;
                    if (l < 0 || l >= KERNEL_HEIGHT)
                        continue;
                    // The winner's field sends back its weights, weighted.
                    const int begin = (j * POOL_ACROSS + k % POOL_WIDTH) * STRIDE_ACROSS * MAPS;
                    global const float *weights = w + f * TAPS + l * ROW;
                    for (int e = (lane + LANES - begin % LANES) % LANES; e < ROW; e += LANES)
                        sums[begin + e] += d * weights[e];
                }
            }
    for (int k = lane; k < WIDTH * MAPS; k += LANES)
        dx[(n * HEIGHT + r) * WIDTH * MAPS + k] = sums[k];
}
