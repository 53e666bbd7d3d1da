using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// A client's public key as the server keeps it: (pa, pb) with pb + pa·s small. pa comes from a seed through a hash, see <see cref="LatticeSampling.Expand"/>.
/// </summary>
public sealed class LatticePublicKey
{
    LatticePublicKey(LatticeParameters parameters, ulong[] a, ulong[] b)
    {
        Parameters = parameters;
        DoubledA = a;
        DoubledB = b;
    }

    /// <summary>The parameters.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>[−pa | pa].</summary>
    internal ulong[] DoubledA { get; }

    /// <summary>[−pb | pb].</summary>
    internal ulong[] DoubledB { get; }

    /// <summary>Reads a key; every string of the right length without padding is one.</summary>
    public static LatticeOutcome TryRead(LatticeParameters parameters, ReadOnlySpan<byte> bytes, out LatticePublicKey? key)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        key = null;
        if (bytes.Length != parameters.PublicKeySize)
        {
            return LatticeOutcome.WrongLength;
        }
        ulong[] half = new ulong[parameters.Degree], a = new ulong[2 * parameters.Degree], b = new ulong[2 * parameters.Degree];
        if (!BitPacking.TryRead(bytes[LatticeParameters.SeedSize..], parameters.ModulusBits, half))
        {
            return LatticeOutcome.NotCanonical;
        }
        Negacyclic.Double(half, b);
        LatticeSampling.Expand(bytes[..LatticeParameters.SeedSize], MaskKind.PublicKey, 0, half, parameters.Mask);
        Negacyclic.Double(half, a);
        key = new LatticePublicKey(parameters, a, b);
        return LatticeOutcome.Ok;
    }
}
