using System.Security.Cryptography;
using Funion.Private.Garbling;

namespace Funion.Tests.Private.Garbling;

/// <summary>Half-gates as the paper has them: one instance, byte arrays, the platform's AES, branches. Shares no code with what it checks but the gate list.</summary>
static class SlowGarbling
{
    public static byte[] Xor(byte[] left, byte[] right) => [.. left.Zip(right, (a, b) => (byte)(a ^ b))];

    public static bool Colour(byte[] label) => label[15] >= 0x80;

    /// <summary>AES(key = start ⊕ tweak, σ(x)) ⊕ σ(x).</summary>
    public static byte[] Hash(byte[] start, ulong high, ulong low, byte[] x)
    {
        byte[] tweak = [.. BitConverter.GetBytes(low), .. BitConverter.GetBytes(high)];
        ulong lower = BitConverter.ToUInt64(x, 0), upper = BitConverter.ToUInt64(x, 8);
        byte[] sigma = [.. BitConverter.GetBytes(upper), .. BitConverter.GetBytes(upper ^ lower)];
        using Aes aes = Aes.Create();
        aes.Key = Xor(start, tweak);
        return Xor(aes.EncryptEcb(sigma, PaddingMode.None), sigma);
    }

    /// <summary>Tables of every and gate, and W₀ of every output.</summary>
    public static (List<byte[]> Tables, byte[][] Outputs) Garble(Circuit circuit, byte[] start, ulong group, byte[] delta, byte[][] inputs)
    {
        byte[][] places = new byte[circuit.Places][];
        inputs.CopyTo(places, 0);
        List<byte[]> tables = [];
        ulong and = 0;
        foreach (Gate gate in circuit.Gates)
        {
            byte[] a0 = places[gate.Left], b0 = places[gate.Right];
            if (!gate.IsAnd)
            {
                places[gate.Target] = Xor(a0, b0);
                continue;
            }
            a0 = gate.Kind.HasFlag(GateKind.InvertLeft) ? Xor(a0, delta) : a0;
            b0 = gate.Kind.HasFlag(GateKind.InvertRight) ? Xor(b0, delta) : b0;
            byte[] ha0 = Hash(start, group, and, a0), ha1 = Hash(start, group, and, Xor(a0, delta));
            byte[] hb0 = Hash(start, group, and, b0), hb1 = Hash(start, group, and, Xor(b0, delta));
            byte[] generator = Xor(ha0, ha1), evaluator = Xor(Xor(hb0, hb1), a0);
            generator = Colour(b0) ? Xor(generator, delta) : generator;
            byte[] wire = Xor(ha0, hb0);
            wire = Colour(a0) ? Xor(wire, generator) : wire;
            wire = Colour(b0) ? Xor(wire, Xor(evaluator, a0)) : wire;
            places[gate.Target] = wire;
            tables.Add([.. generator, .. evaluator]);
            and++;
        }
        return (tables, [.. circuit.OutputPlaces.ToArray().Select(place => places[place])]);
    }
}
