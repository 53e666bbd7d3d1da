using Funion.Contracts;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Roles;

/// <summary>What a gateway takes follows what its own loops meet: less at once, more by and by, and never nothing.</summary>
public sealed class AdmissionTests : IDisposable
{
    /// <summary>λP + λL of the standard network.</summary>
    const double OneClient = 1.5;

    /// <summary>And λC + λL of compute, without which nobody is answered.</summary>
    const double Least = OneClient + 16.5;

    readonly VirtualTime _time = new();
    readonly SeededRandom _random = new(1);
    readonly LocalNetworkPlan _plan;
    readonly Admission _admission;

    public AdmissionTests()
    {
        _plan = LocalNetworkPlan.Create(new LocalNetworkOptions(), _time.GetUtcNow());
        _admission = new Admission(_plan.Document, _time);
    }

    [Fact]
    public void What_comes_all_at_once_is_taken_by_and_by_and_what_comes_steadily_at_once()
    {
        Assert.Equal(0, Offer(300, 30));
        Assert.Equal(0, Offer(400, 30));
        // Four times as much: first half as many again, then more with every second that passes.
        long first = Offer(1_600, 5), second = Offer(1_600, 5);
        Assert.InRange(first, 0.4 * 1_600 * 5, 0.6 * 1_600 * 5);
        Assert.InRange(second, 0, first - 1);
        Offer(1_600, 40);
        Assert.Equal(0, Offer(1_600, 10));
    }

    [Fact]
    public void A_few_clients_may_begin_at_once()
    {
        Offer(1, 60);
        Assert.Equal(0, Offer(20 * OneClient, 60));
    }

    [Fact]
    public void A_row_of_late_loops_cuts_and_the_first_in_time_that_left_since_brings_back_nine_tenths_of_what_was_carried()
    {
        Offer(100, 60);
        DateTimeOffset left = _time.GetUtcNow();
        Offer(100, 10);
        Judge(false, 19, left);
        Assert.Equal(150, _admission.PerSecond, 10.0);
        Judge(false, 1, left);
        Assert.Equal(25, _admission.PerSecond, 3.0);
        // What left before the cut meets what was there before it.
        Judge(true, 5, left);
        Judge(false, 50, left);
        Assert.Equal(25, _admission.PerSecond, 3.0);
        Assert.InRange(Offer(100, 10), 700, 800);
        Judge(true, 1, _time.GetUtcNow());
        // A thousand and some 250 within twenty seconds.
        Assert.Equal(0.9 * 1_250 / 20, _admission.PerSecond, 5.0);
    }

    [Fact]
    public void Of_what_is_limited_each_loop_in_time_brings_more_until_there_is_no_limit()
    {
        Offer(100, 60);
        Cut();
        Offer(100, 1);
        Judge(true, 1, _time.GetUtcNow());
        double from = _admission.PerSecond;
        Judge(true, 1, _time.GetUtcNow());
        Assert.Equal((1.0125 * from) + (0.0125 * OneClient), _admission.PerSecond, 1e-6);
        int loops = 0;
        while (Offer(100, 1) > 0)
        {
            Judge(true, 4, _time.GetUtcNow());
            Assert.InRange(++loops, 1, 60);
        }
    }

    [Fact]
    public void When_the_load_falls_below_the_limit_all_is_taken_a_second_later()
    {
        Offer(100, 60);
        Cut();
        Judge(true, 1, Tick());
        Assert.True(Offer(100, 5) > 0);
        Tick();
        Assert.Equal(0, Offer(0.4 * _admission.PerSecond, 20));
    }

    [Fact]
    public void It_closes_never_wholly_and_chance_chooses()
    {
        Offer(100, 60);
        for (int i = 0; i < 100; i++)
        {
            Cut();
            Tick();
        }
        Assert.Equal(Least, _admission.PerSecond, 1e-9);
        // Two clients of which one sends nine times as often: both are taken in proportion.
        int[] sent = new int[2], taken = new int[2];
        for (int i = 0; i < 40_000; i++)
        {
            int who = _random.Below(10) == 0 ? 0 : 1;
            sent[who]++;
            taken[who] += _admission.Admits(_random) ? 1 : 0;
            _time.Advance(TimeSpan.FromSeconds(0.3 / Least));
        }
        double first = taken[0] / (double)sent[0], second = taken[1] / (double)sent[1];
        Assert.InRange(first, 0.2, 0.4);
        Assert.InRange(first / second, 0.9, 1.1);
    }

    [Fact]
    public void A_hop_that_holds_some_loops_back_for_hours_cuts_nothing()
    {
        Offer(100, 30);
        for (int i = 0; i < 1_000; i++)
        {
            Judge(i % 3 != 0, 1, _time.GetUtcNow());
            Assert.Equal(0, Offer(100, 0.25));
        }
    }

    [Fact]
    public void A_mix_of_two_that_drops_all_it_can_costs_a_small_part_of_what_is_left_of_the_rest()
    {
        Offer(100, 30);
        long refused = 0;
        for (int i = 0; i < 4_000; i++)
        {
            // There and back past the other one: one in four.
            Judge(_random.Below(4) == 0, 1, _time.GetUtcNow() - TimeSpan.FromSeconds(4));
            refused += Offer(100, 0.25);
        }
        Assert.InRange(refused / 100_000.0, 0, 0.1);
    }

    [Fact]
    public void Where_layers_are_wide_a_lying_mix_cuts_nothing_and_a_full_layer_does()
    {
        using LocalNetworkPlan wide = LocalNetworkPlan.Create(new LocalNetworkOptions { MixesPerLayer = 4 }, _time.GetUtcNow());
        Admission admission = new(wide.Document, _time);
        _time.Advance(TimeSpan.FromSeconds(30));
        for (int i = 0; i < 120; i++)
        {
            // Of sixteen ways there and back nine go past it.
            admission.Judge(i % 16 < 9, Tick());
        }
        double before = admission.PerSecond;
        for (int i = 0; i < 20; i++)
        {
            admission.Judge(i % 10 == 0, Tick());
        }
        Assert.True(admission.PerSecond < before / 2);
    }

    public void Dispose() => _plan.Dispose();

    DateTimeOffset Tick()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _time.GetUtcNow();
    }

    void Cut() => Judge(false, 20, Tick());

    void Judge(bool inTime, int loops, DateTimeOffset left)
    {
        for (int i = 0; i < loops; i++)
        {
            _admission.Judge(inTime, left);
        }
    }

    /// <summary>Offers packets at a rate for some seconds; gives how many were turned away.</summary>
    long Offer(double perSecond, double seconds)
    {
        long before = _admission.Refused;
        DateTimeOffset end = _time.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        for (TimeSpan wait = _random.Exponential(TimeSpan.FromSeconds(1 / perSecond)); _time.GetUtcNow() + wait < end; wait = _random.Exponential(TimeSpan.FromSeconds(1 / perSecond)))
        {
            _time.Advance(wait);
            _admission.Admits(_random);
        }
        _time.Advance(end - _time.GetUtcNow());
        return _admission.Refused - before;
    }
}
