using Funion.Client;
using Funion.Contracts;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Client;

/// <summary>A sender, the network behind its gateway, and a clock that jumps from one thing to the next.</summary>
sealed class Stage : IDisposable
{
    public Stage(ulong seed = 1, LocalNetworkOptions? options = null)
    {
        // What awaits an answer runs inside a step, not on another thread.
        SynchronizationContext.SetSynchronizationContext(null);
        Plan = LocalNetworkPlan.Create(options ?? new LocalNetworkOptions { UserPayload = 2_000 }, Time.GetUtcNow());
        Gateway = new PeelingGateway(Plan, Time);
        Client = new MixnetClient(
            Plan.Document, Plan.Document.Gateways[0], Gateway, SenderRates.OfClient(Plan.Document), new SeededRandom(seed + 1_000), Time,
            new SeededRandom(seed));
    }

    public VirtualTime Time { get; } = new();

    public LocalNetworkPlan Plan { get; }

    public PeelingGateway Gateway { get; }

    public MixnetClient Client { get; }

    public ServiceAddress Courier => new(Plan.Document.Couriers[0], ServiceNames.Courier);

    public byte[] Payload(byte fill) => [.. Enumerable.Repeat(fill, Plan.Document.Geometry.UserPayload)];

    /// <summary>Lets so much time pass.</summary>
    public void Run(TimeSpan span) => RunUntil(() => false, span);

    /// <summary>Lets time pass until something is done; false if it is not within <paramref name="most"/>.</summary>
    public bool RunUntil(Func<bool> done, TimeSpan most)
    {
        DateTimeOffset end = Time.GetUtcNow() + most;
        while (!done())
        {
            DateTimeOffset next = Step();
            if (next > end)
            {
                Time.AdvanceTo(end);
                return done();
            }
            if (next > Time.GetUtcNow())
            {
                Time.AdvanceTo(next);
            }
        }
        return true;
    }

    /// <summary>One step at the present time; when the next is due.</summary>
    public DateTimeOffset Step()
    {
        Task<DateTimeOffset> step = Client.StepAsync(CancellationToken.None).AsTask();
        Assert.True(step.IsCompleted);
        return step.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        Client.Dispose();
        Plan.Dispose();
    }
}
