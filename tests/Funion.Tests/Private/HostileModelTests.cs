using Funion.Models.Digits;
using Funion.Models.Onnx;
using Funion.Private.Networks;
using Funion.Private.Onnx;

namespace Funion.Tests.Private;

/// <summary>Small files that ask for much: an outcome, no exception, and memory in proportion.</summary>
public sealed class HostileModelTests
{
    [Fact]
    public void Reshapes_to_anything_are_refused()
    {
        const long Large = 1 << 24;
        long[][] shapes =
        [
            [1, 0, Large, Large, Large], [1, Large, Large, Large], [1, -1, 4, 4], [1, -1, Large, Large, Large], [1, 0], [1, long.MaxValue],
            [long.MinValue, long.MinValue], [16], [],
        ];
        Assert.All(shapes, shape =>
        {
            NetworkReading reading = Read([1, 1, 4, 4], (draft, x) => draft.Node("Reshape", [x, draft.Constant(shape)]));
            Assert.Contains("Reshape", Refused(reading), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_shape_is_told_with_eight_sizes_at_most()
    {
        NetworkReading reading = Read([1, 1, 4, 4], (draft, x) => draft.Node("Reshape", [x, draft.Constant(Enumerable.Repeat(7L, 50_000).ToArray())]));
        Assert.EndsWith("to [7, 7, 7, 7, 7, 7, 7, 7, …]", Refused(reading), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MaxPool")]
    [InlineData("AveragePool")]
    public void A_pooling_whose_output_is_mostly_padding_is_refused(string kind)
    {
        NetworkReading reading = Read([1, 2, 1, 1], (draft, x) => draft.Node(
            kind, [x], OnnxDraft.Integers("kernel_shape", 4_095, 4_095), OnnxDraft.Integers("pads", 4_094, 4_094, 4_094, 4_094), OnnxDraft.Integer("count_include_pad", 1)));
        Assert.Contains("too large", Refused(reading), StringComparison.Ordinal);
    }

    [Fact]
    public void Poolings_that_are_each_legal_are_not_so_many_times()
    {
        // An output of 4,000×4,000, each of as many inputs.
        NetworkReading reading = Read([1, 1, 1, 1], (draft, x) => draft.Node(
            "MaxPool", [x], OnnxDraft.Integers("kernel_shape", 4_000, 4_000), OnnxDraft.Integers("pads", 3_999, 3_999, 3_999, 3_999)));
        Assert.Contains("the network is too large", Refused(reading), StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_large_values_has_an_end()
    {
        NetworkReading Chain(int length) => Read([1, 1, 1_024, 1_024], (draft, x) =>
        {
            for (int i = 0; i < length; i++)
            {
                x = draft.Node("Relu", [x]);
            }
            return x;
        });
        Assert.Equal(NetworkOutcome.Ok, Chain(100).Outcome);
        Assert.Contains("the network is too large", Refused(Chain(200)), StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_that_share_a_constant_have_a_budget_of_weights_together()
    {
        NetworkReading Chain(int length) => Read([1, 1_024, 1, 1], (draft, x) =>
        {
            string weights = draft.Constant([1_024, 1_024, 1, 1], new float[1 << 20]);
            for (int i = 0; i < length; i++)
            {
                x = draft.Node("Conv", [x, weights]);
            }
            return x;
        });
        Assert.Equal(NetworkOutcome.Ok, Chain(128).Outcome);
        Assert.Contains("too large", Refused(Chain(129)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_convolution_that_computes_mostly_between_its_outputs_is_refused()
    {
        NetworkReading reading = Read([1, 1, 1, 4_095], (draft, x) => draft.Node(
            "Conv", [x, draft.Constant([16, 1, 1, 4_095], new float[16 * 4_095])], OnnxDraft.Integers("pads", 4_095, 0, 0, 0)));
        Assert.Contains("too large", Refused(reading), StringComparison.Ordinal);
    }

    [Fact]
    public void No_more_than_a_hundred_problems_are_kept()
    {
        NetworkReading reading = Read([1, 1, 4, 4], (draft, x) =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                x = draft.Node("Relu", ["nobody" + i]);
            }
            return x;
        });
        Assert.Equal((NetworkOutcome.Unsupported, 100), (reading.Outcome, reading.Problems.Distinct().Count()));
    }

    [Fact]
    public void Biases_that_add_up_to_infinity_are_refused()
    {
        NetworkReading reading = Read([1, 1, 2, 2], (draft, x) =>
        {
            string large = draft.Constant([1], [3e38f]);
            return draft.Node("Add", [draft.Node("Conv", [x, draft.Constant([1, 1, 1, 1], [1f]), large]), large]);
        });
        Assert.Contains("a bias is infinite", Refused(reading), StringComparison.Ordinal);
    }

    [Fact]
    public void Integers_that_are_written_one_by_one_are_few_or_of_no_use()
    {
        Assert.Equal(1_024, Numbers(1_024).Integers.Length);
        OnnxTensor many = Numbers(1_025);
        Assert.True(many.Other);
        Assert.Empty(many.Integers);
    }

    static OnnxTensor Numbers(int count)
    {
        ProtoWriter tensor = new();
        tensor.Number(1, count);
        tensor.Number(2, 7);
        tensor.Bytes(7, new byte[count]);
        return OnnxTensor.TryRead(tensor.ToArray())!;
    }

    static NetworkReading Read(long[] input, Func<OnnxDraft, string, string> build)
    {
        OnnxDraft draft = new();
        draft.Input("x", input);
        draft.NodeTo("Identity", [build(draft, "x")], ["y"]);
        draft.Output("y", 1);
        return NetworkReader.TryRead(draft.ToBytes());
    }

    static string Refused(NetworkReading reading)
    {
        Assert.Equal(NetworkOutcome.Unsupported, reading.Outcome);
        return reading.Problems[0];
    }
}
