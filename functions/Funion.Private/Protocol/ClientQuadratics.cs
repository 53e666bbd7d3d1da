using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Garbling;
using Funion.Private.Ring;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Protocol;

/// <summary>A client's offline phase of quadratic layers: see <see cref="QuadraticBatch"/>. Transfers first, and the rest when its share of every value is known.</summary>
sealed class ClientQuadratics(ProtocolPlan plan, MessageChannel channel, TransferGeometry geometry, CorrelatedSender transfers, CancellationToken cancellation) : IDisposable
{
    // K₀ of each batch: of the carries, then of the products.
    readonly (Label[] Carries, Label[] Products)[] _zero = [.. plan.Quadratics.Select(_ => (Array.Empty<Label>(), Array.Empty<Label>()))];

    public async ValueTask<ProtocolOutcome> ReceiveLabelsAsync()
    {
        ProtocolOutcome outcome = ProtocolOutcome.Done;
        foreach (QuadraticBatch batch in plan.Quadratics)
        {
            Label[] carries = [], products = [];
            if (batch.Garbling is { } garbling)
            {
                (outcome, carries) = await ReceiveAsync(garbling.Transfers);
            }
            if (outcome == ProtocolOutcome.Done)
            {
                (outcome, products) = await ReceiveAsync(batch.Squares.Transfers);
            }
            _zero[batch.Index] = (carries, products);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        return outcome;
    }

    /// <summary>Garbles carries, makes square pairs and sends both; as many batches at a time as there are cores.</summary>
    /// <param name="session">Of the offline phase.</param>
    /// <param name="values">The client's share of each value of the network.</param>
    /// <param name="parts">Takes what is kept of each batch.</param>
    public async ValueTask<ProtocolOutcome> MakeAsync(Bytes32 session, RingTensor?[] values, QuadraticPart<GarblerBatch>?[] parts)
    {
        Label delta = transfers.Delta;
        for (int first = 0; first < parts.Length; first += Environment.ProcessorCount)
        {
            (byte[] Carries, byte[] Products)[] messages = new (byte[], byte[])[Math.Min(Environment.ProcessorCount, parts.Length - first)];
            Parallel.For(0, messages.Length, i =>
            {
                QuadraticBatch batch = plan.Quadratics[first + i];
                messages[i] = (GC.AllocateUninitializedArray<byte>(batch.Garbling?.BatchSize ?? 0), new byte[batch.Squares.MessageSize]);
                int layer = plan.LayerOf(batch);
                ReadOnlySpan<ulong> share = values[batch.Layer.Input]!.Elements.Slice(batch.First, batch.Count);
                parts[first + i] = Make(session, batch, delta, share, values[layer + 1]!.Elements.Slice(batch.First, batch.Count), messages[i].Carries, messages[i].Products);
            });
            for (int i = 0; i < messages.Length; i++)
            {
                ProtocolOutcome outcome = plan.Quadratics[first + i].Garbling is null
                    ? ProtocolOutcome.Done : await channel.SendAsync(MessageKind.Batch, messages[i].Carries, cancellation);
                outcome = outcome == ProtocolOutcome.Done ? await channel.SendAsync(MessageKind.Products, messages[i].Products, cancellation) : outcome;
                if (outcome != ProtocolOutcome.Done)
                {
                    return outcome;
                }
            }
        }
        return ProtocolOutcome.Done;
    }

    public void Dispose()
    {
        foreach ((Label[] carries, Label[] products) in _zero)
        {
            Wipe(carries);
            Wipe(products);
        }
    }

    async ValueTask<(ProtocolOutcome Outcome, Label[] Zero)> ReceiveAsync(int count)
    {
        byte[] extension = new byte[geometry.ExtensionSize(count)];
        ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Extension, extension, cancellation);
        if (outcome != ProtocolOutcome.Done)
        {
            return (outcome, []);
        }
        Label[] zero = GC.AllocateUninitializedArray<Label>(count, pinned: true);
        return (transfers.Extend(extension, zero) == TransferOutcome.Taken ? outcome : channel.Fail(ProtocolOutcome.InconsistentTransfer), zero);
    }

    QuadraticPart<GarblerBatch> Make(
        in Bytes32 session, QuadraticBatch batch, Label delta, ReadOnlySpan<ulong> share, ReadOnlySpan<ulong> mask, Span<byte> carries, Span<byte> products)
    {
        (Label[] zeroCarries, Label[] zeroProducts) = _zero[batch.Index];
        ulong[] shares = GC.AllocateArray<ulong>(batch.Garbling is { } one ? one.Instances * one.Results : 0, pinned: true);
        GarblerBatch? garbled = batch.Garbling is { } garbling
            ? GarblerBatch.Garble(garbling, session, batch.Number, delta, share, zeroCarries, carries, shares) : null;
        QuadraticPart<GarblerBatch> part = new(batch, garbled);
        batch.CutBound(share, shares, part.Values);
        SquarePairs.SendFor(batch.Squares, session, batch.Number, delta, zeroProducts, products, part.Values, part.Squares);
        batch.Fold(part.Values, mask, part.Squares);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(shares.AsSpan()));
        Wipe(zeroCarries);
        Wipe(zeroProducts);
        return part;
    }

    static void Wipe(Label[] labels) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(labels.AsSpan()));
}
