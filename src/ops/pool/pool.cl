// Pooling, as ops/pool/reference.rs defines it.

// The window of output (i, j) begins at this row and this column; in the margin there is nothing.
#define FIRST_ROW(i) ((i) * POOL_DOWN - POOL_TOP)
#define FIRST_COLUMN(j) ((j) * POOL_ACROSS - POOL_LEFT)

// One number for the window (i, j) of map c, whose image begins at x.
static float pool_window(global const float *x, const int i, const int j, const int c)
{
    float y = POOLING == MAX ? -INFINITY : 0;
    int count = 0;
    for (int row = max(FIRST_ROW(i), 0); row < min(FIRST_ROW(i) + POOL_HEIGHT, HEIGHT); row++)
        for (int column = max(FIRST_COLUMN(j), 0); column < min(FIRST_COLUMN(j) + POOL_WIDTH, WIDTH); column++) {
            const float unit = x[(row * WIDTH + column) * MAPS + c];
            if (POOLING == MAX)
                y = unit > y || isnan(unit) ? unit : y;
            else
                y += POOLING == L2 ? unit * unit : unit;
            count++;
        }
    return POOLING == MAX ? y : POOLING == L2 ? sqrt(y) : y / count;
}

// A work-item for each output, (c, (i, j), n).
kernel void pool_forward(global const float *x, global float *y)
{
    const int c = get_global_id(0), unit = get_global_id(1), n = get_global_id(2);
    const int i = unit / POOLED_WIDTH, j = unit % POOLED_WIDTH;
    y[(n * POOLED_HEIGHT * POOLED_WIDTH + unit) * MAPS + c]
        = pool_window(x + n * HEIGHT * WIDTH * MAPS, i, j, c);
}

// What unit (r, q) of map c gets of the gradient of window (i, j), as a part of the whole.
static float share(global const float *x, const int i, const int j, const int c, const int r, const int q)
{
    const float unit = x[(r * WIDTH + q) * MAPS + c], y = pool_window(x, i, j, c);
    if (POOLING == L2)
        return y == 0 ? 0 : unit / y;
    const int top = max(FIRST_ROW(i), 0), bottom = min(FIRST_ROW(i) + POOL_HEIGHT, HEIGHT);
    const int left = max(FIRST_COLUMN(j), 0), right = min(FIRST_COLUMN(j) + POOL_WIDTH, WIDTH);
    if (POOLING == MEAN)
        return 1.0f / ((bottom - top) * (right - left));
    if (unit != y)
        return 0;
    // Of several that share the maximum the first wins, or all do.
    for (int row = top; !ALL_TIES && row <= r; row++)
        for (int column = left; column < (row < r ? right : q); column++)
            if (x[(row * WIDTH + column) * MAPS + c] == y)
                return 0;
    return 1;
}

// ∂C/∂x, collected from every window that an input lies in: a work-item for each input, (c, (r, q), n).
kernel void pool_backward(global const float *x, global const float *dy, global float *dx)
{
    const int c = get_global_id(0), unit = get_global_id(1), n = get_global_id(2);
    const int r = unit / WIDTH, q = unit % WIDTH;
    global const float *image = x + n * HEIGHT * WIDTH * MAPS;

    // The first and the last window with this row in it, and with this column.
    const int down = r + POOL_TOP, across = q + POOL_LEFT;
    const int first_i = down < POOL_HEIGHT ? 0 : (down - POOL_HEIGHT) / POOL_DOWN + 1;
    const int first_j = across < POOL_WIDTH ? 0 : (across - POOL_WIDTH) / POOL_ACROSS + 1;
    float sum = 0;
    for (int i = first_i; i <= min(down / POOL_DOWN, POOLED_HEIGHT - 1); i++)
        for (int j = first_j; j <= min(across / POOL_ACROSS, POOLED_WIDTH - 1); j++)
            sum += dy[((n * POOLED_HEIGHT + i) * POOLED_WIDTH + j) * MAPS + c] * share(image, i, j, c, r, q);
    dx[(n * HEIGHT * WIDTH + unit) * MAPS + c] = sum;
}
