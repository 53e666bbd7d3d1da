using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Private.Garbling;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Planning;

/// <summary>
/// Seconds of the protocol's kernels, each the fit of a line through sizes that were measured in this process: the best of some tries, as other work only ever adds. Linear
/// layers are measured as they are, once for each shape.
/// </summary>
public sealed class KernelTimes
{
    const int Tries = 5;

    readonly Dictionary<(Modulus Modulus, ConvolutionShape Shape, int Bound), (double Encrypted, double Clear)> _linear = [];

    readonly Dictionary<Modulus, (LatticeSecretKey Key, LatticePublicKey Public)> _keys = [];

    internal KernelTimes(LineFit garbling, LineFit evaluation, LineFit transfers, LineFit pairs) =>
        (Garbling, Evaluation, Transfers, Pairs) = (garbling, evaluation, transfers, pairs);

    /// <summary>A batch, by and gates, on one core.</summary>
    public LineFit Garbling { get; }

    /// <summary>Request, labels and evaluation of a batch, by and gates, on one core.</summary>
    public LineFit Evaluation { get; }

    /// <summary>An extension on both sides, by transfers.</summary>
    public LineFit Transfers { get; }

    /// <summary>Square pairs on both sides, by the transfers that they take.</summary>
    public LineFit Pairs { get; }

    /// <summary>Measures: about a second.</summary>
    public static KernelTimes Measure(TransferKind transfer)
    {
        TransferGeometry geometry = new((int)transfer);
        Circuit circuit = new Activation { Width = 32, Truncation = 12 }.ToCircuit();
        int[] sizes = [64, 512, 2_048];
        List<(double, double)> garbling = [], evaluation = [], transfers = [], pairs = [];
        Bytes32 session = new(RandomNumberGenerator.GetBytes(Bytes32.Size));
        using CorrelatedSender sender = new(session, geometry);
        using CorrelatedReceiver receiver = new(session, geometry);
        byte[] open = new byte[geometry.OpenSize];
        if (receiver.Open(sender.Choose, open) != TransferOutcome.Taken || sender.Open(open) != TransferOutcome.Taken)
        {
            throw new InvalidOperationException("Transfers between honest parties failed.");
        }
        Label delta = sender.Delta;
        foreach (int size in sizes)
        {
            GarblingGeometry batch = new(circuit, size);
            Label[] zero = new Label[batch.Transfers], chosen = new Label[batch.Transfers];
            byte[] extension = new byte[geometry.ExtensionSize(batch.Transfers)], choices = new byte[batch.RequestSize];
            transfers.Add((batch.Transfers, Best(() =>
            {
                receiver.Extend(batch.Transfers, extension, choices, chosen);
                sender.Extend(extension, zero);
            })));
            byte[] message = new byte[batch.BatchSize], request = new byte[batch.RequestSize], reply = new byte[batch.ReplySize];
            ulong[] bound = new ulong[size * circuit.Bound.Count], words = new ulong[size];
            GarblerBatch? garbler = null;
            long ands = (long)size * circuit.AndGates;
            garbling.Add((ands, Best(() =>
            {
                garbler?.Dispose();
                garbler = GarblerBatch.Garble(batch, session, 1, delta, bound, zero, message);
            })));
            garbler!.Dispose();
            evaluation.Add((ands, Best(
                () =>
                {
                    using GarblerBatch garbled = GarblerBatch.Garble(batch, session, 1, delta, bound, zero, message);
                    using EvaluatorBatch evaluator = new(batch, session, 1, choices, chosen);
                    evaluator.Take(message);
                    long start = Stopwatch.GetTimestamp();
                    evaluator.Request(words, request);
                    garbled.Answer(request, reply);
                    evaluator.Evaluate(reply, [], words);
                    return Stopwatch.GetElapsedTime(start).TotalSeconds;
                })));
            pairs.Add(Pair(SquarePairs.Geometry(32, size / 2), session, delta, zero, choices, chosen));
        }
        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<Label>(ref delta)));
        return new KernelTimes(LineFit.Of(garbling), LineFit.Of(evaluation), LineFit.Of(transfers), LineFit.Of(pairs));
    }

    internal double Offline(in Work work) =>
        ((Garbling.Seconds(work.Batches, work.Ands) + Pairs.Seconds(work.PairBatches, work.PairTransfers)) / Environment.ProcessorCount)
        + Transfers.Seconds(work.Extensions, work.Transfers);

    internal double Online(in Work work) => Evaluation.Seconds(work.Batches, work.Ands) / Environment.ProcessorCount;

    /// <summary>A linear layer under encryption, from the client's request to its share; and on shares. Its weights are of its size, whatever they are.</summary>
    internal (double Encrypted, double Clear) Linear(Modulus modulus, LinearLayer layer)
    {
        if (!_linear.TryGetValue((modulus, layer.Shape, layer.WeightBound), out (double, double) seconds))
        {
            _linear[(modulus, layer.Shape, layer.WeightBound)] = seconds = MeasureLinear(modulus, layer);
        }
        return seconds;
    }

    (double Encrypted, double Clear) MeasureLinear(Modulus modulus, LinearLayer layer)
    {
        if (!_keys.TryGetValue(modulus, out (LatticeSecretKey Key, LatticePublicKey Public) keys))
        {
            LatticeSecretKey key = LatticeSecretKey.Create(new LatticeParameters(modulus));
            _ = LatticePublicKey.TryRead(key.Parameters, key.PublicKey, out LatticePublicKey? its);
            _keys[modulus] = keys = (key, its!);
        }
        LinearLayout layout = new(keys.Key.Parameters, layer.Shape, layer.WeightBound);
        Random random = new(1);
        int[] weights = [.. Enumerable.Range(0, layer.Shape.WeightCount).Select(_ => random.Next(-layer.WeightBound, layer.WeightBound + 1))];
        LinearServer server = new(layout, weights);
        LinearClient client = new(keys.Key, layout);
        LinearLayer clear = layer with { Weights = weights, Bias = new long[layer.Shape.Filters] };
        using RingTensor mask = new(keys.Key.Parameters.Guarded, layer.Output);
        RingTensor input = RingTensor.Uniform(modulus, layer.Shape.Input);
        byte[] request = new byte[layout.RequestSize], answer = new byte[layout.AnswerSize];
        double encrypted = Best(
            () =>
            {
                client.Encrypt(input, request);
                server.TryEvaluate(keys.Public, request, answer, mask);
                client.TryDecode(answer, out RingTensor? decoded);
                decoded?.Dispose();
            },
            tries: 2);
        return (encrypted, Best(() => clear.Multiply(input), tries: 2));
    }

    static (double, double) Pair(ProductGeometry geometry, Bytes32 session, Label delta, Label[] zero, byte[] choices, Label[] chosen)
    {
        byte[] message = new byte[geometry.MessageSize], bits = choices[..TransferGeometry.ChoicesSize(geometry.Transfers)];
        ulong[] values = new ulong[geometry.Products], squares = new ulong[geometry.Products];
        return (geometry.Transfers, Best(() =>
        {
            SquarePairs.Send(geometry, session, 1, delta, zero.AsSpan(0, geometry.Transfers), message, values, squares);
            SquarePairs.Receive(geometry, session, 1, bits, chosen.AsSpan(0, geometry.Transfers), message, values, squares);
        }));
    }

    static double Best(Action kernel, int tries = Tries) => Best(
        () =>
        {
            long start = Stopwatch.GetTimestamp();
            kernel();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        },
        tries);

    static double Best(Func<double> kernel, int tries = Tries) => Math.Max(1e-9, Enumerable.Range(0, tries + 1).Select(_ => kernel()).Min());
}
