// Softmax, as ops/softmax.rs defines it. A work-item for each example: there are only a few classes.

// A row of weighted inputs becomes probabilities.
kernel void softmax_forward(const int classes, global float *z)
{
    const int n = get_global_id(0);
    z += n * classes;
    float largest = -INFINITY, sum = 0;
    for (int j = 0; j < classes; j++)
        largest = fmax(largest, z[j]);
    for (int j = 0; j < classes; j++) {
        z[j] = exp(z[j] - largest);
        sum += z[j];
    }
    for (int j = 0; j < classes; j++)
        z[j] /= sum;
}

// ∂C/∂a becomes ∂C/∂z.
kernel void softmax_backward(const int classes, global const float *a, global float *da)
{
    const int n = get_global_id(0);
    a += n * classes;
    da += n * classes;
    float mean = 0;
    for (int j = 0; j < classes; j++)
        mean += a[j] * da[j];
    for (int j = 0; j < classes; j++)
        da[j] = a[j] * (da[j] - mean);
}
