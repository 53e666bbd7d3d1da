using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Roles;

/// <summary>
/// Compute's jobs at rest, so that they survive the process: the job, its input, its sealed output, each under the job's id. Every value is
/// encrypted with AES-256-GCM-SIV under a key of this node, bound to its shelf and name; the store's operator sees sizes and times only.
/// All go when the job is released.
/// </summary>
public sealed class ComputeJobs : IDisposable
{
    /// <summary>The job as it was decoded, with its time of arrival.</summary>
    public const string Jobs = "jobs";

    /// <summary>The input once it is complete.</summary>
    public const string Inputs = "job-inputs";

    /// <summary>The output boxes, sealed once: only these bytes are ever sent.</summary>
    public const string Outputs = "job-outputs";

    /// <summary>What was accepted, per epoch: one W_out and one nonce make one job.</summary>
    public const string Accepted = "jobs-accepted";

    const int NonceSize = 12;

    const int TagSize = 16;

    readonly BoxStore _store;
    readonly SecretBytes _key = new(32);

    /// <summary>Derives the key at rest from a secret of the node.</summary>
    public ComputeJobs(BoxStore store, ReadOnlySpan<byte> nodeSecret)
    {
        _store = store;
        HkdfBlake2b.DeriveKey(nodeSecret, [], "funion-jobs-at-rest-v1"u8, _key.Span);
    }

    /// <summary>Where a value of a job lies.</summary>
    public static StoreKey Key(string shelf, Bytes32 id) => new(shelf, 0, id.ToString());

    /// <summary>Seals a value for its place.</summary>
    public byte[] Seal(StoreKey key, ReadOnlySpan<byte> value)
    {
        byte[] stored = new byte[NonceSize + value.Length + TagSize];
        RandomNumberGenerator.Fill(stored.AsSpan(0, NonceSize));
        AesGcmSiv.Encrypt(_key.Span, stored.AsSpan(0, NonceSize), Place(key), value, stored.AsSpan(NonceSize));
        return stored;
    }

    /// <summary>Reads a value; null when it is not there or was not sealed for this place.</summary>
    public async ValueTask<byte[]?> ReadAsync(StoreKey key, CancellationToken cancellation)
    {
        StoredValue? stored = await _store.GetAsync(key, cancellation);
        if (stored is null || stored.Value.Length < NonceSize + TagSize)
        {
            return null;
        }
        byte[] value = new byte[stored.Value.Length - NonceSize - TagSize];
        return AesGcmSiv.Decrypt(_key.Span, stored.Value.Span[..NonceSize], Place(key), stored.Value.Span[NonceSize..], value) ? value : null;
    }

    /// <summary>Stores a value unless one is there, and returns the one that is there now: the first is the one that counts.</summary>
    public async ValueTask<byte[]?> KeepFirstAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        PutOutcome put = await _store.PutIfAbsentAsync(key, Seal(key, value.Span), cancellation);
        return put == PutOutcome.Created ? value.ToArray() : await ReadAsync(key, cancellation);
    }

    /// <summary>Ids of the jobs that are not released yet.</summary>
    public async IAsyncEnumerable<Bytes32> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (string name in _store.ListAsync(Jobs, 0, "", cancellation))
        {
            if (name.Length == 2 * Bytes32.Size)
            {
                yield return new Bytes32(Convert.FromHexString(name));
            }
        }
    }

    /// <summary>Forgets a job that is done. Its claim stays, closed, until its epoch ends, or a late resend would run it again.</summary>
    public async ValueTask ForgetAsync(AcceptedJob job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        while (await _store.GetAsync(job.Claim, cancellation) is { Value.Length: > 0 } claim
            && await _store.ReplaceIfUnchangedAsync(job.Claim, ReadOnlyMemory<byte>.Empty, claim.Version, cancellation) != PutOutcome.Created)
        {
        }
        await _store.DeleteAsync(Key(Inputs, job.Id), cancellation);
        await _store.DeleteAsync(Key(Outputs, job.Id), cancellation);
        // The job itself last: it is what a restart finds the rest by.
        await _store.DeleteAsync(Key(Jobs, job.Id), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    static byte[] Place(StoreKey key) => System.Text.Encoding.ASCII.GetBytes($"{key.Shelf}/{key.Name}");
}
