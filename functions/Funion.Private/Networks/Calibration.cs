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

    /// <summary>Weights of fewer bits would not be that network any more.</summary>
    const int LeastWeightBits = 3;

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
        Keep("input", new Scaled(0, FractionOf(_peaks[0], 1, _precision.ActivationBits), 1, _peaks[0]));
        for (int i = 0; i < _network.Layers.Count; i++)
        {
            double peak = _peaks[i + 1];
            switch (_network.Layers[i])
            {
                case FloatLinear layer:
                    Linear(layer, Cut(layer.Input, layer.Shape.Input), peak);
                    break;
                case FloatActivation layer:
                    Activation(layer, peak);
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
        double heaviest = Math.Max(layer.Weights.Max(weight => Math.Abs((double)weight)), 1e-30), bias = layer.Bias.Max(value => Math.Abs((double)value));
        if (!double.IsFinite(heaviest) || !double.IsFinite(bias))
        {
            throw new ModelException($"'{layer.Name}' has weights that are no finite numbers.");
        }
        int bound = (1 << _precision.WeightBits) - 1, fraction = FractionOf(heaviest, 1, _precision.WeightBits);
        int room = FractionOf(Math.Max(peak, bias), input.Divisor, FreeBits) - input.Fraction;
        if (Math.Min(fraction, room) + Math.Log2(heaviest) < LeastWeightBits - 1)
        {
            throw Overflow(layer.Name);
        }
        fraction = Math.Min(fraction, room);
        double scale = Math.ScaleB(1, fraction);
        int[] weights = [.. layer.Weights.Select(weight => (int)Math.Round(weight * scale))];
        long[] biases = [.. layer.Bias.Select(value => (long)Math.Round(value * scale * input.Scale))];
        Put(new LinearLayer(layer.Name, input.Value, layer.Shape, bound, weights, biases), input.Fraction + fraction, input.Divisor, peak);
    }

    void Activation(FloatActivation layer, double peak)
    {
        Scaled input = _values[layer.Input];
        int truncation = Math.Clamp(input.Fraction - FractionOf(peak, input.Divisor, _precision.ActivationBits), 0, _precision.Modulus.Bits - 2);
        double scale = input.Scale / Math.ScaleB(1, truncation), cap = Math.Round(layer.Cap * scale);
        if (!(cap >= 1))
        {
            throw new ModelException($"'{layer.Name}' has a cap below one unit of what it is rounded to.");
        }
        // No truncated value reaches 2^(l−1−t): such a cap never binds, and no circuit takes it.
        bool binds = cap < Math.ScaleB(1, _precision.Modulus.Bits - 1 - truncation);
        Put(
            new NonlinearLayer(layer.Name, input.Value, layer.From, layer.Pool, layer.Rectifies, truncation, binds ? (long)cap : null),
            input.Fraction - truncation, input.Divisor, peak);
    }

    void Average(FloatAveragePool layer, double peak)
    {
        Scaled input = _values[layer.Input];
        int area = layer.Window.Area, twos = System.Numerics.BitOperations.TrailingZeroCount(area);
        long divisor = (long)input.Divisor * (area >> twos);
        if (divisor > int.MaxValue || Math.Log2(peak * divisor) + input.Fraction + twos > FreeBits)
        {
            throw Overflow(layer.Name);
        }
        Put(new SumPoolLayer(layer.Name, input.Value, layer.From, layer.Window), input.Fraction + twos, (int)divisor, peak);
    }

    void Add(FloatAdd layer, double peak)
    {
        Scaled first = _values[layer.First], second = _values[layer.Second];
        if (first.Divisor != second.Divisor)
        {
            throw new ModelException($"'{layer.Name}' adds values of which one is an average of an odd number and the other is not.");
        }
        int fraction = Math.Max(first.Fraction, second.Fraction);
        // Either side may be longer than their sum.
        double longest = Math.Max(peak, Math.Max(first.Peak, second.Peak));
        if (Math.Log2(longest * first.Divisor) + fraction > _precision.Modulus.Bits - 2
            || fraction - Math.Min(first.Fraction, second.Fraction) >= _precision.Modulus.Bits)
        {
            throw Overflow(layer.Name);
        }
        Put(
            new AddLayer(layer.Name, first.Value, second.Value, layer.Shape, fraction - first.Fraction, fraction - second.Fraction), fraction, first.Divisor, peak);
    }

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
            int truncation = input.Fraction - FractionOf(input.Peak, input.Divisor, _precision.ActivationBits);
            string name = _layers[input.Value - 1].Name + " (truncated)";
            _layers.Add(new NonlinearLayer(name, input.Value, shape, null, Rectifies: false, truncation, null));
            _cut[value] = cut = new Scaled(_layers.Count, input.Fraction - truncation, input.Divisor, input.Peak);
            Report(name, cut);
        }
        return cut;
    }

    void Put(IntegerLayer layer, int fraction, int divisor, double peak)
    {
        _layers.Add(layer);
        Keep(layer.Name, new Scaled(_layers.Count, fraction, divisor, peak));
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
    static int FractionOf(double peak, int divisor, int bits) => (int)Math.Floor(Math.Log2(((1L << bits) - 1) / (peak * divisor)));

    ModelException Overflow(string layer) => new($"The sums of '{layer}' do not fit into {_precision.Modulus.Bits} bits.");

    /// <summary>Which value of the integer network, and how it is scaled.</summary>
    sealed record Scaled(int Value, int Fraction, int Divisor, double Peak)
    {
        public double Scale => Math.ScaleB(Divisor, Fraction);

        public double Bits => Math.Log2(Peak * Scale);
    }
}
