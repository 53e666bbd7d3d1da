using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Inference;

namespace Funion.Roles;

/// <summary>
/// A job that compute took in, as it lies at rest (sealed):
/// <code>
/// arrival i64 BE (ms since 1970) ‖ epoch i64 BE ‖ job
/// </code>
/// </summary>
/// <param name="Job">What the client sent.</param>
/// <param name="Arrival">When.</param>
/// <param name="Epoch">The epoch of the key that opened it.</param>
public sealed record AcceptedJob(Job Job, DateTimeOffset Arrival, long Epoch)
{
    const int Prefix = 2 * sizeof(long);

    /// <summary>Names the job inside compute: a hash of all of it.</summary>
    public Bytes32 Id { get; } = Digest("funion-job-id-v1"u8, Job.ToBytes(), Range.All);

    /// <summary>
    /// Where the claim lies that makes one W_out and one nonce one job: under the hash of the write capability's root key, with the job's id as its
    /// value. Replaced when the job is done, so that a late resend finds it closed.
    /// </summary>
    public StoreKey Claim => new(ComputeJobs.Accepted, Epoch, Digest("funion-job-claim-v1"u8, Job.Output.ToBytes(), ..64).ToString());

    /// <summary>The bytes to seal. The caller wipes them.</summary>
    public byte[] ToBytes()
    {
        byte[] job = Job.ToBytes();
        byte[] record = new byte[Prefix + job.Length];
        BinaryPrimitives.WriteInt64BigEndian(record, Arrival.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(record.AsSpan(sizeof(long)), Epoch);
        job.CopyTo(record, Prefix);
        CryptographicOperations.ZeroMemory(job);
        return record;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null for anything else.</summary>
    public static AcceptedJob? TryParse(ReadOnlyMemory<byte> record)
    {
        if (record.Length <= Prefix || !Job.TryParse(record[Prefix..], out Job? job))
        {
            return null;
        }
        long arrival = BinaryPrimitives.ReadInt64BigEndian(record.Span), epoch = BinaryPrimitives.ReadInt64BigEndian(record.Span[sizeof(long)..]);
        return arrival is >= 0 and < HeldPacket.EndOfTime && epoch >= 0 ? new AcceptedJob(job, DateTimeOffset.FromUnixTimeMilliseconds(arrival), epoch) : null;
    }

    /// <summary>Wipes what it hashes: it holds a write capability.</summary>
    static Bytes32 Digest(ReadOnlySpan<byte> label, byte[] secret, Range part)
    {
        Span<byte> hash = stackalloc byte[Bytes32.Size];
        Blake2b.Hash256(label, secret.AsSpan(part), hash);
        CryptographicOperations.ZeroMemory(secret);
        return new Bytes32(hash);
    }
}
