using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using Funion.Cryptography;

namespace Funion.Benchmarks.Cryptography;

/// <summary>The kernels over one packet's payload, beside the scalar multiplication that a hop pays in any case.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    readonly byte[] _key = new byte[32];
    readonly byte[] _tweak = new byte[32];
    readonly byte[] _iv = new byte[16];
    readonly byte[] _privateKey = new byte[32];
    readonly byte[] _publicKey = new byte[32];
    readonly byte[] _shared = new byte[32];
    byte[] _payload = [];

    /// <summary>Payload in bytes.</summary>
    [Params(2_000, 30_000)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _payload = new byte[Size];
        new Random(1).NextBytes(_payload);
        X25519.GenerateKeyPair(_privateKey, _publicKey);
    }

    [Benchmark]
    public void Ctr() => Aes256Ctr.Xor(_key, _iv, _payload);

    [Benchmark]
    public ulong PolyvalHash()
    {
        Polyval hash = new(Vector128.Create((byte)7));
        hash.AppendPadded(_payload);
        return hash.Hash.AsUInt64()[0];
    }

    [Benchmark]
    public void Hctr2WideBlock() => Hctr2.Encrypt(_key, _tweak, _payload);

    [Benchmark(Baseline = true)]
    public bool ScalarMultiplication() => X25519.Agree(_privateKey, _publicKey, _shared);
}
