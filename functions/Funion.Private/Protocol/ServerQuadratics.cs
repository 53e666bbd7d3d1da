using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Garbling;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Protocol;

/// <summary>A server's offline phase of quadratic layers: see <see cref="QuadraticBatch"/>.</summary>
sealed class ServerQuadratics(ProtocolPlan plan, MessageChannel channel, TransferGeometry geometry, CorrelatedReceiver transfers, CancellationToken cancellation) : IDisposable
{
    readonly QuadraticPart<EvaluatorBatch>?[] _parts = new QuadraticPart<EvaluatorBatch>?[plan.Quadratics.Count];

    // Choices and labels of the products, until those are here.
    readonly (byte[] Choices, Label[] Chosen)[] _products = [.. plan.Quadratics.Select(_ => (Array.Empty<byte>(), Array.Empty<Label>()))];

    bool _given;

    /// <summary>The transfers of all batches.</summary>
    public async ValueTask<ProtocolOutcome> ExtendAsync(Bytes32 session)
    {
        ProtocolOutcome outcome = ProtocolOutcome.Done;
        foreach (QuadraticBatch batch in plan.Quadratics)
        {
            EvaluatorBatch? carries = null;
            if (batch.Garbling is { } garbling)
            {
                (byte[] message, byte[] choices, Label[] chosen) = Extend(garbling.Transfers);
                carries = new EvaluatorBatch(garbling, session, batch.Number, choices, chosen);
                Wipe(choices, chosen);
                outcome = await channel.SendAsync(MessageKind.Extension, message, cancellation);
            }
            _parts[batch.Index] = new QuadraticPart<EvaluatorBatch>(batch, carries);
            (byte[] extension, byte[] bits, Label[] labels) = Extend(batch.Squares.Transfers);
            _products[batch.Index] = (bits, labels);
            outcome = outcome == ProtocolOutcome.Done ? await channel.SendAsync(MessageKind.Extension, extension, cancellation) : outcome;
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        return outcome;
    }

    /// <summary>Circuits and products of all batches; as many at a time as there are cores.</summary>
    public async ValueTask<ProtocolOutcome> TakeAsync(Bytes32 session)
    {
        for (int first = 0; first < _parts.Length; first += Environment.ProcessorCount)
        {
            byte[][] messages = new byte[Math.Min(Environment.ProcessorCount, _parts.Length - first)][];
            for (int i = 0; i < messages.Length; i++)
            {
                QuadraticBatch batch = plan.Quadratics[first + i];
                ProtocolOutcome outcome = _parts[first + i]!.Garbled is { } carries ? await TakeCarriesAsync(batch, carries) : ProtocolOutcome.Done;
                messages[i] = GC.AllocateUninitializedArray<byte>(batch.Squares.MessageSize);
                outcome = outcome == ProtocolOutcome.Done ? await channel.ReceiveAsync(MessageKind.Products, messages[i], cancellation) : outcome;
                if (outcome != ProtocolOutcome.Done)
                {
                    return outcome;
                }
            }
            int from = first;
            Parallel.For(0, messages.Length, i => Receive(session, plan.Quadratics[from + i], messages[i]));
        }
        return ProtocolOutcome.Done;
    }

    /// <summary>What is kept, which is the caller's from now on.</summary>
    public QuadraticPart<EvaluatorBatch>[] Give()
    {
        _given = true;
        return [.. _parts.Select(part => part!)];
    }

    public void Dispose()
    {
        foreach ((byte[] choices, Label[] chosen) in _products)
        {
            Wipe(choices, chosen);
        }
        foreach (QuadraticPart<EvaluatorBatch>? part in _given ? [] : _parts)
        {
            part?.Dispose();
        }
    }

    void Receive(Bytes32 session, QuadraticBatch batch, byte[] message)
    {
        (byte[] choices, Label[] chosen) = _products[batch.Index];
        QuadraticPart<EvaluatorBatch> part = _parts[batch.Index]!;
        // Of the right size: nothing else can be wrong with it.
        SquarePairs.Receive(batch.Squares, session, batch.Number, choices, chosen, message, part.Values, part.Squares);
        Wipe(choices, chosen);
        _products[batch.Index] = ([], []);
    }

    async ValueTask<ProtocolOutcome> TakeCarriesAsync(QuadraticBatch batch, EvaluatorBatch carries)
    {
        byte[] message = GC.AllocateUninitializedArray<byte>(batch.Garbling!.BatchSize);
        ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Batch, message, cancellation);
        return outcome != ProtocolOutcome.Done ? outcome
            : carries.Take(message) == GarblingOutcome.Taken ? outcome : channel.Fail(ProtocolOutcome.WrongSession);
    }

    (byte[] Message, byte[] Choices, Label[] Chosen) Extend(int count)
    {
        byte[] message = new byte[geometry.ExtensionSize(count)], choices = new byte[TransferGeometry.ChoicesSize(count)];
        Label[] chosen = GC.AllocateUninitializedArray<Label>(count, pinned: true);
        transfers.Extend(count, message, choices, chosen);
        return (message, choices, chosen);
    }

    static void Wipe(byte[] choices, Label[] chosen)
    {
        CryptographicOperations.ZeroMemory(choices);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(chosen.AsSpan()));
    }
}
