using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Roles;

/// <summary>
/// Compute's jobs at rest, so that they survive the process: the job, its input, its sealed output, each under the job's id on the shelf of its epoch.
/// Every value is encrypted with AES-256-GCM-SIV, bound to its place, under a key that follows from the epoch's job key: the store's operator sees sizes
/// and times only, and nobody reads it once that key is wiped. All go when the job is released, what is left over with its epoch.
/// </summary>
/// <param name="store">Compute's own.</param>
/// <param name="jobKey">The job key of a network epoch; null when it is not known yet or wiped.</param>
public sealed class ComputeJobs(BoxStore store, Func<long, SecretBytes?> jobKey)
{
    /// <summary>The job as it was decoded, with its time of arrival.</summary>
    public const string Jobs = "jobs";

    /// <summary>The input once it is complete.</summary>
    public const string Inputs = "job-inputs";

    /// <summary>The output boxes, sealed once: only these bytes are ever sent.</summary>
    public const string Outputs = "job-outputs";

    /// <summary>What was accepted, per epoch: one W_out and one nonce make one job.</summary>
    public const string Accepted = "jobs-accepted";

    /// <summary>Where a value of a job lies.</summary>
    public static StoreKey Key(string shelf, AcceptedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new StoreKey(shelf, job.Epoch, job.Id.ToString());
    }

    /// <summary>Seals a value for its place, in an epoch whose key is there.</summary>
    public byte[] Seal(StoreKey key, ReadOnlySpan<byte> value)
    {
        using SecretBytes secret = TryDerive(key.Epoch) ?? throw new InvalidOperationException("The epoch's job key is gone.");
        return SealedAtRest.Seal(secret.Span, key, value);
    }

    /// <summary>Reads a value; null when it is not there, was not sealed for this place, or its epoch's key is gone.</summary>
    public async ValueTask<byte[]?> ReadAsync(StoreKey key, CancellationToken cancellation)
    {
        StoredValue? stored = await store.GetAsync(key, cancellation);
        using SecretBytes? secret = TryDerive(key.Epoch);
        return stored is null || secret is null ? null : SealedAtRest.TryOpen(secret.Span, key, stored.Value.Span);
    }

    /// <summary>
    /// Stores a value unless one is there, and returns the one that is there now: the first is the one that counts. Throws
    /// <see cref="PortUnavailableException"/> when there is no room: what is not kept must not be sent.
    /// </summary>
    public async ValueTask<byte[]?> KeepFirstAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        PutOutcome put = await store.PutIfAbsentAsync(key, Seal(key, value.Span), cancellation);
        if (put == PutOutcome.Full)
        {
            throw new PortUnavailableException("The store is full.");
        }
        return put == PutOutcome.Created ? value.ToArray() : await ReadAsync(key, cancellation);
    }

    /// <summary>The jobs that are not released yet.</summary>
    public async IAsyncEnumerable<AcceptedJob> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (long epoch in store.ListEpochsAsync(Jobs, cancellation))
        {
            await foreach (string name in store.ListAsync(Jobs, epoch, "", cancellation))
            {
                if (await ReadAsync(new StoreKey(Jobs, epoch, name), cancellation) is { } record)
                {
                    AcceptedJob? job = AcceptedJob.TryParse(record);
                    CryptographicOperations.ZeroMemory(record);
                    if (job is not null)
                    {
                        yield return job;
                    }
                }
            }
        }
    }

    /// <summary>Forgets a job that is done. Its claim stays, closed, until its epoch ends, or a late resend would run it again.</summary>
    public async ValueTask ForgetAsync(AcceptedJob job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        while (await store.GetAsync(job.Claim, cancellation) is { Value.Length: > 0 } claim
            && await store.ReplaceIfUnchangedAsync(job.Claim, ReadOnlyMemory<byte>.Empty, claim.Version, cancellation) != PutOutcome.Created)
        {
        }
        await store.DeleteAsync(Key(Inputs, job), cancellation);
        await store.DeleteAsync(Key(Outputs, job), cancellation);
        // The job itself last: it is what a restart finds the rest by.
        await store.DeleteAsync(Key(Jobs, job), cancellation);
    }

    SecretBytes? TryDerive(long epoch)
    {
        if (jobKey(epoch) is not { } secret)
        {
            return null;
        }
        SecretBytes key = new(SealedAtRest.KeySize);
        HkdfBlake2b.DeriveKey(secret.Span, [], "funion-jobs-at-rest-v1"u8, key.Span);
        return key;
    }
}
