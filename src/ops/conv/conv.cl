// Convolution, as ops/conv/reference.rs defines it.

// y[n, i, j, f] = Σ w[f, l, m, c] · x[n, i·s + l, j·t + m, c]: a work-item for each output, (f, (i, j), n).
kernel void conv_forward(global const float *x, global const float *w, global float *y)
{
    const int f = get_global_id(0), n = get_global_id(2);
    const int i = get_global_id(1) / OUTPUT_WIDTH, j = get_global_id(1) % OUTPUT_WIDTH;
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
            global const float *unit = x + ((n * HEIGHT + row) * WIDTH + column) * MAPS + first;
            for (int c = 0; c < GROUP_MAPS; c++)
                sum += w[((f * KERNEL_HEIGHT + l) * KERNEL_WIDTH + m) * GROUP_MAPS + c] * unit[c];
        }
    }
    y[(n * OUTPUT_HEIGHT * OUTPUT_WIDTH + get_global_id(1)) * FILTERS + f] = sum;
}

// ∂C/∂w[f, l, m, c] = Σ dy[n, i, j, f] · x[n, i·s + l, j·t + m, c]: a work-item for each weight, (c, (l, m), f).
kernel void conv_weight_gradient(
    const int examples, global const float *x, global const float *dy, global float *target, global float *w, const Rule rule)
{
    const int c = get_global_id(0), f = get_global_id(2);
    const int l = get_global_id(1) / KERNEL_WIDTH, m = get_global_id(1) % KERNEL_WIDTH;
    const int map = f / GROUP_FILTERS * GROUP_MAPS + c;

    float sum = 0;
    for (int n = 0; n < examples; n++)
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
    follow(target, w, rule, (f * KERNEL_HEIGHT * KERNEL_WIDTH + get_global_id(1)) * GROUP_MAPS + c, sum);
}

// ∂C/∂x[n, row, column, c], collected from every output whose window it lies in: a work-item for each input,
// (c, (row, column), n).
kernel void conv_input_gradient(global const float *dy, global const float *w, global float *dx)
{
    const int map = get_global_id(0), n = get_global_id(2);
    const int row = get_global_id(1) / WIDTH, column = get_global_id(1) % WIDTH;
    const int first = map / GROUP_MAPS * GROUP_FILTERS, c = map % GROUP_MAPS;

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
    dx[(n * HEIGHT * WIDTH + get_global_id(1)) * MAPS + map] = sum;
}

// y = f(z + b), after pooling: a work-item for each unit, (f, unit).
kernel void bias_activate(global const float *z, global const float *b, global float *y)
{
    const int f = get_global_id(0), k = get_global_id(1) * FILTERS + f;
    const float sum = z[k] + b[f];
    y[k] = ACTIVATE(sum);
}

// The image with its margin of zeros: a work-item for each number of that, (c, (row, column), n).
kernel void pad(global const float *x, global float *padded)
{
    const int c = get_global_id(0), n = get_global_id(2);
    const int row = get_global_id(1) / PADDED_WIDTH - TOP, column = get_global_id(1) % PADDED_WIDTH - LEFT;
    const bool margin = row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH;
    padded[(n * PADDED_HEIGHT * PADDED_WIDTH + get_global_id(1)) * MAPS + c]
        = margin ? 0.0f : x[((n * HEIGHT + row) * WIDTH + column) * MAPS + c];
}

// And without it.
kernel void crop(global const float *padded, global float *x)
{
    const int c = get_global_id(0), n = get_global_id(2);
    const int row = get_global_id(1) / WIDTH + TOP, column = get_global_id(1) % WIDTH + LEFT;
    x[(n * HEIGHT * WIDTH + get_global_id(1)) * MAPS + c] = padded[((n * PADDED_HEIGHT + row) * PADDED_WIDTH + column) * MAPS + c];
}
