using Funion.Models;
using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>
/// Brings a float network to integers. A value x is held as the integer x·2^f·d, f bits of fraction and an odd divisor d left by average pools; f follows
/// from how far the samples reach: activations keep <see cref="Precision.ActivationBits"/>, weights <see cref="Precision.WeightBits"/>, and sums stay
/// <see cref="Precision.Margin"/> bits under half the ring. Inputs unlike any sample may wrap around; the two parties then wrap as the reference does.
/// </summary>
public sealed class Calibration
{
    /// <summary>An input of a linear layer that is longer than this beyond its activation bits is cut first.</summary>
    const int LongInput = 3;

    /// <summary>Weights of fewer bits would not be that network any more; below the second a square is cut first.</summary>
    const int LeastWeightBits = 3, GoodWeightBits = 5;

    readonly FloatNetwork _network;
    readonly Precision _precision;
    readonly double[] _peaks;
    readonly List<IntegerLayer> _layers = [];
    readonly List<LayerRange> _ranges = [];
    readonly List<Scaled> _values = [];
    readonly Dictionary<int, Scaled> _cut = [];

    Calibration(FloatNetwork network, Precision precision, double[] peaks)
    {
        _network = network;
        _precision = precision;
        _peaks = peaks;
    }

    /// <summary>Brings a network to integers.</summary>
    /// <param name="network">The network.</param>
    /// <param name="samples">Inputs like those to come: a few dozen.</param>
    /// <param name="precision">How.</param>
    /// <param name="ranges">What was found of every value, the input first.</param>
    /// <exception cref="ModelException">A layer does not fit into the ring.</exception>
    public static IntegerNetwork Run(FloatNetwork network, IEnumerable<float[]> samples, Precision precision, out IReadOnlyList<LayerRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(precision);
        ArgumentOutOfRangeException.ThrowIfLessThan(precision.ActivationBits, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(precision.WeightBits, LeastWeightBits);
        ArgumentOutOfRangeException.ThrowIfLessThan(precision.SquareBits, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(precision.Modulus.Bits, precision.ActivationBits + precision.WeightBits + precision.Margin + 2);
        double[] peaks = new double[network.Layers.Count + 1];
        foreach (float[] sample in samples)
        {
            float[][] values = network.RunAll(sample);
            for (int i = 0; i < peaks.Length; i++)
            {
                peaks[i] = values[i].Aggregate(peaks[i], (peak, value) => Math.Max(peak, Math.Abs((double)value)));
            }
        }
        if (peaks.Any(peak => peak is 0 || !double.IsFinite(peak)))
        {
            throw new ModelException("A layer is zero, or no number, on every sample: these samples calibrate nothing.");
        }
        Calibration calibration = new(network, precision, peaks);
        IntegerNetwork integers = calibration.Build();
        ranges = calibration._ranges;
        return integers;
    }

    /// <summary>The same without the report.</summary>
    public static IntegerNetwork Run(FloatNetwork network, IEnumerable<float[]> samples, Precision precision) => Run(network, samples, precision, out _);

    IntegerNetwork Build()
    {
        Keep("input", new Scaled(0, FractionOf(_peaks[0], 1, _precision.ActivationBits), 1, 1, _peaks[0], IsSquare: false));
        for (int i = 0; i < _network.Layers.Count; i++)
        {
            double peak = _peaks[i + 1];
            switch (_network.Layers[i])
            {
                case FloatLinear layer:
                    Linear(layer, InputOf(layer, peak), peak);
                    break;
                case FloatActivation layer:
                    Activation(layer, peak);
                    break;
                case FloatQuadratic layer:
                    Quadratic(layer, peak, i + 1);
                    break;
                case FloatAveragePool layer:
                    Average(layer, peak);
                    break;
                case FloatAdd layer:
                    Add(layer, peak);
                    break;
            }
        }
        return new IntegerNetwork(_precision.Modulus, _network.Input, _values[0].Scale, _layers, _values[^1].Scale);
    }

    void Linear(FloatLinear layer, Scaled input, double peak)
    {
        (int fraction, double bits) = WeightsOf(layer, input, peak);
        if (bits < LeastWeightBits - 1)
        {
            throw Overflow(layer.Name);
        }
        // What is left of the factor of a square goes into the weights.
        double scale = Math.ScaleB(1, fraction) / input.Factor;
        int[] weights = [.. layer.Weights.Select(weight => (int)Math.Round(weight * scale))];
        long[] biases = [.. layer.Bias.Select(value => (long)Math.Round(value * scale * input.Scale))];
        int bound = (1 << _precision.WeightBits) - 1;
        Put(new LinearLayer(layer.Name, input.Value, layer.Shape, bound, weights, biases), input.Fraction + fraction, input.Divisor, 1, peak);
    }

    /// <summary>Bits of fraction that the weights of a layer may have, and bits of the heaviest then.</summary>
    (int Fraction, double Bits) WeightsOf(FloatLinear layer, Scaled input, double peak)
    {
        double heaviest = Math.Max(layer.Weights.Max(weight => Math.Abs((double)weight)), 1e-30), bias = layer.Bias.Max(value => Math.Abs((double)value));
        if (!double.IsFinite(heaviest) || !double.IsFinite(bias))
        {
            throw new ModelException($"'{layer.Name}' has weights that are no finite numbers.");
        }
        int fraction = Math.Min(FractionOf(heaviest, 1, _precision.WeightBits), FractionOf(Math.Max(peak, bias), input.Divisor, FreeBits) - input.Fraction);
        return (fraction, fraction + Math.Log2(heaviest));
    }

    /// <summary>
    /// v² + (a₁/a₂)·S·v + (a₀/a₂)·S² of v = x·S, which is y·S²/a₂. The factor 1/a₂ goes into the next weights; where a sum takes y first, a₂ is rounded to four bits instead.
    /// </summary>
    void Quadratic(FloatQuadratic layer, double peak, int value)
    {
        Scaled input = _values[layer.Input];
        int truncation = Math.Clamp(input.Fraction - FractionOf(input.Peak, input.Divisor * input.Factor, _precision.SquareBits), 0, _precision.Modulus.Bits - 2);
        int kept = Math.Min(_precision.SquareBits + 1 + _precision.Margin, _precision.Modulus.Bits - truncation), fraction = 2 * (input.Fraction - truncation);
        double scale = input.Scale / Math.ScaleB(1, truncation), square = layer.Square;
        long squareFactor = Math.Sign(square);
        Scaled output;
        if (FeedsAddition(value))
        {
            int shift = 3 - (int)Math.Floor(Math.Log2(Math.Abs(square)));
            if (input.Factor != 1 || (long)input.Divisor * input.Divisor > int.MaxValue || shift is < 0 or > 30)
            {
                throw new ModelException($"'{layer.Name}' is added to a value of another scale.");
            }
            squareFactor = (long)Math.Round(square * Math.ScaleB(1, shift));
            output = new Scaled(0, fraction + shift, input.Divisor * input.Divisor, 1, peak, IsSquare: true);
        }
        else
        {
            // The divisor stays, so that shortcuts around this layer find it again.
            double factor = input.Divisor * input.Factor * input.Factor / Math.Abs(square);
            int twos = (int)Math.Floor(Math.Log2(factor));
            output = new Scaled(0, fraction + twos, input.Divisor, Math.ScaleB(factor, -twos), peak, IsSquare: true);
        }
        // With nothing to cut, values of the whole ring are squared.
        int bits = truncation == 0 ? _precision.Modulus.Bits : kept;
        double linear = Math.Round(layer.Linear / scale * output.Scale), constant = Math.Round(layer.Constant * output.Scale);
        double greatest = Math.ScaleB(1, _precision.Modulus.Bits - 1);
        if (!(output.Bits <= FreeBits && Math.Abs(linear) < greatest && Math.Abs(constant) < greatest))
        {
            throw Overflow(layer.Name);
        }
        _layers.Add(new QuadraticLayer(layer.Name, input.Value, layer.Shape, truncation, bits, squareFactor, (long)linear, (long)constant));
        Keep(layer.Name, output with { Value = _layers.Count });
    }

    /// <summary>Whether a value is added to another one before a linear layer takes it.</summary>
    bool FeedsAddition(int value) => Enumerable.Range(value, _network.Layers.Count - value).Any(i =>
        _network.Layers[i].Inputs.Contains(value) && (_network.Layers[i] is FloatAdd || (_network.Layers[i] is not FloatLinear && FeedsAddition(i + 1))));

    void Activation(FloatActivation layer, double peak)
    {
        Scaled input = _values[layer.Input];
        int truncation = Math.Clamp(input.Fraction - FractionOf(peak, input.Divisor * input.Factor, _precision.ActivationBits), 0, _precision.Modulus.Bits - 2);
        double scale = input.Scale / Math.ScaleB(1, truncation), cap = Math.Round(layer.Cap * scale);
        if (!(cap >= 1))
        {
            throw new ModelException($"'{layer.Name}' has a cap below one unit of what it is rounded to.");
        }
        // No truncated value reaches 2^(l−1−t): such a cap never binds, and no circuit takes it.
        bool binds = cap < Math.ScaleB(1, _precision.Modulus.Bits - 1 - truncation);
        Put(
            new NonlinearLayer(layer.Name, input.Value, layer.From, layer.Pool, layer.Rectifies, truncation, binds ? (long)cap : null),
            input.Fraction - truncation, input.Divisor, input.Factor, peak);
    }

    void Average(FloatAveragePool layer, double peak)
    {
        Scaled input = _values[layer.Input];
        int area = layer.Window.Area, twos = System.Numerics.BitOperations.TrailingZeroCount(area);
        long divisor = (long)input.Divisor * (area >> twos);
        if (divisor > int.MaxValue || Math.Log2(peak * divisor * input.Factor) + input.Fraction + twos > FreeBits)
        {
            throw Overflow(layer.Name);
        }
        Put(new SumPoolLayer(layer.Name, input.Value, layer.From, layer.Window), input.Fraction + twos, (int)divisor, input.Factor, peak,
            input.IsSquare);
    }

    void Add(FloatAdd layer, double peak)
    {
        Scaled first = _values[layer.First], second = _values[layer.Second];
        if (first.Factor != second.Factor)
        {
            throw new ModelException($"'{layer.Name}' adds values of which one is a square and the other is not.");
        }
        if (first.Divisor != second.Divisor)
        {
            throw new ModelException($"'{layer.Name}' adds values of which one is an average of an odd number and the other is not.");
        }
        int fraction = Math.Max(first.Fraction, second.Fraction);
        // Either side may be longer than their sum.
        double longest = Math.Max(peak, Math.Max(first.Peak, second.Peak));
        if (Math.Log2(longest * first.Divisor * first.Factor) + fraction > _precision.Modulus.Bits - 2
            || fraction - Math.Min(first.Fraction, second.Fraction) >= _precision.Modulus.Bits)
        {
            throw Overflow(layer.Name);
        }
        Put(
            new AddLayer(layer.Name, first.Value, second.Value, layer.Shape, fraction - first.Fraction, fraction - second.Fraction), fraction, first.Divisor,
            first.Factor, peak);
    }

    /// <summary>A square goes in as it is, if the ring leaves enough for the weights; anything else is not too long.</summary>
    Scaled InputOf(FloatLinear layer, double peak) =>
        _values[layer.Input] is { IsSquare: true } square && WeightsOf(layer, square, peak).Bits >= GoodWeightBits - 1 ? square : Cut(layer.Input, layer.Shape.Input);

    /// <summary>A linear layer's input, truncated to activation bits first if it is a sum that nothing has truncated yet.</summary>
    Scaled Cut(int value, TensorShape shape)
    {
        Scaled input = _values[value];
        if (input.Bits <= _precision.ActivationBits + LongInput)
        {
            return input;
        }
        if (!_cut.TryGetValue(value, out Scaled? cut))
        {
            int truncation = input.Fraction - FractionOf(input.Peak, input.Divisor * input.Factor, _precision.ActivationBits);
            string name = _layers[input.Value - 1].Name + " (truncated)";
            _layers.Add(new NonlinearLayer(name, input.Value, shape, null, Rectifies: false, truncation, null));
            _cut[value] = cut = new Scaled(_layers.Count, input.Fraction - truncation, input.Divisor, input.Factor, input.Peak, IsSquare: false);
            Report(name, cut);
        }
        return cut;
    }

    void Put(IntegerLayer layer, int fraction, int divisor, double factor, double peak, bool isSquare = false)
    {
        _layers.Add(layer);
        Keep(layer.Name, new Scaled(_layers.Count, fraction, divisor, factor, peak, isSquare));
    }

    void Keep(string name, Scaled value)
    {
        _values.Add(value);
        Report(name, value);
    }

    void Report(string name, Scaled value) => _ranges.Add(new LayerRange(name, value.Peak, value.Bits, _precision.Modulus.Bits - 1 - value.Bits));

    /// <summary>Bits beyond the sign that a sum of the samples may have.</summary>
    int FreeBits => _precision.Modulus.Bits - 1 - _precision.Margin;

    /// <summary>Most bits of fraction with which a number stays below 2^bits.</summary>
    static int FractionOf(double peak, double divisor, int bits) => (int)Math.Floor(Math.Log2(((1L << bits) - 1) / (peak * divisor)));

    ModelException Overflow(string layer) => new($"The sums of '{layer}' do not fit into {_precision.Modulus.Bits} bits.");

    /// <summary>Which value of the integer network, and how it is scaled: by 2^fraction, what average pools left, and what a square left, from 1 to 2.</summary>
    sealed record Scaled(int Value, int Fraction, int Divisor, double Factor, double Peak, bool IsSquare)
    {
        public double Scale => Math.ScaleB(Divisor * Factor, Fraction);

        public double Bits => Math.Log2(Peak * Scale);
    }
}
