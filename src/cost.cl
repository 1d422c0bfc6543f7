// Costs, as cost.rs defines them. A work-item for each example of each network, (n, network), which adds its cost to a
// sum of its own, of which a network has `places`: nobody reads them before the epoch is over.

// sum[0] + sum[1] += x, where sum[1] is what rounding has taken from sum[0] (Kahan).
static void add_exactly(global float *sum, const float x)
{
    const float y = x + sum[1], total = sum[0] + y;
    sum[1] = y - (total - sum[0]);
    sum[0] = total;
}

// The gradient that the backward pass starts from, weight · (a − y) / N; and the costs, −ln a_y or half the squared
// distance.
kernel void cost(
    const int classes, const int quadratic, const int places, const float weight, global const float *a,
    global const ushort *labels, global float *d, global float *costs)
{
    const int place = get_global_id(0), network = get_global_id(1), examples = get_global_size(0);
    const int n = network * examples + place, label = labels[n];
    a += n * classes;
    d += n * classes;
    float distance = 0;
    for (int j = 0; j < classes; j++) {
        const float error = a[j] - (j == label ? 1.0f : 0.0f);
        d[j] = weight * (error / examples);
        distance += 0.5f * error * error;
    }
    // A probability too small for a float counts as the smallest; what is not a number stays so.
    const float p = a[label] < FLT_MIN ? FLT_MIN : a[label];
    add_exactly(costs + 2 * (network * places + place), weight * (quadratic ? distance : -log(p)));
}
