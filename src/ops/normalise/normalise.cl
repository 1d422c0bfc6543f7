// Local response normalisation, as ops/normalise/reference.rs defines it.

// s[c] = K + ALPHA Σ x[c′]² over the neighbours of c.
static float s(global const float *x, const int c)
{
    float sum = 0;
    for (int n = max(c - SIZE / 2, 0); n < min(c + SIZE / 2 + 1, MAPS); n++)
        sum += x[n] * x[n];
    return K + ALPHA * sum;
}

// y[c] = x[c] · s[c]⁻ᵝ: a work-item for each map of each unit, (c, unit).
kernel void normalise_forward(global const float *x, global float *y)
{
    const int c = get_global_id(0), unit = get_global_id(1), first = unit * MAPS;
    y[first + c] = x[first + c] * pow(s(x + first, c), -BETA);
}

// ∂C/∂x[c] = dy[c] · s[c]⁻ᵝ − 2αβ x[c] Σ dy[c′] · x[c′] · s[c′]⁻ᵝ⁻¹
kernel void normalise_backward(global const float *x, global const float *dy, global float *dx)
{
    const int c = get_global_id(0), unit = get_global_id(1), first = unit * MAPS;
    x += first;
    dy += first;
    float sum = 0;
    for (int n = max(c - SIZE / 2, 0); n < min(c + SIZE / 2 + 1, MAPS); n++)
        sum += dy[n] * x[n] * pow(s(x, n), -BETA - 1.0f);
    dx[first + c] = dy[c] * pow(s(x, c), -BETA) - 2.0f * ALPHA * BETA * x[c] * sum;
}
