// Examples by number, as data/examples.rs has them.

// Bytes become intensities p/256, of the image as it is or moved by a pixel; (k, n) is pixel k of example n.
kernel void gather(
    const int expanded, global const uchar *pixels, global const ushort *all_labels, global const uint *which,
    global float *x, global ushort *labels)
{
    const int k = get_global_id(0), n = get_global_id(1);
    const uint image = expanded ? which[n] / 5 : which[n], move = expanded ? which[n] % 5 : 0;
    // As it is, up, down, left, right.
    const int down = move == 1 ? -1 : move == 2 ? 1 : 0, right = move == 3 ? -1 : move == 4 ? 1 : 0;

    const int row = k / (WIDTH * MAPS) - down, column = k % (WIDTH * MAPS) - right * MAPS;
    const bool paper = row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH * MAPS;
    x[n * HEIGHT * WIDTH * MAPS + k]
        = paper ? 0.0f : pixels[(size_t)image * (HEIGHT * WIDTH * MAPS) + row * WIDTH * MAPS + column] / 256.0f;
    if (k == 0)
        labels[n] = all_labels[image];
}
