using System.Collections.Concurrent;
using Funion.Cli.Asking;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>A way of asking without a network: the model of <see cref="Pools"/>, answered by a function of how many runs came before and the input.</summary>
sealed class ScriptedAsking(Func<int, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?> server, bool hides = true, int others = 0) : WayOfAsking(Entry(1))
{
    int _runs;

    /// <summary>What was asked of whom, in order.</summary>
    public ConcurrentQueue<(NodeId Provider, string Input)> Asked { get; } = [];

    public override bool HidesInputs => hides;

    public override bool HasBuckets => true;

    public override IReadOnlyList<string> Stages => [];

    public override IReadOnlyList<ModelEntry> SameModel => [Model, .. Enumerable.Range(2, others).Select(i => Entry((byte)i)), .. others == 0 ? (ModelEntry[])[] : [Entry(2)]];

    public static ReadOnlyMemory<byte> Honest(ReadOnlyMemory<byte> input) => Pools.Output(TensorCodec.TryParse(input)![0].ToFloats());

    /// <summary>Samples whose labels are what the model says.</summary>
    public static SamplePool Pool(int certified, int labelled, SampleForm form = SampleForm.TwoParty, int from = 100, Tolerance tolerance = default) =>
        Pools.Of(certified, labelled, from, tolerance) with
        {
            Form = form, Labelled = [.. Enumerable.Range(from, labelled).Select(i => (Pools.Input(i, 2), Labels.Of(Pools.Output(i, 2))!.Value))],
        };

    public override Task OpenAsync(TimeSpan bucket, CancellationToken cancellation) => Task.CompletedTask;

    public override Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) =>
        AskAsync(Model, inputs, progress, cancellation);

    public override Task<InferenceAnswer> AskAsync(ModelEntry provider, IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        byte[] input = TensorCodec.Encode(inputs);
        Asked.Enqueue((provider.Compute, Convert.ToHexString(input)));
        return Task.FromResult(server(_runs++, input) is { } answer
            ? new InferenceAnswer(TensorCodec.TryParse(answer), null)
            : throw new FunionException(FunionError.TimedOut, "No answer."));
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    static ModelEntry Entry(byte compute) => LocalModel.Entry(
        "doubler", Pools.Model.ToString(), [new TensorSpec("x", "FP32", [1, -1])], [new TensorSpec("y", "FP32", [1, -1])], null, 30_000, [TimeSpan.FromSeconds(1)], 4)
        with { Compute = new NodeId([.. Enumerable.Repeat(compute, NodeId.Size)]) };
}
