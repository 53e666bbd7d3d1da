using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>From an ONNX file to layers: what ONNX Runtime says of the file is the judge.</summary>
public sealed class NetworkReaderTests
{
    [Fact]
    public void Any_model_of_known_operators_computes_what_the_runtime_computes()
    {
        RandomModels models = new(11);
        Random random = new(12);
        HashSet<Type> kinds = [];
        for (int trial = 0; trial < 120; trial++)
        {
            (byte[] file, TensorShape input) = models.Next();
            NetworkReading reading = NetworkReader.TryRead(file);
            Assert.True(reading.Outcome == NetworkOutcome.Ok, reading.ToString());
            kinds.UnionWith(reading.Network!.Layers.Select(layer => layer.GetType()));
            float[] x = [.. Enumerable.Range(0, input.Count).Select(_ => (4 * random.NextSingle()) - 2)];
            using ModelRunner runner = ModelRunner.Load(file);
            float[] expected = runner.RunDirect([Tensor.Of("x", [1, input.Channels, input.Height, input.Width], x)])[0].ToFloats();
            float[] actual = reading.Network.Run(x);
            Assert.Equal(expected.Length, actual.Length);
            float tolerance = 1e-4f * Math.Max(1, expected.Max(Math.Abs));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }
        Assert.Equal(4, kinds.Count);
    }

    [Fact]
    public void The_digit_model_is_seven_layers()
    {
        NetworkReading reading = NetworkReader.TryRead(DigitModel.File());
        Assert.Equal(NetworkOutcome.Ok, reading.Outcome);
        IEnumerable<FloatLayer> shown = reading.Network!.Layers.Where(layer => layer is FloatActivation or FloatLinear { Name: "logits" });
        Assert.Equal(["8×14×14", "16×7×7", "64", "10"], shown.Select(layer => layer.Output.ToString()));
        // Every pooling has gone into the ReLU before it.
        Assert.Equal((7, 2), (reading.Network.Layers.Count, reading.Network.Layers.OfType<FloatActivation>().Count(layer => layer.Pool is not null)));
        Assert.Equal((8 * 196) + (16 * 49) + 64, reading.Network.Activations);
    }

    [Fact]
    public void Operators_without_a_counterpart_are_all_named()
    {
        OnnxDraft draft = new();
        draft.Input("x", 1, 4);
        string value = draft.Node("Sigmoid", [draft.Node("Softmax", ["x"])]);
        draft.NodeTo("Fancy", [draft.Node("Sigmoid", [value])], ["y"], "com.example");
        draft.Output("y", 1, 4);
        NetworkReading reading = NetworkReader.TryRead(draft.ToBytes());
        Assert.Equal(NetworkOutcome.Unsupported, reading.Outcome);
        Assert.Null(reading.Network);
        Assert.Equal(["the operator Sigmoid (2 times)", "the operator Softmax", "the operator com.example.Fancy"], reading.Problems);
        Assert.Equal("this model cannot be run privately: the operator Sigmoid (2 times); the operator Softmax; the operator com.example.Fancy", reading.ToString());
    }

    [Theory]
    [InlineData("groups", "in 2 groups")]
    [InlineData("dilation", "a window that is dilated")]
    [InlineData("window", "does not fit")]
    [InlineData("clip", "not from 0 to a constant")]
    [InlineData("weights", "weights that are no constants")]
    [InlineData("nan", "no finite floats")]
    [InlineData("normalization", "does not follow a linear layer")]
    [InlineData("padding", "padding that does not count")]
    [InlineData("shapes", "of two shapes")]
    [InlineData("reshape", "to [2, 8]")]
    [InlineData("unmade", "a value that nothing makes")]
    [InlineData("matrix", "not one vector times a matrix")]
    [InlineData("constant", "of a constant")]
    [InlineData("dead", "leads nowhere")]
    [InlineData("output", "not the last layer")]
    public void Uses_without_a_counterpart_are_named(string use, string problem)
    {
        OnnxDraft draft = new();
        draft.Input("x", 1, 4, 4, 4);
        string weights = draft.Constant([4, 4, 1, 1], [.. Enumerable.Repeat(0.5f, 16)]);
        string value = draft.Node("Conv", ["x", weights]);
        string four = draft.Constant([4], [1, 1, 1, 1]);
        value = use switch
        {
            "groups" => draft.Node("Conv", [value, draft.Constant([4, 2, 1, 1], new float[8])], OnnxDraft.Integer("group", 2)),
            "dilation" => draft.Node("Conv", [value, weights], OnnxDraft.Integers("dilations", 2, 2)),
            "window" => draft.Node("MaxPool", [value], OnnxDraft.Integers("kernel_shape", 5, 5)),
            "clip" => draft.Node("Clip", [value, draft.Constant([], [-1f]), draft.Constant([], [1f])]),
            "weights" => draft.Node("Conv", [value, value]),
            "nan" => draft.Node("Conv", [value, draft.Constant([1, 4, 1, 1], [1, 2, float.NaN, 4])]),
            "normalization" => draft.Node("BatchNormalization", [draft.Node("Relu", [value]), four, four, four, four]),
            "padding" => draft.Node("AveragePool", [value], OnnxDraft.Integers("kernel_shape", 2, 2), OnnxDraft.Integers("pads", 1, 1, 0, 0)),
            "shapes" => draft.Node("Add", [value, draft.Node("MaxPool", [value], OnnxDraft.Integers("kernel_shape", 2, 2))]),
            "reshape" => draft.Node("Reshape", [value, draft.Constant(2, 8)]),
            "unmade" => draft.Node("Relu", ["nobody"]),
            "matrix" => draft.Node("MatMul", [draft.Node("Flatten", [value]), draft.Constant([4, 1], [1, 1, 1, 1])]),
            "constant" => draft.Node("Relu", [four]),
            "dead" => draft.Node("Relu", ["x"]),
            _ => "x",
        };
        draft.NodeTo("Identity", [value], ["y"]);
        draft.Output("y", 1, 4, 4, 4);
        NetworkReading reading = NetworkReader.TryRead(draft.ToBytes());
        Assert.Equal(NetworkOutcome.Unsupported, reading.Outcome);
        Assert.Contains(problem, Assert.Single(reading.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_of_a_model_are_told_at_once_and_none_twice()
    {
        OnnxDraft draft = new();
        draft.Input("x", 1, 4, 4, 4);
        string bad = draft.Node("MaxPool", ["x"], OnnxDraft.Integers("kernel_shape", 9, 9));
        string worse = draft.Node("Conv", [draft.Node("Relu", [bad]), bad]);
        draft.NodeTo("Reshape", ["x", draft.Constant(3)], ["z"]);
        draft.NodeTo("Add", [worse, "z"], ["y"]);
        draft.Output("y", 1, 4);
        Assert.Equal(2, NetworkReader.TryRead(draft.ToBytes()).Problems.Count);
    }

    [Fact]
    public void What_is_no_model_is_an_outcome()
    {
        byte[] good = DigitModel.File();
        Random random = new(13);
        for (int trial = 0; trial < 200; trial++)
        {
            byte[] bad = trial % 2 == 0 ? new byte[random.Next(200)] : good[..random.Next(good.Length)];
            if (trial % 2 == 0)
            {
                random.NextBytes(bad);
            }
            Assert.NotEqual(NetworkOutcome.Ok, NetworkReader.TryRead(bad).Outcome);
        }
        Assert.Equal(NetworkOutcome.Malformed, NetworkReader.TryRead([]).Outcome);
    }

    [Fact]
    public void Shapes_of_inputs_and_outputs_that_mean_something_else_are_refused()
    {
        foreach (long[] shape in (long[][])[[2, 3, 4, 4], [1, 3, 4], [1, 0, 4, 4], [1, 1 << 20, 1 << 20, 1 << 20], []])
        {
            OnnxDraft draft = new();
            draft.Input("x", shape);
            draft.NodeTo("Relu", ["x"], ["y"]);
            draft.Output("y", shape);
            Assert.Equal(NetworkOutcome.Unsupported, NetworkReader.TryRead(draft.ToBytes()).Outcome);
        }
    }
}
