using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Client;
using Funion.Inference;

namespace Funion.Tests.Simulation;

/// <summary>What somebody who counts messages on every wire can tell.</summary>
public sealed class ObserverTests
{
    static readonly TimeSpan s_span = TimeSpan.FromMinutes(3);

    [Fact]
    public void Counts_on_no_link_tell_whether_a_client_asks_and_they_do_tell_when_more_are_online()
    {
        using SimulatedNetwork network = new();
        network.Run.For(TimeSpan.FromMinutes(1));
        SortedDictionary<string, long> idle = Count(network, () => network.Run.For(s_span));
        int done = 0;
        Task asking = AskAsync(network.Client, () => done++);
        SortedDictionary<string, long> busy = Count(network, () => network.Run.For(s_span));
        Assert.True(done >= 3, $"{done} rounds");
        Assert.False(asking.IsFaulted);
        Assert.True(idle.Count >= 10);
        // Some fifteen kinds of links: at 4.5 standard deviations a false alarm is one in ten thousand runs. The draws are seeded, the order of the threads is not.
        Assert.All(idle.Keys.Union(busy.Keys), link => Assert.InRange(Z(idle, busy, link), -4.5, 4.5));
        // The control: four more clients that are online, and say nothing, are seen on the way in. Two would be at 6.4 standard deviations, too near to 4.5.
        using MixnetClient third = network.NewClient(), fourth = network.NewClient(), fifth = network.NewClient(), sixth = network.NewClient();
        network.Run.Add(third, fourth, fifth, sixth);
        SortedDictionary<string, long> more = Count(network, () => network.Run.For(s_span));
        Assert.InRange(Z(idle, more, "gateway → mix 1"), 4.5, double.PositiveInfinity);
    }

    /// <summary>The difference of two Poisson counts in standard deviations. Between courier and replicas an envelope is several messages, so it is envelopes that are counted there.</summary>
    static double Z(SortedDictionary<string, long> one, SortedDictionary<string, long> other, string link)
    {
        double each = link is "courier → replica" or "replica → courier" ? (double)one[link] / one["mix 3 → courier"] : 1;
        double a = one.GetValueOrDefault(link) / each, b = other.GetValueOrDefault(link) / each;
        return (b - a) / Math.Sqrt(Math.Max(1, a + b));
    }

    static SortedDictionary<string, long> Count(SimulatedNetwork network, Action meanwhile)
    {
        SortedDictionary<string, long> before = network.Network.Links.ByKind(network.Document), counts = new(StringComparer.Ordinal);
        meanwhile();
        foreach ((string link, long count) in network.Network.Links.ByKind(network.Document))
        {
            counts[link] = count - before.GetValueOrDefault(link);
        }
        return counts;
    }

    /// <summary>Asks, stores, fetches and deletes without pause.</summary>
    static async Task AskAsync(FunionClient client, Action done)
    {
        while (true)
        {
            await client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5));
            done();
            WriteCapability stored = await client.PutAsync(RandomNumberGenerator.GetBytes(3_000));
            await client.GetAsync(stored.ToReadCapability(), 3_000);
            await client.DeleteAsync(stored);
            done();
        }
    }
}
