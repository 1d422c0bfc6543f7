// Convolution, as ops/conv/reference.rs defines it. Several networks may be computed side by side: each has `examples`
// examples of its own, and their signals, weights and biases lie one after the other.
#define WEIGHTS (FILTERS * TAPS)

// y[n, i, j, f] = Σ w[f, l, m, c] · x[n, i·s + l, j·t + m, c]: a work-item for each output, (f, (i, j), n).
kernel void conv_forward(const int examples, global const float *x, global const float *w, global float *y)
{
    const int f = get_global_id(0), unit = get_global_id(1), n = get_global_id(2);
    const int i = unit / OUTPUT_WIDTH, j = unit % OUTPUT_WIDTH;
    w += n / examples * WEIGHTS;
    // The maps that this filter sees begin here.
    const int first = f / GROUP_FILTERS * GROUP_MAPS;

    float sum = 0;
    for (int l = 0; l < KERNEL_HEIGHT; l++) {
        const int row = i * STRIDE_DOWN + l - TOP;
        if (row < 0 || row >= HEIGHT)
            continue; // in the margin, where x is zero
        for (int m = 0; m < KERNEL_WIDTH; m++) {
            const int column = j * STRIDE_ACROSS + m - LEFT;
            if (column < 0 || column >= WIDTH)
                continue;
            global const float *maps = x + ((n * HEIGHT + row) * WIDTH + column) * MAPS + first;
            for (int c = 0; c < GROUP_MAPS; c++)
                sum += w[((f * KERNEL_HEIGHT + l) * KERNEL_WIDTH + m) * GROUP_MAPS + c] * maps[c];
        }
    }
    y[(n * OUTPUT_HEIGHT * OUTPUT_WIDTH + unit) * FILTERS + f] = sum;
}

// ∂C/∂w[f, l, m, c] = Σ dy[n, i, j, f] · x[n, i·s + l, j·t + m, c]: a work-item for each weight of each network,
// (c, (l, m), (network, f)).
kernel void conv_weight_gradient(
    const int examples, global const float *x, global const float *dy, global float *target, global float *w,
    const Rule rule)
{
    const int c = get_global_id(0), place = get_global_id(1), filter = get_global_id(2);
    const int l = place / KERNEL_WIDTH, m = place % KERNEL_WIDTH, f = filter % FILTERS, network = filter / FILTERS;
    const int map = f / GROUP_FILTERS * GROUP_MAPS + c;

    float sum = 0;
    for (int n = network * examples; n < (network + 1) * examples; n++)
        for (int i = 0; i < OUTPUT_HEIGHT; i++) {
            const int row = i * STRIDE_DOWN + l - TOP;
            if (row < 0 || row >= HEIGHT)
                continue;
            for (int j = 0; j < OUTPUT_WIDTH; j++) {
                const int column = j * STRIDE_ACROSS + m - LEFT;
                if (column < 0 || column >= WIDTH)
                    continue;
                sum += dy[((n * OUTPUT_HEIGHT + i) * OUTPUT_WIDTH + j) * FILTERS + f]
                    * x[((n * HEIGHT + row) * WIDTH + column) * MAPS + map];
            }
        }
    follow(target, w, rule, network * WEIGHTS + (f * KERNEL_HEIGHT * KERNEL_WIDTH + place) * GROUP_MAPS + c, sum);
}

// ∂C/∂x[n, row, column, c], collected from every output whose window it lies in: a work-item for each input,
// (c, (row, column), n).
kernel void conv_input_gradient(const int examples, global const float *dy, global const float *w, global float *dx)
{
    const int map = get_global_id(0), unit = get_global_id(1), n = get_global_id(2);
    const int row = unit / WIDTH, column = unit % WIDTH;
    const int first = map / GROUP_MAPS * GROUP_FILTERS, c = map % GROUP_MAPS;
    w += n / examples * WEIGHTS;

    float sum = 0;
    for (int l = 0; l < KERNEL_HEIGHT; l++) {
        // The output whose window has this input in its row l, if there is one.
        const int down = row + TOP - l, i = down / STRIDE_DOWN;
        if (down < 0 || down % STRIDE_DOWN != 0 || i >= OUTPUT_HEIGHT)
            continue;
        for (int m = 0; m < KERNEL_WIDTH; m++) {
            const int across = column + LEFT - m, j = across / STRIDE_ACROSS;
            if (across < 0 || across % STRIDE_ACROSS != 0 || j >= OUTPUT_WIDTH)
                continue;
            for (int f = first; f < first + GROUP_FILTERS; f++)
                sum += dy[((n * OUTPUT_HEIGHT + i) * OUTPUT_WIDTH + j) * FILTERS + f]
                    * w[((f * KERNEL_HEIGHT + l) * KERNEL_WIDTH + m) * GROUP_MAPS + c];
        }
    }
    dx[(n * HEIGHT * WIDTH + unit) * MAPS + map] = sum;
}

// y = f(z + b), after pooling: a work-item for each unit, (f, unit); each network has `units` of them.
kernel void bias_activate(const int units, global const float *z, global const float *b, global float *y)
{
    const int f = get_global_id(0), unit = get_global_id(1), network = unit / units, k = unit * FILTERS + f;
    const float sum = z[k] + b[network * FILTERS + f];
    y[k] = ACTIVATE(sum);
}

// The image with its margin of zeros: a work-item for each number of that, (c, (row, column), n).
kernel void pad(global const float *x, global float *padded)
{
    const int c = get_global_id(0), unit = get_global_id(1), n = get_global_id(2);
    const int row = unit / PADDED_WIDTH - TOP, column = unit % PADDED_WIDTH - LEFT;
    const bool margin = row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH;
    padded[(n * PADDED_HEIGHT * PADDED_WIDTH + unit) * MAPS + c]
        = margin ? 0.0f : x[((n * HEIGHT + row) * WIDTH + column) * MAPS + c];
}

// And without it.
kernel void crop(global const float *padded, global float *x)
{
    const int c = get_global_id(0), unit = get_global_id(1), n = get_global_id(2);
    const int row = unit / WIDTH + TOP, column = unit % WIDTH + LEFT;
    x[(n * HEIGHT * WIDTH + unit) * MAPS + c] = padded[((n * PADDED_HEIGHT + row) * PADDED_WIDTH + column) * MAPS + c];
}
