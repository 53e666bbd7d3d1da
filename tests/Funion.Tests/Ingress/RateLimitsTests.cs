using System.Net;

using Funion.Hosting.Ingress;
using Funion.Contracts;

namespace Funion.Tests.Ingress;

public sealed class RateLimitsTests
{
    readonly VirtualTime _time = new();

    [Fact]
    public void A_conforming_client_never_meets_the_limit()
    {
        TokenBucket bucket = new RateLimits(1.1 * 3, _time).ForConnection();
        for (int i = 0; i < 100_000; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1d / 3));
            Assert.True(bucket.TryTake());
        }
    }

    [Fact]
    public void A_connection_may_burst_and_then_keeps_to_the_rate()
    {
        TokenBucket bucket = new RateLimits(10, _time).ForConnection();
        Assert.Equal(256, Enumerable.Range(0, 1_000).Count(_ => bucket.TryTake()));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(50, Enumerable.Range(0, 1_000).Count(_ => bucket.TryTake()));
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:3::3", false)]
    public void Who_shares_a_network_shares_its_limit(string one, string other, bool shared)
    {
        RateLimits limits = new(10, _time);
        Exhaust(limits, IPAddress.Parse(one));
        Assert.Equal(!shared, limits.TryTake(IPAddress.Parse(other)));
    }

    [Fact]
    public void This_machine_has_no_limit_by_address()
    {
        RateLimits limits = new(10, _time);
        Assert.All(Enumerable.Range(0, 100_000), _ => Assert.True(limits.TryTake(IPAddress.Loopback) && limits.TryTake(IPAddress.IPv6Loopback)));
        Assert.Equal(0, limits.Addresses);
    }

    [Fact]
    public void A_table_that_is_full_forgets_the_least_recent_and_gives_newcomers_little()
    {
        RateLimits limits = new(10, _time) { MostAddresses = 100 };
        IPAddress regular = IPAddress.Parse("198.51.100.1");
        Assert.True(limits.TryTake(regular));
        for (int i = 0; i < 1_000; i++)
        {
            IPAddress visitor = new([203, 0, (byte)(i >> 8), (byte)(i & 255)]);
            int taken = Enumerable.Range(0, 64).Count(_ => limits.TryTake(visitor));
            Assert.Equal(i < 99 ? 64 : 32, taken);
            Assert.True(limits.TryTake(regular));
            Assert.InRange(limits.Addresses, 1, 100);
        }
    }

    static void Exhaust(RateLimits limits, IPAddress address)
    {
        for (int i = 0; i < 1_000_000; i++)
        {
            if (!limits.TryTake(address))
            {
                return;
            }
        }
        Assert.Fail("There is no limit.");
    }
}
