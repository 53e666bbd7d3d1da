using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>A storage account, in which each node has its two ports under a prefix of its own.</summary>
public sealed class StorageAccount
{
    readonly BlobServiceClient _blobs;
    readonly TableServiceClient _tables;
    readonly QueueServiceClient _queues;

    StorageAccount(BlobServiceClient blobs, TableServiceClient tables, QueueServiceClient queues)
    {
        _blobs = blobs;
        _tables = tables;
        _queues = queues;
    }

    /// <summary>By connection string: the emulator's, as a rule.</summary>
    public static StorageAccount Of(string connectionString) =>
        new(StorageClients.Blobs(connectionString), StorageClients.Tables(connectionString), StorageClients.Queues(connectionString));

    /// <summary>By the three services' addresses and an identity, without a key.</summary>
    public static StorageAccount Of(Uri blobs, Uri tables, Uri queues, TokenCredential credential) => new(
        new BlobServiceClient(blobs, credential, StorageClients.BlobOptions()),
        new TableServiceClient(tables, credential, StorageClients.TableOptions()),
        new QueueServiceClient(queues, credential, StorageClients.QueueOptions()));

    /// <summary>A peer's queues by the address of its queue service; without an identity only the emulator's, whose key is public.</summary>
    public static PacketQueue QueueOf(Uri queues, string prefix, TokenCredential? credential) => new StorageQueuePacketQueue(
        credential is null
            ? new QueueServiceClient(queues, new Azure.Storage.StorageSharedKeyCredential(Azurite.Account, Azurite.AccountKey), StorageClients.QueueOptions())
            : new QueueServiceClient(queues, credential, StorageClients.QueueOptions()),
        prefix);

    /// <summary>A node's store: in tables what is small and much, in blobs the rest.</summary>
    public BoxStore Store(string prefix) => new ShelvedBoxStore(new TableBoxStore(_tables, prefix), new BlobBoxStore(_blobs, prefix), IsSmall);

    /// <summary>Whether a node's queues and containers can begin with this: 1 to 24 lower-case letters, digits and single hyphens.</summary>
    public static bool IsPrefix(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return StorageNames.IsPrefix(text);
    }

    /// <summary>A node's queues.</summary>
    public PacketQueue Queue(string prefix) => new StorageQueuePacketQueue(_queues, prefix);

    /// <summary>Whether a URL names a blob of this account.</summary>
    public bool Holds(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.AbsoluteUri.StartsWith(_blobs.Uri.AbsoluteUri.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads a blob of this account by its URL.</summary>
    /// <exception cref="PortUnavailableException">It cannot be read now, or is not there.</exception>
    public async Task<byte[]> ReadAsync(Uri blob, CancellationToken cancellation)
    {
        BlobUriBuilder name = new(blob);
        try
        {
            return (await _blobs.GetBlobContainerClient(name.BlobContainerName).GetBlobClient(name.BlobName).DownloadContentAsync(cancellation)).Value.Content.ToArray();
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
    }

    /// <summary>A small value for every packet or loop: a blob each would cost more than all else that a hop does.</summary>
    static bool IsSmall(string shelf) => shelf is SphinxHop.TagShelf or LoopRole.Shelf or NodeTotals.Shelf or SlotDrawer.Shelf or ComputeJobs.Accepted;
}
