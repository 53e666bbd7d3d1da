using Funion.Cryptography;
using Funion.Private.Garbling;
using Funion.Private.Transfer;
using Funion.Tests.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Fuzzing;

/// <summary>
/// What the parties of garbling and of oblivious transfer read of each other, and of their own disks. The two messages that open a session are here in their
/// parts, points and trees: 128 of the former take tens of milliseconds.
/// </summary>
static class TransferFuzzTargets
{
    static readonly Random s_random = new(18);

    public static IReadOnlyList<FuzzTarget> All { get; } = [.. Transfers(), .. Batches()];

    static IEnumerable<FuzzTarget> Transfers()
    {
        byte[] point = new byte[32], scalar = [7, .. new byte[31]];
        Ristretto255.MultiplyBase(scalar, point);
        yield return new("point of a base transfer", typeof(Ristretto255), [point], bytes =>
            bytes.Length == 32 && Ristretto255.Add(bytes, point, new byte[32]) && Ristretto255.Multiply(scalar, bytes, new byte[32]));

        byte[] pads = Bytes(128), levels = new byte[128], proof = new byte[64], chosen = [.. pads.Chunk(16).Where((_, i) => i % 2 == 1).SelectMany(pad => pad)];
        SeedTree.Grow(Dealer.Session(1), 0, 4, pads, levels, proof, new byte[256]);
        yield return new("tree of seeds", typeof(SeedTree), [[.. levels, .. proof]], bytes =>
            bytes.Length == 192 && SeedTree.Puncture(Dealer.Session(1), 0, 4, 0, chosen, bytes.AsSpan(0, 128), bytes.AsSpan(128), new byte[256]));

        TransferGeometry geometry = TransferGeometry.Iknp;
        byte[] leaves = Bytes(geometry.Trees * geometry.Leaves * 16), delta = [.. Bytes(15), 0x80], extension = new byte[geometry.ExtensionSize(9)];
        using CorrelatedReceiver receiver = new(Dealer.Session(1), geometry, leaves);
        receiver.Extend(9, extension, new byte[2], new Label[9]);
        yield return new("extension of transfers", typeof(CorrelatedSender), [extension], bytes =>
        {
            using CorrelatedSender sender = new(Dealer.Session(1), geometry, delta, leaves);
            return sender.Extend(bytes, new Label[9]) == TransferOutcome.Taken;
        });

        TransferGeometry lines = TransferGeometry.SoftSpoken;
        byte[] seeds = Bytes(lines.Trees * lines.Leaves * 16), choose = new byte[LineBase.ChooseSize];
        using LineBaseReceiver chooser = new(new CorrelatedReceiver(Dealer.Session(2), lines, seeds));
        chooser.Choose(Dealer.Session(3), Bytes(16), choose, new byte[128 * 16]);
        yield return new("base transfers on a line", typeof(LineBaseSender), [choose], bytes =>
        {
            using LineBaseSender line = new(new CorrelatedSender(Dealer.Session(2), lines, delta, seeds));
            return line.Answer(Dealer.Session(3), bytes, new byte[128 * 32]) == TransferOutcome.Taken;
        });

        ProductGeometry products = new(17, 3);
        byte[] corrections = Bytes(products.MessageSize);
        yield return new("corrections of products", typeof(ProductTransfer), [corrections], bytes =>
            ProductTransfer.Receive(products, Dealer.Session(1), 1, new byte[7], new Label[51], bytes, new ulong[3], new ulong[3]) == TransferOutcome.Taken);
    }

    static IEnumerable<FuzzTarget> Batches()
    {
        GarblingGeometry geometry = new(new Activation { Width = 17, Truncation = 2 }.ToCircuit(), 3);
        Label[] zero = new Label[geometry.Transfers];
        byte[] message = new byte[geometry.BatchSize], garbled = new byte[GarblerBatch.ExportSize(geometry)], kept = new byte[EvaluatorBatch.ExportSize(geometry)];
        GarblerBatch.Garble(geometry, Dealer.Session(1), 1, System.Runtime.Intrinsics.Vector128.Create((byte)0x81), new ulong[6], zero, message).Export(garbled);
        EvaluatorBatch evaluator = Fresh();
        evaluator.Take([.. message]);
        evaluator.Export(kept);
        byte[] request = new byte[geometry.RequestSize], reply = Bytes(geometry.ReplySize);
        yield return new("garbled batch", typeof(EvaluatorBatch), [message], bytes =>
        {
            using EvaluatorBatch batch = Fresh();
            if (batch.Take(bytes) != GarblingOutcome.Taken)
            {
                return false;
            }
            batch.Request(new ulong[3], new byte[geometry.RequestSize]);
            return batch.Evaluate(reply, [], new ulong[3]) == GarblingOutcome.Taken;
        });
        yield return new("request for labels", typeof(GarblerBatch), [request], bytes =>
        {
            using GarblerBatch batch = GarblerBatch.TryRead(geometry, Dealer.Session(1), 1, garbled)!;
            return batch.Answer(bytes, new byte[geometry.ReplySize]) == GarblingOutcome.Taken;
        });
        yield return new("labels of a batch", typeof(EvaluatorBatch), [reply], bytes =>
        {
            using EvaluatorBatch batch = EvaluatorBatch.TryRead(geometry, Dealer.Session(1), 1, kept)!;
            batch.Request(new ulong[3], new byte[geometry.RequestSize]);
            return batch.Evaluate(bytes, [], new ulong[3]) == GarblingOutcome.Taken;
        });
        yield return new("garbler's batch at rest", typeof(GarblerBatch), [garbled], bytes =>
        {
            using GarblerBatch? batch = GarblerBatch.TryRead(geometry, Dealer.Session(1), 1, bytes);
            return batch is not null;
        });
        yield return new("evaluator's batch at rest", typeof(EvaluatorBatch), [kept], bytes =>
        {
            using EvaluatorBatch? batch = EvaluatorBatch.TryRead(geometry, Dealer.Session(1), 1, bytes);
            return batch is not null;
        });

        EvaluatorBatch Fresh() => new(geometry, Dealer.Session(1), 1, new byte[geometry.RequestSize], zero);
    }

    static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        s_random.NextBytes(bytes);
        return bytes;
    }
}
