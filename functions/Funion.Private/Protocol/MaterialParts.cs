using Funion.Private.Garbling;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>
/// Material as parts of a <see cref="MaterialFile"/>. To write it is to spend it in memory.
/// <code>
/// part 0   = role 1 ‖ channel 1 ‖ transfer 1 ‖ architecture 32 ‖ session 32
/// client   part 1 = mask of the input ‖ share of the output; then a part for each batch; then for each quadratic one, its words last
/// server   a part for the share of each linear layer; then as of a client
/// </code>
/// </summary>
static class MaterialParts
{
    /// <summary>Of part 0.</summary>
    public const int HeaderSize = 3 + (2 * Bytes32.Size);

    const byte ClientRole = 1, ServerRole = 2;

    /// <summary>A client's.</summary>
    public static IEnumerable<byte[]> Of(ClientMaterial material)
    {
        yield return Header(ClientRole, material.Channel, material.Transfer, material.Plan, material.Session);
        yield return [.. material.Mask.ToBytes(), .. material.Output.ToBytes()];
        for (int i = 0; i < material.Batches.Length; i++)
        {
            byte[] bytes = GC.AllocateUninitializedArray<byte>(GarblerBatch.ExportSize(material.Plan.Batches[i].Geometry), pinned: true);
            material.Batches[i].Export(bytes);
            yield return bytes;
        }
        for (int i = 0; i < material.Quadratics.Length; i++)
        {
            QuadraticPart<GarblerBatch> part = material.Quadratics[i];
            yield return Of(material.Plan, i, part, GarbledSize(material.Plan.Quadratics[i], client: true), bytes => part.Garbled!.Export(bytes));
        }
        material.Dispose();
    }

    /// <summary>A server's.</summary>
    public static IEnumerable<byte[]> Of(ServerMaterial material)
    {
        yield return Header(ServerRole, material.Channel, material.Transfer, material.Plan, material.Session);
        foreach (RingTensor? share in material.Shares)
        {
            if (share is not null)
            {
                yield return share.ToBytes();
            }
        }
        for (int i = 0; i < material.Batches.Length; i++)
        {
            byte[] bytes = GC.AllocateUninitializedArray<byte>(EvaluatorBatch.ExportSize(material.Plan.Batches[i].Geometry), pinned: true);
            material.Batches[i].Export(bytes);
            yield return bytes;
        }
        for (int i = 0; i < material.Quadratics.Length; i++)
        {
            QuadraticPart<EvaluatorBatch> part = material.Quadratics[i];
            yield return Of(material.Plan, i, part, GarbledSize(material.Plan.Quadratics[i], client: false), bytes => part.Garbled!.Export(bytes));
        }
        material.Dispose();
    }

    /// <summary>Bytes of the garbled carries of a quadratic batch, before its words.</summary>
    public static int GarbledSize(QuadraticBatch batch, bool client) =>
        batch.Garbling is not { } garbling ? 0 : client ? GarblerBatch.ExportSize(garbling) : EvaluatorBatch.ExportSize(garbling);

    /// <summary>Channel, transfer and session of a part 0; null when it is none of this role and model.</summary>
    public static (ChannelKind Channel, TransferKind Transfer, Bytes32 Session)? TryRead(ReadOnlySpan<byte> header, ProtocolPlan plan, bool client)
    {
        if (header.Length != HeaderSize || header[0] != (client ? ClientRole : ServerRole) || !header.Slice(3, Bytes32.Size).SequenceEqual(plan.Digest.AsSpan()))
        {
            return null;
        }
        (ChannelKind channel, TransferKind transfer) = ((ChannelKind)header[1], (TransferKind)header[2]);
        return Enum.IsDefined(channel) && Enum.IsDefined(transfer) ? (channel, transfer, new Bytes32(header[(3 + Bytes32.Size)..])) : null;
    }

    static byte[] Of<TGarbled>(ProtocolPlan plan, int index, QuadraticPart<TGarbled> part, int garbled, Action<Span<byte>> export)
        where TGarbled : class, IDisposable
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(garbled + QuadraticPart<TGarbled>.WordsSize(plan.Quadratics[index]), pinned: true);
        if (garbled > 0)
        {
            export(bytes.AsSpan(0, garbled));
        }
        part.ExportWords(plan.Network.Modulus, bytes.AsSpan(garbled));
        return bytes;
    }

    static byte[] Header(byte role, ChannelKind channel, TransferKind transfer, ProtocolPlan plan, Bytes32 session) =>
        [role, (byte)channel, (byte)transfer, .. plan.Digest.AsSpan(), .. session.AsSpan()];
}
