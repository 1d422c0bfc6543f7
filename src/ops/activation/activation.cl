// Activation functions. ACTIVATE(z) is f(z), for one number or for a vector; DERIVATIVE(a) is f′(z), written with a =
// f(z).

#if ACTIVATION == SIGMOID
#define ACTIVATE(z) (1.0f / (1.0f + exp(-(z))))
#define DERIVATIVE(a) ((a) * (1.0f - (a)))
#elif ACTIVATION == TANH
#define ACTIVATE(z) (tanh(z))
#define DERIVATIVE(a) (1.0f - (a) * (a))
#elif ACTIVATION == RELU
// Not fmax, which would turn what is not a number into 0, and hide that training has diverged.
#define ACTIVATE(z) ((z) < 0.0f ? 0.0f : (z))
#define DERIVATIVE(a) ((a) > 0.0f ? 1.0f : 0.0f)
#else
#define ACTIVATE(z) (z)
#define DERIVATIVE(a) (1.0f)
#endif

// z becomes f(z): a work-item for each unit.
kernel void activate(global float *z)
{
    const int k = get_global_id(0);
    z[k] = ACTIVATE(z[k]);
}

// dy becomes δ = dy · f′(z).
kernel void activate_backward(global const float *y, global float *dy)
{
    const int k = get_global_id(0);
    dy[k] *= DERIVATIVE(y[k]);
}
