using Funion.Contracts;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Roles;

/// <summary>Processes of one node that have nothing in common but its store.</summary>
public sealed class NodeTotalsTests : IDisposable
{
    static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    readonly VirtualTime _time = new();
    readonly MemoryBoxStore _store = new();
    readonly LocalNetworkPlan _plan;
    readonly Dictionary<long, SecretBytes> _atRest = [];
    readonly List<NodeTotals> _made = [];

    public NodeTotalsTests() => _plan = LocalNetworkPlan.Create(new LocalNetworkOptions { UserPayload = 1_000, Slack = TimeSpan.FromSeconds(80) }, _time.GetUtcNow());

    NetworkDocument Document => _plan.Document;

    [Fact]
    public async Task Who_takes_packets_in_hears_within_an_interval_how_late_another_process_is()
    {
        Instance takes = Create(), releases = Create();
        await takes.Totals.LearnAsync(default);
        releases.Gauge.Report(Document.Slack / 2);
        await releases.Totals.ShareAsync(default);
        Assert.Equal(TimeSpan.Zero, takes.Gauge.Lateness);
        _time.Advance(s_interval);
        await takes.Totals.LearnAsync(default);
        // As old as it is: half is forgotten every quarter of the slack.
        Assert.Equal(40 * Math.Pow(0.5, 0.5), takes.Gauge.Lateness.TotalSeconds, 3);
        Assert.Equal(releases.Gauge.Lateness, takes.Gauge.Lateness);
        // Said again by whoever heard it, it is not news.
        await takes.Totals.ShareAsync(default);
        _time.Advance(s_interval);
        await releases.Totals.LearnAsync(default);
        Assert.Equal(20, releases.Gauge.Lateness.TotalSeconds, 3);
    }

    [Fact]
    public async Task Who_takes_packets_in_hears_of_loops_that_another_process_missed_and_met()
    {
        Instance takes = Create(), judges = Create();
        SeededRandom random = new(3);
        _time.Advance(s_interval);
        for (int i = 0; i < 1_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            takes.Admission.Admits(random);
        }
        double before = takes.Admission.PerSecond;
        await takes.Totals.LearnAsync(default);
        for (int i = 0; i < 20; i++)
        {
            judges.Admission.Judge(inTime: false, _time.GetUtcNow());
        }
        await judges.Totals.ShareAsync(default);
        _time.Advance(s_interval);
        takes.Admission.Admits(random);
        await takes.Totals.LearnAsync(default);
        double cut = takes.Admission.PerSecond;
        Assert.InRange(cut, 0, before / 2);
        // Heard twice it is no news.
        _time.Advance(s_interval);
        await takes.Totals.LearnAsync(default);
        Assert.Equal(cut, takes.Admission.PerSecond);
        for (int i = 0; i < 3; i++)
        {
            judges.Admission.Judge(inTime: true, _time.GetUtcNow());
            await judges.Totals.ShareAsync(default);
            _time.Advance(s_interval);
            await takes.Totals.LearnAsync(default);
        }
        Assert.NotEqual(cut, takes.Admission.PerSecond);
    }

    [Fact]
    public async Task Loops_that_one_process_sends_and_another_meets_are_counted_once_and_for_two_epochs()
    {
        Instance sends = Create(), meets = Create(), asks = Create();
        for (int i = 0; i < 5; i++)
        {
            sends.Counters.CountSent();
        }
        meets.Counters.CountReturned(late: false);
        await sends.Totals.ShareAsync(default);
        await meets.Totals.ShareAsync(default);
        Assert.Equal((5, 1), await asks.ReportAsync());
        // What was asked for is the same for a while, however often.
        sends.Counters.CountSent();
        _time.Advance(s_interval);
        await sends.Totals.ShareAsync(default);
        Assert.Equal((6, 1), await asks.ReportAsync());

        NextEpoch();
        sends.Counters.CountSent();
        await sends.Totals.ShareAsync(default);
        Assert.Equal((7, 1), await asks.ReportAsync());
        NextEpoch();
        await sends.Totals.ShareAsync(default);
        Assert.Equal((1, 0), await asks.ReportAsync());
        Assert.Equal((1, 0), await Create().ReportAsync());
    }

    [Fact]
    public async Task A_process_that_was_quiet_for_long_is_heard_again()
    {
        Instance sleeps = Create(), asks = Create();
        sleeps.Counters.CountSent();
        await sleeps.Totals.ShareAsync(default);
        Assert.Equal((1, 0), await asks.ReportAsync());
        for (int i = 0; i < 30; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal((1, 0), await asks.ReportAsync());
        }
        sleeps.Counters.CountSent();
        await sleeps.Totals.ShareAsync(default);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((2, 0), await asks.ReportAsync());
    }

    [Fact]
    public async Task A_process_that_ends_leaves_what_it_said()
    {
        Instance first = Create();
        first.Counters.CountSent();
        await first.Totals.ShareAsync(default);
        _time.Advance(TimeSpan.FromHours(1));
        Instance next = Create();
        next.Counters.CountSent();
        Assert.Equal((2, 0), await next.ReportAsync());
    }

    [Fact]
    public async Task A_store_that_is_away_stops_no_packet_and_a_report_says_so()
    {
        FaultPlan faults = new() { Outage = true };
        Instance alone = Create(new FaultyBoxStore(_store, faults));
        alone.Counters.CountSent();
        await alone.Totals.ShareAsync(default);
        await alone.Totals.LearnAsync(default);
        await Assert.ThrowsAsync<PortUnavailableException>(async () => await alone.Totals.ReportAsync(default));
        faults.Outage = false;
        Assert.Equal((1, 0), await alone.ReportAsync());
    }

    [Fact]
    public async Task Nobody_is_asked_more_often_than_it_is_time()
    {
        FaultPlan faults = new();
        Instance busy = Create(new FaultyBoxStore(_store, faults));
        for (int i = 0; i < 1_000; i++)
        {
            busy.Counters.CountSent();
            await busy.Totals.ShareAsync(default);
            await busy.Totals.LearnAsync(default);
            await busy.Totals.ReportAsync(default);
        }
        Assert.InRange(faults.Operations, 1, 20);
    }

    public void Dispose()
    {
        _made.ForEach(totals => totals.Dispose());
        _plan.Dispose();
    }

    void NextEpoch()
    {
        long epoch = Document.EpochAt(_time.GetUtcNow());
        while (Document.EpochAt(_time.GetUtcNow()) == epoch)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    Instance Create(BoxStore? store = null)
    {
        NodeDescriptor gateway = Document.Gateways[0];
        LoopCounters counters = new();
        LoadGauge gauge = new(Document.Slack, _time);
        Admission admission = new(Document, _time);
        LoopRole loops = new(gateway, Document, store ?? _store, _atRest, new SeededRandom(5), _time, counters, admission);
        NodeTotals totals = new(store ?? _store, Document, loops, counters, gauge, admission, _time);
        _made.Add(totals);
        return new Instance(totals, counters, gauge, admission);
    }

    sealed record Instance(NodeTotals Totals, LoopCounters Counters, LoadGauge Gauge, Admission Admission)
    {
        public async Task<(long Sent, long Returned)> ReportAsync()
        {
            LoopReport report = await Totals.ReportAsync(default);
            return (report.Sent, report.Returned);
        }
    }
}
