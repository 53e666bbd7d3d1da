using Funion.Cryptography;
using Funion.Tests.Verification;
using Funion.Verification;

namespace Funion.Tests.Fuzzing;

/// <summary>What verified mode reads: samples that somebody else made, and its own disk.</summary>
static class VerificationFuzzTargets
{
    static readonly byte[] s_key = new byte[32];

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
        new("pending queries", typeof(PendingQueries), [PendingQueries.ToBytes([PendingQueries.New("a ✓", Pools.Input(1)), PendingQueries.New("", Pools.Input(2)) with { Answer = Pools.Output(2), Attempts = 3 }])], bytes =>
            PendingQueries.TryParse(bytes) is { } parsed && (PendingQueries.ToBytes(parsed).AsSpan().SequenceEqual(bytes) ? true : throw new InvalidOperationException("Not written as it was read."))),
        new("ledger of providers", typeof(ProviderLedger), [Ledger(0), Ledger(3)], body =>
        {
            byte[] mac = new byte[32];
            Blake2b.Mac256(s_key, body, mac);
            return ProviderLedger.TryParse((byte[])[.. body, .. mac], s_key, out _) is not null;
        }),
        new("note of what was drawn", typeof(SampleDraws), [[1], [1, .. new byte[32]]], bytes => SampleDraws.TryParse(bytes) is not null),
    ];

    /// <summary>A version, a sequence and so many records.</summary>
    static byte[] Ledger(int records) => [1, .. new byte[8], .. Enumerable.Repeat((byte)0, records * 153)];
}
