//! Laws, which no backend can get right by agreeing with another.

use super::*;

#[test]
fn a_kernel_of_one_in_the_corner_is_the_identity() {
    let mut draw = Draw::new(Seed::new(3));
    let op = Conv::new(Shape::image(2, 6, 7), 2, (3, 2), (1, 1)).unwrap();
    let x = draw.reals(2 * op.input_len());
    let mut w = vec![0.0; op.filters * op.taps()];
    (0..2).for_each(|f| w[f * op.taps() + f] = 1.0); // filter f: 1 at row 0, column 0 of map f
    let want: Vec<f32> = (0..2 * 4 * 6)
        .flat_map(|k| {
            let (n, i, j) = (k / 24, k / 6 % 4, k % 6);
            x[((n * 6 + i) * 7 + j) * 2..][..2].to_vec()
        })
        .collect();
    for (name, mut backend) in all() {
        let mut y = nan(want.len());
        backend.conv_forward(&op, &x, &w, &mut y);
        equal(name, &y, &want);
    }
}

#[test]
fn an_identity_matrix_changes_nothing() {
    let mut draw = Draw::new(Seed::new(4));
    let op = Affine { inputs: 21, outputs: 21 };
    let x = draw.reals(5 * 21);
    let w: Vec<f32> = (0..441).map(|k| if k % 22 == 0 { 1.0 } else { 0.0 }).collect();
    for (name, mut backend) in all() {
        let zero = vec![0.0; 21];
        let got = affine_all(&mut *backend, &op, [&x, &w, &zero, &x, &vec![0.0; 441], &zero]);
        equal(name, &got[0], &x);
        equal(name, &got[3], &x);
    }
}

/// What moves in the image moves in the map, in the interior: the chapter's translation invariance.
#[test]
fn a_convolution_moves_with_its_image() {
    let mut draw = Draw::new(Seed::new(5));
    let op = Conv::new(Shape::image(3, 9, 10), 11, (3, 4), (1, 1)).unwrap();
    let x = draw.reals(op.input_len());
    let w = draw.reals(op.filters * op.taps());
    let (row, wide_row) = (op.width * op.maps, op.output_width() * op.filters);
    let mut moved = vec![0.0; x.len()]; // down by one, right by two
    for i in 1..op.height {
        moved[i * row + 2 * op.maps..(i + 1) * row].copy_from_slice(&x[(i - 1) * row..i * row - 2 * op.maps]);
    }
    for (name, mut backend) in all() {
        let (mut y, mut y_moved) = (nan(op.output_len()), nan(op.output_len()));
        backend.conv_forward(&op, &x, &w, &mut y);
        backend.conv_forward(&op, &moved, &w, &mut y_moved);
        for i in 1..op.output_height() {
            let (here, there) =
                (i * wide_row + 2 * op.filters..(i + 1) * wide_row, (i - 1) * wide_row..i * wide_row - 2 * op.filters);
            same_bits(name, &y_moved[here], &y[there]);
        }
    }
}

/// x ⋆ (2w + v) = 2(x ⋆ w) + x ⋆ v, exact on integers.
#[test]
fn a_convolution_is_linear_in_its_weights() {
    let mut draw = Draw::new(Seed::new(6));
    let op = Conv::new(Shape::image(4, 8, 7), 19, (2, 3), (2, 1)).unwrap();
    let (x, w, v) = (draw.integers(op.input_len()), draw.integers(19 * op.taps()), draw.integers(19 * op.taps()));
    let sum = |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| 2.0 * a + b).collect() };
    for (name, mut backend) in all() {
        let mut conv = |w: &[f32]| {
            let mut y = nan(op.output_len());
            backend.conv_forward(&op, &x, w, &mut y);
            y
        };
        let both = conv(&sum(&w, &v));
        equal(name, &both, &sum(&conv(&w), &conv(&v)));
    }
}

/// y, dw and dx of a convolution.
fn conv_all(backend: &mut dyn Backend<f32>, op: &Conv, x: &[f32], w: &[f32], dy: &[f32]) -> [Vec<f32>; 3] {
    let (mut y, mut dw, mut dx) = (nan(dy.len()), vec![0.0; w.len()], nan(x.len()));
    backend.conv_forward(op, x, w, &mut y);
    let at = At { x, y: &[], dy: &mut dy.to_vec(), dx: Some(&mut dx), dead_at_zero: false };
    backend.conv_backward(op, at, adding(w, &mut dw));
    [y, dw, dx]
}

/// A convolution with padding is one without, of an image with zeros around it.
#[test]
fn padding_is_a_margin_of_zeros() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let mut op = draw.conv();
        op.window.padding = draw.padding(op.kernel());
        let (padded, n) = (op.on_padded(), draw.size(1..=3));
        let (x, w) = (draw.integers(n * op.input_len()), draw.integers(op.filters * op.taps()));
        let dy = draw.integers(n * op.output_len());
        // Where each number of x is within the padded input.
        let Padding { top, left, .. } = op.window.padding;
        let at = |k: usize| {
            let (row, column) = (op.width * op.maps, padded.width * padded.maps);
            let (image, k) = (k / op.input_len(), k % op.input_len());
            image * padded.input_len() + (k / row + top) * column + left * op.maps + k % row
        };
        let mut in_margin = vec![0.0; n * padded.input_len()];
        x.iter().enumerate().for_each(|(k, &x)| in_margin[at(k)] = x);
        for (name, mut backend) in all() {
            let [y, dw, dx] = conv_all(&mut *backend, &op, &x, &w, &dy);
            let [want_y, want_dw, want_dx] = conv_all(&mut *backend, &padded, &in_margin, &w, &dy);
            equal(&format!("{name}: y of {op:?}"), &y, &want_y);
            equal(&format!("{name}: dw of {op:?}"), &dw, &want_dw);
            equal(&format!("{name}: dx of {op:?}"), &dx, &(0..x.len()).map(|k| want_dx[at(k)]).collect::<Vec<_>>());
        }
    }
    QuickCheck::new().tests(SHAPES).quickcheck(property as fn(Seed));
}

/// The maps `first..first + maps` of images of `all` maps.
fn some_maps(x: &[f32], all: usize, first: usize, maps: usize) -> Vec<f32> {
    x.chunks_exact(all).flat_map(|unit| unit[first..first + maps].to_vec()).collect()
}

/// A convolution in g groups is g convolutions side by side.
#[test]
fn groups_know_nothing_of_each_other() {
    fn property(seed: Seed) {
        let mut draw = Draw::new(seed);
        let (groups, one, n) = (draw.size(2..=4), Conv { groups: 1, ..draw.conv() }, draw.size(1..=3));
        let (maps, filters) = (one.maps, one.filters);
        let op = Conv { maps: groups * maps, filters: groups * filters, groups, ..one };
        let (x, w) = (draw.integers(n * op.input_len()), draw.integers(op.filters * op.taps()));
        let dy = draw.integers(n * op.output_len());
        for (name, mut backend) in all() {
            let [y, dw, dx] = conv_all(&mut *backend, &op, &x, &w, &dy);
            for g in 0..groups {
                let what = |tensor| format!("{name}: group {g}, {tensor} of {op:?}");
                let (x, dy) =
                    (some_maps(&x, op.maps, g * maps, maps), some_maps(&dy, op.filters, g * filters, filters));
                let w = &w[g * filters * op.taps()..][..filters * op.taps()];
                let [want_y, want_dw, want_dx] = conv_all(&mut *backend, &one, &x, w, &dy);
                equal(&what("y"), &some_maps(&y, op.filters, g * filters, filters), &want_y);
                equal(&what("dw"), &dw[g * filters * op.taps()..][..filters * op.taps()], &want_dw);
                equal(&what("dx"), &some_maps(&dx, op.maps, g * maps, maps), &want_dx);
            }
        }
    }
    QuickCheck::new().tests(SHAPES).quickcheck(property as fn(Seed));
}

/// A kernel of 1×1 is a fully-connected layer that sees one pixel at a time.
#[test]
fn a_kernel_of_one_is_affine_per_pixel() {
    let mut draw = Draw::new(Seed::new(7));
    let op = Conv::new(Shape::image(13, 4, 5), 11, (1, 1), (1, 1)).unwrap();
    let affine = Affine { inputs: 13, outputs: 11 };
    let (x, dy) = (draw.integers(2 * op.input_len()), draw.integers(2 * op.output_len()));
    let w = draw.integers(11 * 13);
    // [filters, maps] becomes [inputs, outputs].
    let turned = |w: &[f32], rows: usize| -> Vec<f32> {
        (0..w.len()).map(|k| w[k % (w.len() / rows) * rows + k / (w.len() / rows)]).collect()
    };
    for (name, mut backend) in all() {
        let [y, dw, dx] = conv_all(&mut *backend, &op, &x, &w, &dy);
        let zeros = [vec![0.0; 143], vec![0.0; 11]];
        let all = [&x[..], &turned(&w, 13), &zeros[1], &dy, &zeros[0], &zeros[1]];
        let [want_y, want_dw, _, want_dx] = affine_all(&mut *backend, &affine, all);
        equal(&format!("{name}: y"), &y, &want_y);
        equal(&format!("{name}: dw"), &dw, &turned(&want_dw, 11));
        equal(&format!("{name}: dx"), &dx, &want_dx);
    }
}

/// Pooling that rounds up is pooling with a margin at two sides; and every unit is in a window.
#[test]
fn rounding_up_is_a_margin_below_and_at_the_right() {
    let largest = if cfg!(feature = "opencl") { 6 } else { 12 };
    for (n, size, stride) in
        (1..=largest).flat_map(|n| (1..=4).flat_map(move |size| (1..=4).map(move |s| (n, size, s))))
    {
        if size > n || stride > size {
            continue; // between windows that do not touch there are units that none of them sees
        }
        let window = Window::new((size, size), (stride, stride)).covering((n, n));
        assert_eq!(window.outputs((n, n)).0, (n - size).div_ceil(stride) + 1, "{n} {size} {stride}");
        let op = Pool::new(Shape::image(1, n, n), Pooling::Max, window, Ties::First).unwrap();
        let mut x: Vec<f32> = vec![-2.0; n * n];
        *x.last_mut().unwrap() = -1.0; // the margin is no zero that wins
        for (name, mut backend) in all() {
            let mut y = nan(op.output_shape().len());
            backend.pool_forward(&op, &x, &mut y, &mut Notes::default());
            assert!(*y.last().unwrap() == -1.0 && y.iter().all(|y| *y < 0.0), "{name}: {op:?}: {y:?}");
        }
    }
}

/// A single branch is the row that it holds: the same cost and the same parameters after a few steps.
#[test]
fn one_branch_is_a_row() {
    let row = vec![
        Spec::conv(6, (3, 3), Activation::Relu).padded(Padding::all(1)),
        Spec::pool(Pooling::Max, (3, 3)).every(2, 2),
        Spec::Normalise { size: 3, k: 2.0, alpha: 0.1, beta: 0.75 },
    ];
    let end = [Spec::fully_connected(20, Activation::Relu), Spec::softmax(5)];
    let plain: Vec<Spec> = row.iter().chain(&end).cloned().collect();
    let branch: Vec<Spec> = [Spec::Branches { rows: vec![row] }].iter().chain(&end).cloned().collect();
    let mut draw = Draw::new(Seed::new(8));
    let (x, labels) = (draw.reals(10 * 81), (0..10).map(|n| n % 5).collect::<Vec<Label>>());
    let run = |layers: &[Spec], threads| {
        let mut network = Network::new(Shape::image(1, 9, 9), layers).unwrap().with_threads(threads).unwrap();
        let step = |iteration| Step { eta: 0.1, decay: 0.01, momentum: 0.5, iteration };
        let costs: Vec<f64> = (0..5).map(|k| network.step(&x, &labels, &step(k))).collect();
        let numbers: Vec<f32> =
            network.state().iter().flat_map(|(_, a)| a.iter().copied().collect::<Vec<_>>()).collect();
        (costs, numbers)
    };
    for threads in [1, 2] {
        assert_eq!(run(&plain, threads), run(&branch, threads));
    }
}

/// A side classifier of weight 0 changes nothing but itself; and any side classifier is left out when the network is
/// asked.
#[test]
fn a_side_classifier_stands_aside() {
    let layers = |weight: Option<f64>| {
        let mut layers = vec![Spec::conv(6, (3, 3), Activation::Relu)];
        layers.extend(weight.map(|weight| Spec::SideClassifier { weight, layers: vec![Spec::softmax(5)] }));
        layers.extend([Spec::fully_connected(20, Activation::Relu), Spec::softmax(5)]);
        layers
    };
    let mut draw = Draw::new(Seed::new(9));
    let (x, labels) = (draw.reals(10 * 49), (0..10).map(|n| n % 5).collect::<Vec<Label>>());
    let run = |weight| {
        let mut network = Network::new(Shape::image(1, 7, 7), &layers(weight)).unwrap();
        let step = |iteration| Step { eta: 0.1, decay: 0.0, momentum: 0.0, iteration };
        (0..5).for_each(|k| _ = network.step(&x, &labels, &step(k)));
        let first = network.parameters()[0].2.w.clone();
        (network.forward(&x, Pass::Evaluate).to_owned(), first, network.cost(&x, &labels, Pass::Evaluate))
    };
    assert_eq!(run(None), run(Some(0.0)));
    assert_ne!(run(None).1, run(Some(0.3)).1, "it sends a gradient to the layers below");
    let with = layers(Some(0.3));
    let mut network = Network::new(Shape::image(1, 7, 7), &with).unwrap();
    let costs = [Pass::Evaluate, Pass::Train { iteration: 0 }].map(|pass| network.cost(&x, &labels, pass));
    assert!((costs[0] - 5f64.ln()).abs() < 1e-6 && (costs[1] - 1.3 * 5f64.ln()).abs() < 1e-6, "{costs:?}");
}

/// While training, whatever comes in goes out with the mean β and the standard deviation γ of each channel.
#[test]
fn batch_normalisation_gives_what_it_promises() {
    let mut draw = Draw::new(Seed::new(10));
    let mut network =
        Network::for_cost(Shape::image(3, 5, 4), &[Spec::BatchNorm], Cost::Quadratic).unwrap().with_threads(2).unwrap();
    let (gamma, beta) = ([2.0, 0.5, 1.0], [-1.0, 0.0, 3.0]);
    let p = network.layers_mut()[0].parameters_mut().unwrap();
    p.w.iter_mut().zip(gamma).for_each(|(w, gamma)| *w = gamma);
    p.b.iter_mut().zip(beta).for_each(|(b, beta)| *b = beta);
    let x: Vec<f32> = draw.reals(7 * 60).iter().enumerate().map(|(k, x)| 10.0 * x + (k % 3) as f32).collect();
    let y = network.forward(&x, Pass::Train { iteration: 0 });
    for c in 0..3 {
        let channel = || y.iter().skip(c).step_by(3);
        let mean = channel().sum::<f32>() / 140.0;
        let deviation = (channel().map(|y| (y - mean).powi(2)).sum::<f32>() / 140.0).sqrt();
        assert!((mean - beta[c]).abs() < 1e-5 && (deviation - gamma[c]).abs() < 1e-5, "{c}: {mean} ± {deviation}");
    }
}

/// What a network answers does not depend on who else asks; and neither an answer nor a gradient changes it.
#[test]
fn batch_normalisation_is_asked_one_by_one() {
    let layers = [Spec::conv(4, (3, 3), Activation::Relu), Spec::BatchNorm, Spec::fully_connected(6, Activation::Relu)];
    let layers = [&layers[..], &[Spec::BatchNorm, Spec::softmax(5)]].concat();
    let mut draw = Draw::new(Seed::new(11));
    let (x, labels) = (draw.reals(10 * 49), (0..10).map(|n| n % 5).collect::<Vec<Label>>());
    let mut network = Network::new(Shape::image(1, 7, 7), &layers).unwrap();
    let first = network.state();
    for iteration in 0..30 {
        network.step(&x, &labels, &Step { eta: 0.1, decay: 0.0, momentum: 0.9, iteration });
    }
    let state = network.state();
    assert_ne!(first, state);
    let all = network.forward(&x, Pass::Evaluate).to_owned();
    let one = network.forward(&x[3 * 49..4 * 49], Pass::Evaluate).to_owned();
    assert_eq!(one.row(0), all.row(3));
    network.gradient(&x, &labels, Pass::Train { iteration: 30 });
    assert_eq!(network.state(), state);
    // By now the running moments are near those of the mini-batch
    let trained = network.cost(&x, &labels, Pass::Train { iteration: 30 });
    let asked = network.cost(&x, &labels, Pass::Evaluate);
    assert!((trained - asked).abs() < 0.1 && asked < 0.5, "{trained} and {asked}");
}
