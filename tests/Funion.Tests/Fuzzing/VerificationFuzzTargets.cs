using Funion.Cryptography;
using Funion.Tests.Verification;
using Funion.Verification;

namespace Funion.Tests.Fuzzing;

/// <summary>What verified mode reads: samples that somebody else made, and its own disk.</summary>
static class VerificationFuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("samples", typeof(SamplePool), [Pools.Of(2, 3).ToBytes()[..^32], Pools.Of(0, 2).ToBytes()[..^32], Pools.Of(3, 0).ToBytes()[..^32]], body =>
        {
            // With a sum that is right, or every input would end there.
            byte[] sum = new byte[32];
            Blake2b.Hash256(body, sum);
            byte[] file = [.. body, .. sum];
            return SamplePool.TryRead(file, out SamplePool? pool) == SamplePoolOutcome.Read
                && (pool!.ToBytes().AsSpan().SequenceEqual(file) ? true : throw new InvalidOperationException("Not written as it was read."));
        }),
        new("note of what was drawn", typeof(SampleDraws), [[1, 0xff, 3]], bytes => SampleDraws.TryParse(bytes, 10) is { Length: 10 }),
    ];
}
