using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>Quadratic activations of model files, in every way in which they are written, and brought to integers.</summary>
public sealed class PolynomialTests
{
    const int Size = 6;

    static readonly string[] s_forms = ["mul", "pow", "horner", "sub", "negative", "renamed"];

    public static TheoryData<string> Forms => [.. s_forms];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_quadratic_is_read_as_the_runtime_runs_it(string form)
    {
        byte[] file = Model(form);
        NetworkReading reading = NetworkReader.TryRead(file);
        Assert.True(reading.Outcome == NetworkOutcome.Ok, reading.ToString());
        FloatQuadratic layer = Assert.Single(reading.Network!.Layers.OfType<FloatQuadratic>());
        Assert.Equal((3, Size, 0), (reading.Network.Layers.Count, reading.Network.Quadratics, reading.Network.Activations));
        Assert.Equal(form == "negative" ? -0.5f : 0.25f, layer.Square);
        using ModelRunner runner = ModelRunner.Load(file);
        float[] input = [.. Enumerable.Range(0, Size).Select(i => 0.3f * (i - 2))];
        float[] expected = runner.RunDirect([Tensor.Of("x", [1, Size], input)])[0].ToFloats();
        Assert.All(expected.Zip(reading.Network.Run(input)), pair => Assert.Equal(pair.First, pair.Second, 1e-3f * Math.Max(1, Math.Abs(pair.First))));
    }

    [Fact]
    public void A_quadratic_may_be_the_output_and_two_in_a_row_are_two()
    {
        OnnxDraft draft = new();
        draft.Input("x", 0, Size);
        string hidden = draft.Node("Gemm", ["x", Random(draft, Size, Size)]), square = draft.Node("Mul", [hidden, hidden]);
        draft.NodeTo("Mul", [draft.Node("Identity", [square]), draft.Node("Identity", [square])], ["y"]);
        draft.Output("y", 0, Size);
        NetworkReading reading = NetworkReader.TryRead(draft.ToBytes());
        Assert.True(reading.Outcome == NetworkOutcome.Ok, reading.ToString());
        Assert.Equal([1, 2], reading.Network!.Layers.OfType<FloatQuadratic>().Select(layer => layer.Input));
    }

    [Theory]
    [InlineData("cube", "Mul 'v")]
    [InlineData("two values", "Mul 'v")]
    [InlineData("power", "Pow 'v")]
    [InlineData("vector", "Mul 'v")]
    [InlineData("scale", "scales a value by itself")]
    [InlineData("infinite", "no finite floats")]
    [InlineData("broadcast", "Mul 'v")]
    public void What_is_no_quadratic_of_one_value_is_refused_by_name(string what, string expected)
    {
        OnnxDraft draft = new();
        draft.Input("x", 0, Size);
        string hidden = draft.Node("Gemm", ["x", Random(draft, Size, Size)]), other = draft.Node("Gemm", ["x", Random(draft, Size, Size)]);
        string value = what switch
        {
            "cube" => draft.Node("Mul", [draft.Node("Mul", [hidden, hidden]), hidden]),
            "two values" => draft.Node("Mul", [hidden, other]),
            "power" => draft.Node("Pow", [hidden, Scalar(draft, 3)]),
            "vector" => draft.Node("Mul", [hidden, draft.Constant([Size], new float[Size])]),
            "scale" => draft.Node("Mul", [hidden, Scalar(draft, 2)]),
            "infinite" => draft.Node("Mul", [draft.Node("Mul", [hidden, hidden]), draft.Node("Identity", [Scalar(draft, 1e30f)])]),
            _ => draft.Node("Mul", [hidden, draft.Constant([1, 1, 1], [2f])]),
        };
        value = what == "infinite" ? draft.Node("Mul", [value, Scalar(draft, 1e30f)]) : value;
        draft.NodeTo("Gemm", [draft.Node("Add", [value, other]), Random(draft, Size, 2)], ["y"]);
        draft.Output("y", 0, 2);
        NetworkReading reading = NetworkReader.TryRead(draft.ToBytes());
        Assert.Equal(NetworkOutcome.Unsupported, reading.Outcome);
        Assert.Contains(expected, reading.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Squares before pools, after pools of odd size, one after the other, before and after a shortcut: near the float model, in the integers that were made.</summary>
    [Theory]
    [InlineData(24, 0.08)]
    [InlineData(32, 0.03)]
    [InlineData(36, 0.02)]
    public void Networks_with_squares_come_near_the_float_model(int bits, double tolerance)
    {
        Random random = new(12);
        TensorShape input = new(2, 9, 9);
        NetworkPlan plan = new(input, random);
        plan.Convolve(4, 3).Square().Average(3);
        int before = plan.Value;
        plan.Convolve(4, 3).Square().Convolve(4, 3).AddShortcut(before, 1).Square().Convolve(3, 1).Rectify().Average(1).Square().Square();
        FloatNetwork network = plan.Connect(5).ToNetwork();
        float[][] samples = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, input.Count).Select(_ => (2 * random.NextSingle()) - 1).ToArray())];
        Precision precision = new(new Modulus(bits), SquareBits: bits == 24 ? 5 : bits / 4);
        IntegerNetwork integers = Calibration.Run(network, samples[..32], precision);
        Assert.Equal(network.Quadratics, integers.Quadratics);
        double error = 0, greatest = 0;
        foreach (float[] sample in samples[32..])
        {
            float[] expected = network.Run(sample), actual = integers.Run(sample);
            error = Math.Max(error, expected.Zip(actual, (x, y) => Math.Abs((double)x - y)).Max());
            greatest = Math.Max(greatest, expected.Max(Math.Abs));
        }
        Assert.InRange(error / greatest, 0, tolerance);
    }

    [Fact]
    public void What_a_shortcut_adds_has_one_scale()
    {
        NetworkPlan plan = new(new TensorShape(3, 1, 1), new Random(3));
        plan.Connect(3).Square();
        int square = plan.Value;
        // A square that is added keeps its scale a power of two: its coefficient is rounded to four bits instead.
        FloatNetwork network = plan.Connect(3).AddShortcut(square, 1).ToNetwork();
        float[][] samples = [.. Enumerable.Range(0, 16).Select(i => (float[])[MathF.Sin(i), MathF.Cos(3 * i), 0.1f * i])];
        QuadraticLayer layer = Calibration.Run(network, samples, Precision.Wide).Layers.OfType<QuadraticLayer>().Single();
        Assert.InRange(layer.Square, 8, 16);
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Run(network, samples, Precision.Wide with { SquareBits = 1 }));
        Assert.Throws<ModelException>(() => Calibration.Run(network, samples, Precision.Wide with { SquareBits = 16 }));
    }

    /// <summary>Two products and a polynomial between them.</summary>
    public static byte[] Model(string form)
    {
        OnnxDraft draft = new();
        draft.Input("x", 0, Size);
        string hidden = draft.Node("Gemm", ["x", Random(draft, Size, Size), Random(draft, Size)]);
        draft.NodeTo("Gemm", [Square(draft, form, hidden), Random(draft, Size, 2), Random(draft, 2)], ["y"]);
        draft.Output("y", 0, 2);
        return draft.ToBytes();
    }

    static string Square(OnnxDraft draft, string form, string x)
    {
        // 0.25·x² − x + 3, or −0.5·x² + 1.
        string quarter = Scalar(draft, 0.25f), minus = Scalar(draft, -1), three = Scalar(draft, 3);
        switch (form)
        {
            case "mul":
                return draft.Node("Add", [draft.Node("Add", [draft.Node("Mul", [draft.Node("Mul", [x, x]), quarter]), draft.Node("Mul", [minus, x])]), three]);
            case "pow":
                return draft.Node("Sub", [draft.Node("Add", [three, draft.Node("Mul", [quarter, draft.Node("Pow", [x, Scalar(draft, 2)])])]), x]);
            case "horner":
                return draft.Node("Add", [draft.Node("Mul", [draft.Node("Add", [draft.Node("Mul", [x, quarter]), minus]), x]), three]);
            case "sub":
                string half = draft.Node("Sub", [draft.Node("Mul", [x, Scalar(draft, 0.5f)]), Scalar(draft, 1)]);
                return draft.Node("Add", [draft.Node("Pow", [half, draft.Constant(2)]), Scalar(draft, 2)]);
            case "negative":
                return draft.Node("Sub", [Scalar(draft, 1), draft.Node("Mul", [draft.Node("Mul", [x, x]), Scalar(draft, 0.5f)])]);
            default:
                string same = draft.Node("Identity", [x]);
                return draft.Node("Add", [draft.Node("Mul", [draft.Node("Mul", [same, x]), quarter]), draft.Node("Sub", [three, same])]);
        }
    }

    static string Scalar(OnnxDraft draft, float value) => draft.Constant([], [value]);

    static string Random(OnnxDraft draft, params long[] shape)
    {
        Random random = new((int)shape[0] * 31);
        return draft.Constant(shape, [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => (2 * random.NextSingle()) - 1)]);
    }
}
