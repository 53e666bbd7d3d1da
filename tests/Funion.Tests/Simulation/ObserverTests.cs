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
        // Some fifteen kinds of links: at 4.5 standard deviations a false alarm is one in ten thousand runs, and the seed is fixed.
        Assert.All(idle.Keys.Union(busy.Keys), link => Assert.InRange(Z(idle, busy, link), -4.5, 4.5));
        // The control: two more clients that are online, and say nothing, are seen on the way in.
        using MixnetClient third = network.NewClient(), fourth = network.NewClient();
        network.Run.Add(third, fourth);
        SortedDictionary<string, long> more = Count(network, () => network.Run.For(s_span));
        Assert.True(Z(idle, more, "gateway → mix 1") > 4.5);
    }

    static double Z(SortedDictionary<string, long> one, SortedDictionary<string, long> other, string link)
    {
        double a = one.GetValueOrDefault(link), b = other.GetValueOrDefault(link);
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
