using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>A network as a server holds it: weights encoded once, shared by all sessions at once.</summary>
public sealed class ServerModel
{
    readonly LinearServer?[] _encoded;

    /// <summary>Encodes a network with its weights. One that cannot be run by two parties is an <see cref="ArgumentException"/>.</summary>
    public ServerModel(IntegerNetwork network)
    {
        Plan = new ProtocolPlan(network);
        _encoded = [.. network.Layers.Select((layer, i) => layer is LinearLayer linear ? Encode(linear, i) : null)];
    }

    /// <summary>The network.</summary>
    public IntegerNetwork Network => Plan.Network;

    /// <summary>Bytes of the larger phase, with the larger transfers.</summary>
    public long PhaseBytes => Math.Max(ProtocolSizes.Offline(Plan, TransferKind.Iknp).Bytes, ProtocolSizes.Online(Plan).Bytes);

    /// <summary>About how many bytes the material of one session is.</summary>
    public long MaterialSize => ServerMaterial.SizeOf(Plan);

    /// <summary>Bytes while it is made: labels of square pairs, 16 bytes each, are there until the pairs are.</summary>
    public long MakingSize => MaterialSize + Plan.Quadratics.Sum(batch => 16L * batch.Squares.Transfers);

    internal ProtocolPlan Plan { get; }

    internal LinearServer Encoded(int layer) => _encoded[layer]!;

    LinearServer Encode(LinearLayer layer, int index)
    {
        // The kernel for plain shares is made on first use; here, so that no session pays for it, and none races another.
        layer.Multiply(new RingTensor(Plan.Network.Modulus, layer.Shape.Input));
        return new LinearServer(Plan.Layout(index), layer.Weights!);
    }
}
