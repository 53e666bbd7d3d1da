using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Funion.Contracts;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests;

public sealed class ServiceBusPacketQueueTests(AmqpBrokerFixture broker) : PacketQueueContract, IClassFixture<AmqpBrokerFixture>, IAsyncLifetime
{
    readonly List<IAsyncDisposable> _open = [];

    protected override TimeProvider Time => TimeProvider.System;

    protected override PacketQueue Create() => Create(broker.ConnectionString, AzuriteFixture.NewPrefix());

    // A poll's pause: what is awaited is a condition with a deadline.
    protected override async ValueTask PassAsync() => await Task.Delay(20);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _open.Reverse();
        foreach (IAsyncDisposable open in _open)
        {
            await open.DisposeAsync();
        }
    }

    ServiceBusPacketQueue Create(string connectionString, string prefix)
    {
        ServiceBusNamespace bus = Opened(ServiceBusNamespace.Of(connectionString));
        return bus.Queue(prefix);
    }

    async Task<AmqpBroker> BrokerAsync(int port = 0, TimeSpan? lockTime = null, bool noQueues = false) =>
        Opened(await AmqpBroker.StartAsync(port, lockTime, noQueues));

    /// <summary>Microsoft's client as anybody would use it.</summary>
    ServiceBusClient Stranger(string connectionString) => Opened(new ServiceBusClient(connectionString));

    T Opened<T>(T open)
        where T : IAsyncDisposable
    {
        _open.Add(open);
        return open;
    }

    async Task UntilAsync(Func<Task<bool>> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "The condition did not come about.");
            await PassAsync();
        }
    }

    [Fact]
    public async Task What_the_sender_calls_a_message_is_not_what_a_delivery_is_called()
    {
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue queue = Create(broker.ConnectionString, prefix);
        ServiceBusSender stranger = Stranger(broker.ConnectionString).CreateSender($"{prefix}-{Mix}");
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        Delivery first = await OneAsync(queue, Long);
        await queue.CompleteAsync(first, default);
        // A replay that bears every name its first delivery had.
        await stranger.SendMessageAsync(new ServiceBusMessage(new byte[] { 1 }) { MessageId = first.Id, CorrelationId = first.Id });
        await stranger.SendMessageAsync(new ServiceBusMessage(new byte[] { 1 }) { MessageId = first.Id, CorrelationId = first.Id });
        HashSet<string> ids = [first.Id];
        await UntilAsync(async () =>
        {
            foreach (Delivery delivery in await queue.ReceiveAsync(Mix, 32, Long, default))
            {
                Assert.True(ids.Add(delivery.Id));
            }
            return ids.Count == 3;
        });
    }

    [Fact]
    public async Task The_id_is_the_sequence_number_that_a_trigger_is_handed_too()
    {
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue queue = Create(broker.ConnectionString, prefix);
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.FromSeconds(1), default);
        Delivery delivery = await OneAsync(queue, Long);
        ServiceBusReceiver trigger = Stranger(broker.ConnectionString).CreateReceiver($"{prefix}-{Mix}");
        await queue.AbandonAsync(delivery, default);
        await queue.DisposeAsync();
        ServiceBusReceivedMessage message = await trigger.ReceiveMessageAsync();
        Assert.Equal(delivery.Id, ServiceBusPacketQueue.IdOf(message.SequenceNumber));
    }

    [Fact]
    public async Task No_message_bears_what_would_link_it_to_another()
    {
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue queue = Create(broker.ConnectionString, prefix);
        ServiceBusClient stranger = Stranger(broker.ConnectionString);
        ServiceBusSender talkative = stranger.CreateSender($"{prefix}-talkative");
        // What an application that is watched has: a listener to every source and to the SDK's own, and an Activity of its own that is current.
        using ActivityListener listener = new()
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using IDisposable watched = DiagnosticListener.AllListeners.Subscribe(new Watcher());
        using Activity activity = new Activity("hop").SetIdFormat(ActivityIdFormat.W3C).Start();
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.FromHours(1), default);
        await talkative.SendMessageAsync(new ServiceBusMessage(new byte[] { 1 }));
        Assert.Same(activity, Activity.Current);

        // As the broker has them. The SDK left to itself does add what this is about.
        IReadOnlyList<ServiceBusReceivedMessage> told = await stranger.CreateReceiver($"{prefix}-talkative").PeekMessagesAsync(32, 0);
        Assert.Contains("Diagnostic-Id", Assert.Single(told).ApplicationProperties.Keys);
        IReadOnlyList<ServiceBusReceivedMessage> kept = await stranger.CreateReceiver($"{prefix}-{Mix}").PeekMessagesAsync(32, 0);
        Assert.Equal(2, kept.Count);
        Assert.NotEqual(kept[0].MessageId, kept[1].MessageId);
        foreach (ServiceBusReceivedMessage message in kept)
        {
            Assert.Empty(message.ApplicationProperties);
            Assert.Empty(message.GetRawAmqpMessage().DeliveryAnnotations);
            Assert.Empty(message.GetRawAmqpMessage().Footer);
            Assert.All(message.GetRawAmqpMessage().MessageAnnotations.Keys, key => Assert.StartsWith("x-opt-", key));
            Assert.All(
                new[] { message.CorrelationId, message.Subject, message.ReplyTo, message.SessionId, message.PartitionKey, message.To, message.ContentType },
                Assert.Null);
        }
    }

    sealed class Watcher : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value) => value.Subscribe(this);

        public void OnNext(KeyValuePair<string, object?> value)
        {
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    [Fact]
    public async Task A_lease_outlives_the_lock_and_then_ends()
    {
        // Long enough that a machine which stands still for a second does not miss a renewal; brokers lock for half a minute.
        AmqpBroker own = await BrokerAsync(lockTime: TimeSpan.FromSeconds(4));
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue holder = Create(own.ConnectionString, prefix), other = Create(own.ConnectionString, prefix);
        await holder.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        TimeSpan lease = TimeSpan.FromSeconds(10);
        Delivery first = await OneAsync(holder, lease);
        long start = Stopwatch.GetTimestamp();
        Delivery second = await OneAsync(other, Long);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(9.5), TimeSpan.FromSeconds(30));
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(2, second.Attempt);
        await holder.CompleteAsync(first, default);
        Assert.Equal(1, await other.CountAsync(Mix, default));
        await other.CompleteAsync(second, default);
        Assert.Equal(0, await other.CountAsync(Mix, default));
    }

    [Fact]
    public async Task A_lost_lock_completes_nothing()
    {
        AmqpBroker own = await BrokerAsync(lockTime: TimeSpan.FromSeconds(1));
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue holder = Create(own.ConnectionString, prefix);
        await holder.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        Delivery first = await OneAsync(holder, Long);
        // Somebody with the same rights ends the lock behind the holder's back, as the broker does when it moves a queue.
        ServiceBusReceiver stranger = Stranger(own.ConnectionString).CreateReceiver($"{prefix}-{Mix}");
        await stranger.AbandonMessageAsync(ServiceBusModelFactory.ServiceBusReceivedMessage(lockTokenGuid: Guid.Parse(first.Receipt)));
        Delivery second = await OneAsync(holder, Long);
        Assert.Equal(first.Id, second.Id);
        await holder.CompleteAsync(first, default);
        await holder.AbandonAsync(first, default);
        Assert.Equal(1, await holder.CountAsync(Mix, default));
        await holder.CompleteAsync(second, default);
        Assert.Equal(0, await holder.CountAsync(Mix, default));
    }

    [Fact]
    public async Task A_message_that_came_while_nobody_asked_counts_no_attempt()
    {
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue sender = Create(broker.ConnectionString, prefix), taker = Create(broker.ConnectionString, prefix);
        for (byte i = 0; i < 12; i++)
        {
            Assert.Empty(await taker.ReceiveAsync(Mix, 32, Long, default));
            await sender.EnqueueAsync(Mix, new[] { i }, TimeSpan.Zero, default);
            Delivery delivery = await OneAsync(taker, Long);
            Assert.Equal(1, delivery.Attempt);
            await taker.CompleteAsync(delivery, default);
        }
    }

    [Fact]
    public async Task What_was_put_by_and_not_asked_for_goes_to_another()
    {
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue idle = Create(broker.ConnectionString, prefix), taker = Create(broker.ConnectionString, prefix);
        Assert.Empty(await idle.ReceiveAsync(Mix, 32, Long, default));
        await taker.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        await taker.EnqueueAsync(Mix, new byte[] { 2 }, TimeSpan.Zero, default);
        HashSet<byte> seen = [];
        await UntilAsync(async () =>
        {
            seen.UnionWith((await taker.ReceiveAsync(Mix, 32, Long, default)).Select(delivery => delivery.Message.Span[0]));
            return seen.Count == 2;
        });
    }

    [Fact]
    public async Task Many_processes_take_each_message_once()
    {
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue[] processes = [.. Enumerable.Range(0, 3).Select(_ => Create(broker.ConnectionString, prefix))];
        await Task.WhenAll(Enumerable.Range(0, 96).Select(i => processes[i % 3].EnqueueAsync(Mix, new[] { (byte)i }, TimeSpan.Zero, default).AsTask()));
        int done = 0;
        List<int>[] taken = await Task.WhenAll(processes.Select(async process =>
        {
            List<int> mine = [];
            await UntilAsync(async () =>
            {
                foreach (Delivery delivery in await process.ReceiveAsync(Mix, 8, Long, default))
                {
                    mine.Add(delivery.Message.Span[0]);
                    await process.CompleteAsync(delivery, default);
                    Interlocked.Increment(ref done);
                }
                return Volatile.Read(ref done) >= 96;
            });
            return mine;
        }));
        Assert.Equal(Enumerable.Range(0, 96), taken.SelectMany(mine => mine).Order());
        Assert.Equal(0, await processes[0].CountAsync(Mix, default));
    }

    [Fact]
    public async Task An_expired_message_is_nowhere()
    {
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue queue = new(Stranger(broker.ConnectionString), prefix, timeToLive: TimeSpan.FromSeconds(1));
        Opened(queue);
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        Delivery delivery = await OneAsync(queue, Short);
        await queue.AbandonAsync(delivery, default);
        await UntilAsync(async () => (await queue.ReceiveAsync(Mix, 32, Short, default)).Count == 0 && await queue.CountAsync(Mix, default) == 0);
    }

    [Fact]
    public async Task A_queue_that_nobody_made_is_unavailable()
    {
        AmqpBroker own = await BrokerAsync(noQueues: true);
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue queue = Create(own.ConnectionString, prefix);
        await RefusesAsync(queue, prefix);
    }

    [Fact]
    public async Task A_broker_that_died_is_unavailable_until_it_is_back()
    {
        AmqpBroker own = await BrokerAsync();
        string prefix = AzuriteFixture.NewPrefix();
        ServiceBusPacketQueue queue = Create(own.ConnectionString, prefix);
        await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default);
        Delivery lost = await OneAsync(queue, Long);
        await own.KillAsync();
        await RefusesAsync(queue, prefix);
        await Assert.ThrowsAsync<PortUnavailableException>(async () => await queue.CompleteAsync(lost, default));

        await BrokerAsync(own.Port);
        // It has forgotten everything, the lock included.
        await queue.CompleteAsync(lost, default);
        await queue.EnqueueAsync(Mix, new byte[] { 2 }, TimeSpan.Zero, default);
        Delivery delivery = await OneAsync(queue, Long);
        Assert.Equal([2], delivery.Message.ToArray());
        await queue.CompleteAsync(delivery, default);
        Assert.Equal(0, await queue.CountAsync(Mix, default));
    }

    [Fact]
    public async Task What_was_cancelled_says_so()
    {
        ServiceBusPacketQueue queue = Create(broker.ConnectionString, AzuriteFixture.NewPrefix());
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await queue.ReceiveAsync(Mix, 1, Long, cancelled));
        await queue.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await queue.ReceiveAsync(Mix, 1, Long, default));
    }

    /// <summary>What it throws says what happened, and neither where nor to what.</summary>
    async Task RefusesAsync(ServiceBusPacketQueue queue, string prefix)
    {
        Func<Task>[] operations =
        [
            async () => await queue.ReceiveAsync(Mix, 32, Long, default),
            async () => await queue.EnqueueAsync(Mix, new byte[] { 1 }, TimeSpan.Zero, default),
            async () => await queue.CountAsync(Mix, default),
        ];
        foreach (Func<Task> operation in operations)
        {
            PortUnavailableException? thrown = null;
            await UntilAsync(async () =>
            {
                thrown = await Record.ExceptionAsync(operation) switch
                {
                    // A receive that was open when the broker died is tried again before it fails.
                    null => null,
                    Exception e => Assert.IsType<PortUnavailableException>(e),
                };
                return thrown is not null;
            });
            Assert.Null(thrown!.InnerException);
            Assert.DoesNotContain(prefix, thrown.Message);
            Assert.DoesNotContain("127.0.0.1", thrown.Message);
        }
    }
}
