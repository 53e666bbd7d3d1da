using System.Diagnostics;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Storage;

public sealed class AzureFailureTests
{
    static readonly StoreKey Key = new("boxes", 1, "00ff");

    [Fact]
    public async Task No_request_carries_a_trace()
    {
        using ActivityListener listener = new()
        {
            ShouldListenTo = _ => true,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using ActivitySource source = new("test");
        using Activity? activity = source.StartActivity("a message's way through a node");
        Assert.NotNull(activity);
        using ScriptedServer server = new(403, "AuthenticationFailed");

        // An ordinary client does carry one: the test can fail.
        using (HttpClient ordinary = new())
        {
            await ordinary.GetAsync(server.Address);
        }
        Assert.Contains("traceparent", Assert.Single(server.Requests), StringComparison.OrdinalIgnoreCase);
        server.Requests.Clear();

        BlobBoxStore store = new(StorageClients.Blobs(server.ConnectionString), "node");
        StorageQueuePacketQueue queue = new(StorageClients.Queues(server.ConnectionString), "node");
        await RefusedAsync(async () => await store.PutIfAbsentAsync(Key, new byte[] { 1 }, default));
        await RefusedAsync(async () => await store.GetAsync(Key, default));
        await RefusedAsync(async () => await store.ReplaceIfUnchangedAsync(Key, new byte[] { 1 }, "\"1\"", default));
        await RefusedAsync(async () => await queue.EnqueueAsync("mix-in", new byte[] { 1 }, TimeSpan.Zero, default));
        await RefusedAsync(async () => await queue.ReceiveAsync("mix-in", 1, TimeSpan.FromSeconds(1), default));
        Assert.Equal(5, server.Requests.Count);
        Assert.All(server.Requests, request =>
        {
            foreach (string header in (string[])["traceparent", "tracestate", "diagnostic-id", "correlation-context", "request-id: |", "baggage"])
            {
                Assert.DoesNotContain(header, request, StringComparison.OrdinalIgnoreCase);
            }
            Assert.DoesNotContain(activity.TraceId.ToHexString(), request, StringComparison.OrdinalIgnoreCase);
        });
        string[] ids = [.. server.Requests.SelectMany(r => r.Split('\n')).Where(l => l.StartsWith("x-ms-client-request-id", StringComparison.Ordinal))];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_failure_says_what_happened_and_links_nothing()
    {
        using ScriptedServer server = new(403, "AuthenticationFailed");
        BlobBoxStore store = new(StorageClients.Blobs(server.ConnectionString), "node");
        PortUnavailableException e = await Assert.ThrowsAsync<PortUnavailableException>(async () => await store.GetAsync(Key, default));
        Assert.Contains("AuthenticationFailed (403)", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key.Name, e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_is_being_deleted_is_empty_and_takes_nothing_yet()
    {
        using ScriptedServer server = new(409, "ContainerBeingDeleted");
        BlobBoxStore store = new(StorageClients.Blobs(server.ConnectionString), "node");
        await RefusedAsync(async () => await store.PutIfAbsentAsync(Key, new byte[] { 1 }, default));
        Assert.Null(await store.GetAsync(Key, default));
        Assert.False(await store.DeleteAsync(Key, default));
        await store.DeleteEpochAsync(Key.Shelf, Key.Epoch, default);
        await foreach (string name in store.ListAsync(Key.Shelf, Key.Epoch, "", default))
        {
            Assert.Fail(name);
        }
    }

    [Fact]
    public async Task A_full_account_is_full()
    {
        using ScriptedServer server = new(507, "InsufficientStorage");
        BlobBoxStore store = new(StorageClients.Blobs(server.ConnectionString), "node");
        Assert.Equal(PutOutcome.Full, await store.PutIfAbsentAsync(Key, new byte[] { 1 }, default));
    }

    [Fact]
    public async Task A_lease_that_was_lost_is_no_failure()
    {
        using ScriptedServer server = new(400, "PopReceiptMismatch");
        StorageQueuePacketQueue queue = new(StorageClients.Queues(server.ConnectionString), "node");
        Delivery delivery = new("mix-in", "id", "receipt", default, 1);
        await queue.CompleteAsync(delivery, default);
        await queue.AbandonAsync(delivery, default);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable()
    {
        ScriptedServer server = new(200, "none");
        string connection = server.ConnectionString;
        server.Dispose();
        await RefusedAsync(async () => await new BlobBoxStore(StorageClients.Blobs(connection), "node").GetAsync(Key, default));
        await RefusedAsync(async () => await new StorageQueuePacketQueue(StorageClients.Queues(connection), "node").CountAsync("mix-in", default));
    }

    static Task<PortUnavailableException> RefusedAsync(Func<Task> call) => Assert.ThrowsAsync<PortUnavailableException>(call);
}
