using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// A <see cref="BoxStore"/> on Azure Blob Storage. A container <c>prefix-shelf-epoch</c> for each epoch of a shelf, made with its first value
/// and deleted whole, unread; a blob for each value; the ETag is the version.
/// While Azure is still deleting a container (30 seconds and more), puts into that epoch throw <see cref="PortUnavailableException"/>.
/// </summary>
public sealed class BlobBoxStore : BoxStore
{
    readonly BlobServiceClient _service;
    readonly string _prefix;
    readonly ConcurrentDictionary<(string Shelf, long Epoch), BlobContainerClient> _containers = [];

    /// <param name="service">From <see cref="StorageClients"/>, or made with its options.</param>
    /// <param name="prefix">What the node's containers begin with: at most 24 lower-case letters, digits and single hyphens.</param>
    public BlobBoxStore(BlobServiceClient service, string prefix)
    {
        ArgumentNullException.ThrowIfNull(service);
        _service = service;
        _prefix = StorageNames.CheckPrefix(prefix);
    }

    /// <inheritdoc/>
    public override async ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        BlobRequestConditions absent = new() { IfNoneMatch = ETag.All };
        try
        {
            PutOutcome? outcome = await UploadAsync(key, value, absent, cancellation);
            if (outcome is null)
            {
                await Container(key.Shelf, key.Epoch).CreateIfNotExistsAsync(cancellationToken: cancellation);
                outcome = await UploadAsync(key, value, absent, cancellation);
            }
            return outcome ?? throw new PortUnavailableException("The container was deleted while a value was put.");
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        Response<BlobDownloadResult>? got = await StorageFailure.NullIfGoneAsync(Blob(key).DownloadContentAsync(cancellation), cancellation);
        return got is null ? null : new StoredValue(got.Value.Content.ToMemory(), got.Value.Details.ETag.ToString());
    }

    /// <inheritdoc/>
    public override async ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
        StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        ArgumentException.ThrowIfNullOrEmpty(version);
        try
        {
            return await UploadAsync(key, value, new() { IfMatch = new ETag(version) }, cancellation) ?? PutOutcome.Exists;
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation)
    {
        StorageNames.Check(key);
        return await StorageFailure.NullIfGoneAsync(Blob(key).DeleteAsync(cancellationToken: cancellation), cancellation) is not null;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<string> ListAsync(
        string shelf, long epoch, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StorageNames.Check(shelf, epoch);
        ArgumentNullException.ThrowIfNull(prefix);
        AsyncPageable<BlobItem> blobs = Container(shelf, epoch).GetBlobsAsync(prefix: prefix, cancellationToken: cancellation);
        await foreach (BlobItem blob in StorageFailure.Guard(blobs, cancellation))
        {
            yield return blob.Name;
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<long> ListEpochsAsync(string shelf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StorageNames.Check(shelf, 0);
        string begins = $"{_prefix}-{shelf}-";
        AsyncPageable<BlobContainerItem> containers = _service.GetBlobContainersAsync(prefix: begins, cancellationToken: cancellation);
        SortedSet<long> epochs = [];
        await foreach (BlobContainerItem container in StorageFailure.Guard(containers, cancellation))
        {
            // Another shelf's name may begin with this one's; what follows is then no number.
            if (long.TryParse(container.Name.AsSpan(begins.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long epoch))
            {
                epochs.Add(epoch);
            }
        }
        foreach (long epoch in epochs)
        {
            // A container outlives its last value.
            await foreach (string _ in ListAsync(shelf, epoch, "", cancellation))
            {
                yield return epoch;
                break;
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation)
    {
        StorageNames.Check(shelf, epoch);
        await StorageFailure.NullIfGoneAsync(Container(shelf, epoch).DeleteAsync(cancellationToken: cancellation), cancellation);
        _containers.TryRemove((shelf, epoch), out _);
    }

    /// <summary>Null: there is no container.</summary>
    async ValueTask<PutOutcome?> UploadAsync(
        StoreKey key, ReadOnlyMemory<byte> value, BlobRequestConditions conditions, CancellationToken cancellation)
    {
        try
        {
            using Stream content = BinaryData.FromBytes(value).ToStream();
            await Blob(key).UploadAsync(content, new BlobUploadOptions { Conditions = conditions }, cancellation);
            return PutOutcome.Created;
        }
        catch (RequestFailedException e) when (e.Status == 412 || e.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            return PutOutcome.Exists;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (RequestFailedException e) when (e.Status == 507)
        {
            return PutOutcome.Full;
        }
    }

    BlobContainerClient Container(string shelf, long epoch) => _containers.GetOrAdd(
        (shelf, epoch), static (at, self) => self._service.GetBlobContainerClient($"{self._prefix}-{at.Shelf}-{at.Epoch}"), this);

    // A block blob's upload is one request, whatever its size.
    BlockBlobClient Blob(StoreKey key) => Container(key.Shelf, key.Epoch).GetBlockBlobClient(key.Name);
}
