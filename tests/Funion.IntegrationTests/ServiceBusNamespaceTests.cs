using System.Diagnostics;
using System.Reflection;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using Funion.Contracts;
using Funion.Roles;
using Funion.Storage;

namespace Funion.IntegrationTests;

/// <summary>
/// The contract against the Service Bus that FUNION_SERVICEBUS names. In a namespace the queues are made and deleted. Where they cannot be, as in the emulator,
/// FUNION_SERVICEBUS_PREFIX says that <c>prefix-mix-in</c> and <c>prefix-mix-out</c> are there, for these tests alone and with locks of 5 s:
/// they are emptied, not deleted.
/// </summary>
public sealed class ServiceBusNamespaceTests
{
    public static TheoryData<string> Promises() => new(typeof(PacketQueueContract)
        .GetMethods()
        .Where(method => method.IsDefined(typeof(FactAttribute)))
        .Select(method => method.Name));

    [NamespaceTheory]
    [MemberData(nameof(Promises))]
    public async Task A_promise_is_kept(string promise)
    {
        await using Subject subject = new();
        await subject.PrepareAsync();
        await (Task)typeof(PacketQueueContract).GetMethod(promise)!.Invoke(subject, null)!;
    }

    sealed class Subject : PacketQueueContract, IAsyncDisposable
    {
        static readonly string s_connection = Environment.GetEnvironmentVariable(NamespaceTheoryAttribute.Variable)!;
        static readonly string? s_prefix = Environment.GetEnvironmentVariable(NamespaceTheoryAttribute.Variable + "_PREFIX");
        static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

        readonly string _prefix = s_prefix ?? AzuriteFixture.NewPrefix();
        readonly ServiceBusNamespace _bus = ServiceBusNamespace.Of(s_connection);

        protected override TimeProvider Time => TimeProvider.System;

        string[] Names => [$"{_prefix}-{Mix}", $"{_prefix}-mix-out"];

        protected override PacketQueue Create() => _bus.Queue(_prefix);

        protected override async ValueTask PassAsync() => await Task.Delay(50);

        public async Task PrepareAsync()
        {
            foreach (string name in Names)
            {
                if (s_prefix is not null)
                {
                    await EmptyAsync(name);
                    continue;
                }
                await new ServiceBusAdministrationClient(s_connection).CreateQueueAsync(new CreateQueueOptions(name)
                {
                    MaxDeliveryCount = 2000,
                    LockDuration = TimeSpan.FromSeconds(5),
                    // Should this process not come to delete it.
                    AutoDeleteOnIdle = TimeSpan.FromMinutes(5),
                });
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _bus.DisposeAsync();
            if (s_prefix is null)
            {
                foreach (string name in Names)
                {
                    await new ServiceBusAdministrationClient(s_connection).DeleteQueueAsync(name);
                }
            }
        }

        static async Task EmptyAsync(string name)
        {
            await using ServiceBusClient client = new(s_connection);
            await using ServiceBusReceiver receiver = client.CreateReceiver(name);
            await using ServiceBusSender sender = client.CreateSender(name);
            long start = Stopwatch.GetTimestamp();
            while (await receiver.PeekMessagesAsync(32, 0) is { Count: > 0 } left)
            {
                // What another test left locked comes when its lock ends.
                Assert.True(Stopwatch.GetElapsedTime(start) < s_patience, "The queue does not become empty.");
                foreach (ServiceBusReceivedMessage later in left.Where(message => message.State == ServiceBusMessageState.Scheduled))
                {
                    await sender.CancelScheduledMessageAsync(later.SequenceNumber);
                }
                foreach (ServiceBusReceivedMessage message in await receiver.ReceiveMessagesAsync(32, TimeSpan.FromSeconds(1)))
                {
                    await receiver.CompleteMessageAsync(message);
                }
            }
        }
    }
}
